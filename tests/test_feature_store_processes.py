"""Processes share one folder of features, give up half-way and are killed: what they get is right, or nothing."""

import random
import subprocess
import sys

import pytest

PROGRAM = """
import random, sys
import numpy as np
from tl_toolkit import feature_files
from tl_toolkit.core import CacheError
from tl_toolkit.feature_store import FeatureSpec, FeatureStore, content_key

directory, seed, locks = sys.argv[1:]
if locks == "without locks":
    feature_files.fcntl = None
random, store = random.Random(seed), FeatureStore(directory, disk_budget=4_000_000)
specs, samples = [FeatureSpec((100,), "float32"), FeatureSpec((7,), "bool"), FeatureSpec((), "int16")], 2000

def features(key, start, stop):
    rows = np.arange(start, stop)[:, None]
    return [(100 * rows + np.arange(100) + key).astype("float32"), (rows + np.arange(7) + key) % 2 == 0,
            (rows[:, 0] * key % 1000).astype("int16")]

def right(found, key):
    return all((array == expected).all() for array, expected in zip(found.arrays, features(key, 0, samples)))

in_use = []
for turn in range(150):
    key = random.randrange(8)
    if random.random() < 0.3:
        feature_files._VERIFIED.clear()
    found, how = store.find(content_key(key), specs, samples), "found"
    if found is None:
        try:
            with store.build(content_key(key), specs, samples) as writer:
                how = "resumed" if writer.done else "built"
                for start in range(writer.done, samples, 130):
                    print("writing", flush=True)
                    if random.random() < 0.02:
                        raise KeyboardInterrupt
                    writer.append(features(key, start, min(start + 130, samples)))
                found = writer.finish()
        except KeyboardInterrupt:
            continue
        except CacheError:
            print("refused", flush=True)  # the others use all there is
            continue
    in_use = [*in_use, (found, key)][-2:]
    print(how if all(right(*one) for one in in_use) else "wrong", flush=True)
    if random.random() < 0.02:
        store.clear()
"""


def start(directory, seed, locks):
    command = [sys.executable, "-c", PROGRAM, str(directory), str(seed), locks]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("locks", ["with locks", "without locks"])
def test_processes_that_share_a_folder_get_right_features_or_none(tmp_path, locks):
    steady = [start(tmp_path, seed, locks) for seed in range(2)]
    told = []
    if locks == "with locks":
        lines = random.Random(0)
        for seed in range(6):
            with start(tmp_path, 100 + seed, locks) as process:
                told += [process.stdout.readline().strip() for _ in range(lines.randrange(1, 60))]
                process.kill()
                told += process.stdout.read().split()
    for process in steady:
        told += process.communicate()[0].split()
        assert process.returncode == 0
    assert "wrong" not in told
    assert {"found", "built", "resumed"} <= set(told)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4_000_000 + 2 * 850_000
