"""How fast features are written, found again, checked and read, and content is made a key of, in GB/s.

    python3 dev.py bench feature_store_speed [--gigabytes 1] [--directory DIR] [--repeats 3]

Beside writing stands what the same bytes cost when they are written to a plain file. Reading is from the system's own
cache unless "cold" is said, where the system was asked to forget the file.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from tl_toolkit import feature_files
from tl_toolkit.feature_store import FeatureSpec, FeatureStore, content_key

SPECS = [FeatureSpec((7, 7, 320), "float32")]
BATCH = np.random.default_rng(0).normal(size=(256, 7, 7, 320)).astype("float32")
KEY = content_key("speed")


def plain_file(directory: Path, samples: int):
    path = directory / "plain"
    with path.open("wb", buffering=0) as file:
        for start in range(0, samples, len(BATCH)):
            file.write(BATCH[: samples - start].reshape(-1).view("uint8"))
        os.fsync(file.fileno())
    path.unlink()


def build(store: FeatureStore, samples: int):
    with store.build(KEY, SPECS, samples) as writer:
        for start in range(0, samples, len(BATCH)):
            writer.append([BATCH[: samples - start]])
        return writer.finish()


def shuffled_epoch(features):
    order = np.random.default_rng(0).permutation(features.samples)
    for start in range(0, features.samples, 32):
        features.arrays[0][order[start : start + 32]]


def forget(directory: Path):
    (path,) = directory.glob("*.features")
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(directory: Path, samples: int, note):
    note("plain file written and synced", lambda: plain_file(directory, samples))
    store = FeatureStore(directory)
    note("file written, synced, published", lambda: build(store, samples))
    note("file checked", lambda: (feature_files._VERIFIED.clear(), store.find(KEY, SPECS, samples)))
    note("file, shuffled epoch", lambda: shuffled_epoch(store.find(KEY, SPECS, samples)))
    if hasattr(os, "posix_fadvise"):
        forget(directory)
        note("file checked, cold", lambda: (feature_files._VERIFIED.clear(), store.find(KEY, SPECS, samples)))
    store.clear()
    store = FeatureStore(memory_budget=10**12)
    note("memory written", lambda: build(store, samples))
    note("memory, shuffled epoch", lambda: shuffled_epoch(store.find(KEY, SPECS, samples)))
    store.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0, help="bytes of features, in GB")
    parser.add_argument("--directory", default=None, help="where files are written; a temporary one by default")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    samples = max(len(BATCH), int(options.gigabytes * 1e9) // SPECS[0].nbytes)
    speeds = defaultdict(list)

    def note(name, work, nbytes=samples * SPECS[0].nbytes):
        began = time.perf_counter()
        work()
        speeds[name].append(nbytes / (time.perf_counter() - began) / 1e9)

    images = np.random.default_rng(0).integers(0, 255, (1000, 224, 224, 3), dtype="uint8")
    for _ in range(options.repeats):
        with tempfile.TemporaryDirectory(dir=options.directory) as directory:
            measure(Path(directory), samples, note)
        note("content_key of images", lambda: content_key(images), images.nbytes)
        note("content_key of every second image", lambda: content_key(images[::2]), images.nbytes // 2)

    print(f"{samples * SPECS[0].nbytes / 1e9:.2f} GB of features, {options.repeats} times: median (lowest, highest)")
    for name, values in speeds.items():
        print(f"  {name:<36} {statistics.median(values):6.2f} ({min(values):.2f}, {max(values):.2f}) GB/s")


if __name__ == "__main__":
    main()
