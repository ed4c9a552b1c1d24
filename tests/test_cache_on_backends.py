"""Training from stored features gives the weights of training from inputs, on TensorFlow and on JAX.

The cases run on the backend of this process, and in a process of their own on JAX where that is installed. The samples
fill whole batches: XLA compiles a smaller last batch by itself, and may round it otherwise in the last bit.
"""

import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tl_toolkit.data import as_data
from tl_toolkit.freeze import FreezePlan
from tl_toolkit.phase_fit import PhaseFit

L, LOSS, SAMPLES, BATCH = keras.layers, "sparse_categorical_crossentropy", 96, 16
PLANS = {"head": FreezePlan.head_only(), "half": FreezePlan.head_only().unfreeze("conv_2")}
OPTIMIZERS = {
    "SGD": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
    "Adam": lambda: keras.optimizers.Adam(0.01),
}
x = np.random.default_rng(0).normal(1, 2, size=(SAMPLES, 12, 12, 3)).astype("float32")
y = np.digitize(x.mean((1, 2, 3)), [0.95, 1.05])


def calibrated_model(plan, optimizer):
    keras.utils.set_random_seed(0)
    pixels = keras.Input((12, 12, 3))
    body = L.BatchNormalization(name="norm", momentum=0.0)(L.Conv2D(6, 3, name="conv")(pixels))
    body = L.Conv2D(8, 3, name="conv_2")(L.Dropout(0.3, name="frozen_dropout")(L.ReLU()(body)))
    body = L.Dropout(0.2, seed=5, name="dropout")(L.GlobalAveragePooling2D(name="pool")(body))
    model = keras.Model(pixels, L.Dense(3, "softmax", name="head")(body))
    model(x, training=True)
    plan.apply(model)
    model.compile(optimizer, LOSS)
    model.optimizer.build(model.trainable_variables)
    return model


def trained(plan, make_optimizer, train, **options):
    """The variables and the history after four epochs, and what was cached."""
    model = calibrated_model(plan, make_optimizer())
    validation = as_data((x[:32], y[:32]))
    early = keras.callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True)
    phase = PhaseFit(train, validation, LOSS, None, BATCH, 4, seed=1, callbacks=[early], **options)
    history, report = phase.run(model)
    return [np.array(keras.ops.convert_to_numpy(v)) for v in model.weights], history.history, report


def forms():
    rows = tf.data.Dataset.from_tensor_slices((x, y))
    return {"arrays": as_data((x, y)), "stream": as_data(rows.batch(BATCH))}


@pytest.mark.parametrize("form", ["arrays", "stream"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("plan", PLANS)
def test_the_same_weights_from_features(plan, optimizer, form, tmp_path):
    chosen = PLANS[plan], OPTIMIZERS[optimizer], forms()[form]
    plain, cached = trained(*chosen, cache=False), trained(*chosen, cache=tmp_path)
    assert cached[2].used and cached[2].in_graph is None and not plain[2].used
    # A stream's inputs go through Keras' own loop and its features do not; on JAX the two are fused differently.
    tolerance = 1e-6 if form == "stream" and keras.backend.backend() == "jax" else 0.0
    assert np.abs(np.subtract(plain[1]["val_loss"], cached[1]["val_loss"])).max() <= tolerance
    assert max(np.abs(a - b).max() for a, b in zip(plain[0], cached[0], strict=True)) <= tolerance
    assert plain[1]["loss"][-1] < plain[1]["loss"][0], "without signal, nothing above says much"


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.skipif(keras.backend.backend() == "jax", reason="runs on JAX already")
def test_on_jax():
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", __file__]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
