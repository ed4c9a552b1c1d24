"""Several devices, and several processes, give what one device gives: `fine_tune` stays out of Keras' way.

Each run is a process of its own, since devices are set up once in a process.
"""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("device_runs.py")
needs_jax = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")


def start(kind: str, result: Path, backend: str, data: str = "arrays") -> subprocess.Popen:
    paths = os.pathsep.join(filter(None, [str(SCRIPT.parents[1]), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": paths, "TL_DATA": data}
    command = [sys.executable, str(SCRIPT), kind, str(result)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def result_of(process: subprocess.Popen, result: Path, devices: int) -> list[np.ndarray]:
    said, _ = process.communicate()
    assert process.returncode == 0, said[-3000:]
    found = dict(np.load(result))
    assert found.pop("holds") and found.pop("devices") == devices
    return list(found.values())


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.abs(a - b).max() <= 1e-5 for a, b in zip(one, other, strict=True))


def run(kind: str, result: Path, backend: str, devices: int, data: str = "arrays") -> list[np.ndarray]:
    return result_of(start(kind, result, backend, data), result, devices)


def test_two_mirrored_devices_give_the_result_of_one(tmp_path):
    one = run("single", tmp_path / "one.npz", "tensorflow", 1)
    assert same(run("mirrored", tmp_path / "two.npz", "tensorflow", 2), one)


@needs_jax
def test_two_devices_in_parallel_on_jax_give_the_result_of_one(tmp_path):
    one = run("single", tmp_path / "one.npz", "jax", 1)
    assert same(run("parallel", tmp_path / "two.npz", "jax", 2), one)


@needs_jax
def test_two_processes_on_jax_give_the_result_of_one(tmp_path):
    one = run("single", tmp_path / "one.npz", "jax", 1, "stream")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    results = [tmp_path / f"host{rank}.npz" for rank in range(2)]
    hosts = [start(f"hosts:{rank}:{port}", result, "jax", "stream") for rank, result in enumerate(results)]
    for process, result in zip(hosts, results):
        assert same(result_of(process, result, 2), one)
