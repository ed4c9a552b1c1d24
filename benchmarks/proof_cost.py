"""What `prove_frozen` costs beside one epoch of fine-tuning MobileNetV2, in one process.

    python3 dev.py bench proof_cost [--images 512] [--repeats 5]

The fit is the shortest there is, of the head alone at 96 pixels, once compiled and warm. Watched and unwatched epochs
take turns; the cost is taken by itself, since two epochs differ by more than it, and the fastest of each counts, since
other programs disturb a few milliseconds more than a second.
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
    cost, fit = min(costs), min(fits)
    middle_cost, middle_fit = statistics.median(costs), statistics.median(fits)
    backend = keras.backend.backend()
    print(f"MobileNetV2, head only, {options.images} images of 96 pixels, {options.repeats} times, on {backend}")
    print(f"{'':<22}{'fastest':>10}{'median':>10}")
    print(f"{'one epoch, warm':<22}{fit:>8.3f} s{middle_fit:>8.3f} s   the first one, with its tracing: {first:.2f} s")
    print(f"{'prove_frozen':<22}{1e3 * cost:>7.1f} ms{1e3 * middle_cost:>7.1f} ms")
    met = "yes" if cost <= 0.02 * fit else "NO"
    print(f"{'of a warm epoch':<22}{cost / fit:>10.2%}{middle_cost / middle_fit:>10.2%}   at most 2 %: {met}")


if __name__ == "__main__":
    main()
