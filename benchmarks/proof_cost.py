"""What `prove_frozen` costs beside one epoch of fine-tuning MobileNetV2, in one process.

    python3 dev.py bench proof_cost [--images 512] [--repeats 5]

The fit is the shortest there is, of the head alone at 96 pixels, once compiled and warm. Watched and unwatched epochs
take turns; the cost is also taken by itself, since two epochs differ by more than it.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np

import tl_toolkit as tl


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    keras.utils.set_random_seed(0)
    source = keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3), include_top=False, pooling="avg")
    model = tl.replace_head(source, 10)
    tl.FreezePlan.head_only().apply(model)
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (options.images, 96, 96, 3)).astype("float32")
    y = rng.integers(0, 10, options.images)

    def epoch() -> float:
        began = time.perf_counter()
        model.fit(x, y, batch_size=32, verbose=0)
        return time.perf_counter() - began

    def watched() -> tuple[float, float]:
        began = time.perf_counter()
        with tl.prove_frozen(model) as proof:
            fit = epoch()
        cost = time.perf_counter() - began - fit
        assert proof.report.holds and proof.report.frozen_tensors and proof.report.batchnorm_statistics
        return fit, cost

    first = epoch()
    watched()
    fits, costs = [], []
    for _ in range(options.repeats):
        fit, cost = watched()
        fits += [fit, epoch()]
        costs.append(cost)
    cost, fit = statistics.median(costs), statistics.median(fits)
    print(f"MobileNetV2, head only, {options.images} images of 96 pixels, {options.repeats} times on "
          f"{keras.backend.backend()}")  # fmt: skip
    print(
        f"  one epoch, warm    {fit:.3f} s  ({min(fits):.3f} to {max(fits):.3f}); the first one, traced, {first:.2f} s"
    )
    print(f"  prove_frozen      {1e3 * cost:.1f} ms  ({1e3 * min(costs):.1f} to {1e3 * max(costs):.1f})")
    print(f"  of a warm epoch    {cost / fit:.2%}   at most 2 %: {'yes' if cost <= 0.02 * fit else 'NO'}")
    print(f"  of the first one   {cost / first:.2%}")


if __name__ == "__main__":
    main()
