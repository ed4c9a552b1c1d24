"""What the feature cache saves: a head on a frozen MobileNetV2, by four ways in turn, everything included.

    python3 dev.py bench feature_cache [--images 512] [--size 96] [--epochs 10] [--repeats 3] [--only runs,step,plain]

runs    Keras' guide (freeze, compile, fit), the bottleneck recipe that people write by hand (`predict` once, then fit
        a head), and `fine_tune`, first and once more on the same data. Tracing, hashing and checks included; the
        weights of the backbone are random, its BatchNormalization is calibrated on the images.
step    a step of the head on stored features: Keras' `fit` and the loop of `fine_tune`.
plain   `cache="auto"` against `cache=False` over freezes and numbers of epochs: never slower than a few percent.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import tl_toolkit as tl
from tl_toolkit.data import ArrayData
from tl_toolkit.epoch_loop import fit_in_graph
from tl_toolkit.feature_store import shared_store

L = keras.layers
TOLD = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


def backbone(size, x):
    """A MobileNetV2 with random weights whose features tell the images apart."""
    keras.utils.set_random_seed(0)
    base = keras.applications.MobileNetV2(weights=None, input_shape=(size, size, 3), include_top=False, pooling="avg")
    for layer in base.layers:
        if isinstance(layer, L.BatchNormalization):
            layer.momentum = 0.0
    base(x[:64], training=True)
    features = base.predict(x[:64], verbose=0)
    assert features.std(axis=0).mean() > 0.05, "the features must have spread"
    return base


def with_head(base, size):
    keras.utils.set_random_seed(1)
    image = keras.Input((size, size, 3))
    return keras.Model(image, L.Dense(5, "softmax", name="head")(base(image, training=False)))


def by_guide(base, x, y, size, epochs):
    base.trainable = False
    model = with_head(base, size)
    model.compile(keras.optimizers.Adam(1e-2), **TOLD)
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return model


def by_bottleneck(base, x, y, size, epochs):
    features = base.predict(x, batch_size=32, verbose=0)
    keras.utils.set_random_seed(1)
    head = keras.Sequential([keras.Input(features.shape[1:]), L.Dense(5, "softmax")])
    head.compile(keras.optimizers.Adam(1e-2), **TOLD)
    head.fit(features, y, batch_size=32, epochs=epochs, verbose=0)
    return head


def by_toolkit(base, x, y, size, epochs):
    model = with_head(base, size)
    return tl.fine_tune(model, (x, y), recipe="linear_probe", epochs=epochs, monitor="silent")


def timed(function, *args):
    keras.backend.clear_session()
    began = time.perf_counter()
    result = function(*args)
    return time.perf_counter() - began, result


def runs(x, y, args):
    ways = {"Keras guide": by_guide, "bottleneck by hand": by_bottleneck, "fine_tune": by_toolkit}
    times = {name: [] for name in (*ways, "fine_tune again")}
    for _ in range(args.repeats):
        for name, way in ways.items():
            shared_store().clear()
            seconds, result = timed(way, backbone(args.size, x), x, y, args.size, args.epochs)
            times[name].append(seconds)
        seconds, result = timed(by_toolkit, backbone(args.size, x), x, y, args.size, args.epochs)
        times["fine_tune again"].append(seconds)
        print(f"  {result.cache_report}", flush=True)
    guide = statistics.median(times["Keras guide"])
    print(f"\nhead on MobileNetV2, {args.size} px, {len(x)} images, {args.epochs} epochs, {args.repeats} runs each")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"  {name:<20} {middle:6.1f} s  ({min(values):.1f} to {max(values):.1f})  {guide / middle:5.1f} x")


def step(args):
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(2048, 1280)).astype("float32"), rng.integers(0, 5, 2048)

    def head():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((1280,)), L.Dense(5, "softmax")])
        model.compile("adam", **TOLD)
        return model

    def by_fit(model, epochs):
        model.fit(features, labels, batch_size=32, epochs=epochs, verbose=0)

    def by_loop(model, epochs):
        fit_in_graph(model, ArrayData(features, labels), batch_size=32, epochs=epochs, seed=0)

    # Two numbers of epochs tell the time of a step from that of preparing.
    found = {"Keras fit": [], "fine_tune's loop": []}
    for _ in range(args.repeats):
        for name, way in zip(found, (by_fit, by_loop)):
            short, long = (timed(way, head(), epochs)[0] for epochs in (2, 22))
            found[name].append((long - short) / (20 * 64) * 1e3)
    fit, loop = (statistics.median(values) for values in found.values())
    print("\na step of the head on stored features, 1280 numbers, batches of 32")
    print(f"  Keras fit {fit:.2f} ms, the loop {loop:.3f} ms: {fit / loop:.1f} x")


def plain(x, y, args):
    print("\ncache='auto' beside cache=False, seconds and ratio")
    for blocks, plan in (("head", tl.FreezePlan.head_only()), ("2 blocks", tl.FreezePlan.last(2, "blocks"))):
        for epochs in (1, 2, 5, 20):
            ratios, seconds = [], []
            for _ in range(args.repeats):
                spent = []
                for cache in ("auto", False):
                    shared_store().clear()
                    model = with_head(backbone(args.size, x), args.size)
                    recipe = tl.Recipe.full(epochs, plan=plan)
                    began = time.perf_counter()
                    tl.fine_tune(model, (x, y), recipe=recipe, cache=cache, monitor="silent")
                    spent.append(time.perf_counter() - began)
                ratios.append(spent[0] / spent[1])
                seconds.append(spent)
            auto, without = map(statistics.median, zip(*seconds))
            print(
                f"  {blocks:<9} {epochs:>2} epochs  {auto:6.1f} {without:6.1f}  {statistics.median(ratios):.2f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("images", 512), ("size", 96), ("epochs", 10), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--only", default="runs,step,plain")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, args.images)
    x = rng.normal(size=(args.images, args.size, args.size, 3)).astype("float32")
    x += np.eye(5)[y][:, :3].reshape(-1, 1, 1, 3).astype("float32")
    for name in args.only.split(","):
        {"runs": lambda: runs(x, y, args), "step": lambda: step(args), "plain": lambda: plain(x, y, args)}[name]()


if __name__ == "__main__":
    main()
