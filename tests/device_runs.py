"""One short run of `fine_tune`, in this process alone, on the devices that the arguments ask for.

    python tests/device_runs.py KIND RESULT.npz

KIND is `single`, `mirrored` (two logical CPU devices under `tf.distribute.MirroredStrategy`), `parallel` (two CPU
devices under `keras.distribution.DataParallel`, on JAX) or `hosts:RANK:PORT` (one of two JAX processes). RESULT gets
the final weights, and whether freezing held.
"""

# ruff: noqa: E402 (devices are set up before Keras is imported)
import contextlib
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

KIND, RESULT = sys.argv[1:]
if KIND == "parallel":
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
RANK, COUNT = 0, 1
if KIND.startswith("hosts"):
    RANK, COUNT = int(KIND.split(":")[1]), 2
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(f"127.0.0.1:{KIND.split(':')[2]}", num_processes=2, process_id=RANK)

import keras
import numpy as np

from tl_toolkit.freeze import FreezePlan
from tl_toolkit.recipes import Phase, Recipe
from tl_toolkit.train import fine_tune

BATCH = 16


class Shard(keras.utils.PyDataset):
    """The part of each batch that belongs to this process; all of it where there is but one."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y, self.size = x, y, BATCH // COUNT

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, index):
        start = index * BATCH + RANK * self.size
        return self.x[start : start + self.size], self.y[start : start + self.size]


def scope():
    """Sets up the devices, and returns the scope in which the run is to be."""
    if KIND == "mirrored":
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()
    if KIND == "parallel":
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    elif COUNT > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    return contextlib.nullcontext()


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(96, 6)).astype("float32")
    y = (x[:, 0] + x[:, 1] > 0).astype("int64")
    with scope():
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dense(12, activation="relu", name="body"), keras.layers.Dense(8, name="features")]
        head = keras.layers.Dense(2, activation="softmax", name="head")
        model = keras.Sequential([keras.Input((6,)), *layers, head])
        everything = FreezePlan.all_trainable().learning_rate("body", 0.5)
        phases = (Phase(FreezePlan.head_only(), 2, 1e-2, "Head"), Phase(everything, 2, 1e-3, "Everything"))
        options = {"recipe": Recipe("two", phases), "batch_size": BATCH, "monitor": "silent"}
        if os.environ.get("TL_DATA") == "stream":
            run = fine_tune(model, Shard(x, y), **options)
        else:
            run = fine_tune(model, (x, y), (x[:32], y[:32]), l2=0.1, **options)
    weights = {f"weight{i}": weight for i, weight in enumerate(run.model.get_weights())}
    np.savez(RESULT, holds=run.proof.holds, devices=_devices(), **weights)


def _devices() -> int:
    if KIND == "mirrored":
        import tensorflow as tf

        return len(tf.config.list_logical_devices("CPU"))
    return len(keras.distribution.list_devices())


if __name__ == "__main__":
    main()
