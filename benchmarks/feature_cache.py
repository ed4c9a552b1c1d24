"""What the feature cache saves: a head on a frozen MobileNetV2, by four ways in turn, everything included.

    python3 dev.py bench feature_cache [--images 512] [--size 96] [--epochs 10] [--repeats 3] [--only runs,step,...]

runs    Keras' guide (freeze, compile, fit), the bottleneck recipe that people write by hand (`predict` once, then fit
        a head), and `fine_tune`, first and once more on the same data. Tracing, hashing and checks included; the
        weights of the backbone are random, its BatchNormalization is calibrated on the images.
step    a step of the head on stored features: Keras' `fit` and the loop of `fine_tune`.
plain   `cache="auto"` against `cache=False` over models, freezes and epochs: never slower than a few percent.
rest    what more images cost, which leaves out tracing and all else that is done once, beside what they have to cost:
        a pass through the prefix, and the suffix in each epoch.
memory  the highest use of memory of a process that only fits, of one that caches, and of one whose features are ten
        times as large as the memory that they may take.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import tl_toolkit as tl
from tl_toolkit.cache_options import CacheOptions
from tl_toolkit.cut import split
from tl_toolkit.data import ArrayData
from tl_toolkit.epoch_loop import fit_in_graph
from tl_toolkit.events import CacheEnded, CacheStarted, EpochEnded
from tl_toolkit.executor import SuffixModel, compile_suffix
from tl_toolkit.feature_store import shared_store

L = keras.layers
TOLD = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


def backbone(size, x, name="MobileNetV2"):
    """A network with random weights whose features tell the images apart."""
    keras.utils.set_random_seed(0)
    base = getattr(keras.applications, name)(
        weights=None, input_shape=(size, size, 3), include_top=False, pooling="avg"
    )
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
    """Seconds by the clock, seconds of processors, and the result."""
    keras.backend.clear_session()
    began, worked = time.perf_counter(), time.process_time()
    result = function(*args)
    return time.perf_counter() - began, time.process_time() - worked, result


def runs(x, y, args):
    ways = {"Keras guide": by_guide, "bottleneck by hand": by_bottleneck, "fine_tune": by_toolkit}
    times = {name: [] for name in (*ways, "fine_tune again")}
    for _ in range(args.repeats):
        for name, way in ways.items():
            shared_store().clear()
            *seconds, result = timed(way, backbone(args.size, x), x, y, args.size, args.epochs)
            times[name].append(seconds)
        *seconds, result = timed(by_toolkit, backbone(args.size, x), x, y, args.size, args.epochs)
        times["fine_tune again"].append(seconds)
        print(f"  {result.cache_report}", flush=True)
    middles = {name: [statistics.median(column) for column in zip(*values)] for name, values in times.items()}
    print(f"\nhead on MobileNetV2, {args.size} px, {len(x)} images, {args.epochs} epochs, {args.repeats} runs each")
    print(f"  {'':<20} by the clock              by the processors")
    for name, (clock, processors) in middles.items():
        slowest, busiest = middles["Keras guide"]
        least, most = (bound(values)[0] for bound, values in ((min, times[name]), (max, times[name])))
        print(f"  {name:<20} {clock:6.1f} s  ({least:.1f} to {most:.1f})  {slowest / clock:5.1f} x", end="")
        print(f"  {processors:6.1f} s  {busiest / processors:5.1f} x")


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
        whole = split(model).whole("a head alone")
        compile_suffix(suffix := SuffixModel(whole), whole, **TOLD)
        fit_in_graph(suffix, ArrayData(features, labels), batch_size=32, epochs=epochs, seed=0, seen=model)

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
    print("\ncache='auto' beside cache=False, seconds and ratio; processor time, which other programs do not change")
    worst = 0.0
    for name in args.models.split(","):
        for blocks, plan in (("head", tl.FreezePlan.head_only()), ("2 blocks", tl.FreezePlan.last(2, "blocks"))):
            for epochs in map(int, args.grid.split(",")):
                spent = {"auto": [], False: []}
                for repeat in range(args.repeats):
                    for cache in ("auto", False) if repeat % 2 else (False, "auto"):
                        shared_store().clear()
                        keras.backend.clear_session()
                        model = with_head(backbone(args.size, x, name), args.size)
                        recipe = tl.Recipe.full(epochs, plan=plan)
                        began = time.process_time()
                        tl.fine_tune(model, (x, y), recipe=recipe, cache=cache, monitor="silent")
                        spent[cache].append(time.process_time() - began)
                auto, without = (min(values) for values in spent.values())
                worst = max(worst, auto / without)
                print(
                    f"  {name:<14} {blocks:<9} {epochs:>2} epochs  {auto:6.1f} {without:6.1f}  {auto / without:.2f}",
                    flush=True,
                )
    print(f"  the worst: {worst:.2f}")


class Times:
    """Hears how long the features took, and each epoch."""

    def __init__(self):
        self.pass_seconds, self.epochs = 0.0, []

    def __call__(self, event):
        if isinstance(event, CacheStarted):
            self._began = time.perf_counter()
        elif isinstance(event, CacheEnded):
            self.pass_seconds = time.perf_counter() - self._began
        elif isinstance(event, EpochEnded):
            self.epochs.append(event.seconds)


def rest(x, y, args):
    """Two numbers of images tell what an image costs from what is done once, in a run and in its two parts alike."""
    few, totals, passes, suffixes = len(x) // 4, [], [], []
    for blocks, plan in (("head", tl.FreezePlan.head_only()), ("2 blocks", tl.FreezePlan.last(2, "blocks"))):
        for _ in range(args.repeats):
            spent, prefix, epoch = [], [], []
            for images in (few, len(x)):
                shared_store().clear()
                keras.backend.clear_session()
                model, times = with_head(backbone(args.size, x), args.size), Times()
                recipe = tl.Recipe.full(args.epochs, plan=plan)
                began = time.perf_counter()
                tl.fine_tune(model, (x[:images], y[:images]), recipe=recipe, cache=True, monitor=times)
                spent.append(time.perf_counter() - began)
                prefix.append(times.pass_seconds)
                epoch.append(statistics.median(times.epochs[1:]))
            totals.append(spent[1] - spent[0])
            passes.append(prefix[1] - prefix[0])
            suffixes.append(epoch[1] - epoch[0])
        total, one_pass, one_epoch = map(statistics.median, (totals, passes, suffixes))
        due = one_pass + args.epochs * one_epoch
        print(f"\n{blocks}: {len(x) - few} images more cost {total:.2f} s in {args.epochs} epochs; ", end="")
        print(
            f"a pass {one_pass:.2f} s and {args.epochs} epochs of {one_epoch:.3f} s are {due:.2f} s: {total / due:.2f}"
        )


PEAKS = {"head, plain": False, "head, cached": True, "body, plain": False, "body, a tenth in memory": None}


def peak(way, args):
    """Prints by how much the highest use of memory grows; in a process of its own."""
    x, y = samples(args)
    model = with_head(backbone(args.size, x), args.size)
    plan = tl.FreezePlan.head_only() if way.startswith("head") else tl.FreezePlan.from_layer("block_3_expand")
    budget = x.nbytes // 20  # the features before that layer are half as large as the images
    with tempfile.TemporaryDirectory() as folder:
        cache = PEAKS[way]
        cache = CacheOptions(folder, always=True, memory_budget=budget) if cache is None else cache
        before, mapped = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, mapped_files()
        recipe = tl.Recipe.full(2, plan=plan)
        run = tl.fine_tune(model, (x, y), recipe=recipe, cache=cache, monitor="silent")
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        pages = mapped_files() - mapped
    print(f"{grown:4.0f} MiB, {pages:3.0f} MiB of it pages of files, which give way  {run.cache_report}")


def mapped_files() -> float:
    """MiB of files that a process has in memory; the system takes them away when it needs room. Only on Linux."""
    status = Path("/proc/self/status")
    found = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("RssFile")]
    return int(found[0]) / 1024


def memory(args):
    print(f"\nby how much the highest use of memory grows, {args.images} images of {args.size} px")
    options = [f"--{name}={getattr(args, name)}" for name in ("images", "size")]
    for way in PEAKS:
        command = [sys.executable, __file__, *options, f"--only=peak:{way}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().splitlines()[-1]
        print(f"  {way:<24}{told}", flush=True)


def samples(args):
    """Images whose mean colour tells their class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, args.images)
    x = rng.normal(size=(args.images, args.size, args.size, 3)).astype("float32")
    x += np.eye(5)[y][:, :3].reshape(-1, 1, 1, 3).astype("float32")
    return x, y


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("images", 512), ("size", 96), ("epochs", 10), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--only", default="runs,step,plain,rest,memory")
    parser.add_argument("--models", default="MobileNetV2,EfficientNetB0")
    parser.add_argument("--grid", default="1,2,5,20", help="numbers of epochs")
    args = parser.parse_args()
    if args.only.startswith("peak:"):
        peak(args.only.removeprefix("peak:"), args)
        return
    x, y = samples(args)
    ways = {"step": lambda: step(args), "memory": lambda: memory(args)}
    ways |= {way.__name__: lambda way=way: way(x, y, args) for way in (runs, plain, rest)}
    for name in args.only.split(","):
        ways[name]()


if __name__ == "__main__":
    main()
