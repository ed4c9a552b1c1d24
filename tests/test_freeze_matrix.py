"""What a plan freezes does not move in training, and what it trains does: in every kind of model there is.

For each model of `hand_made.py` and each network of `keras.applications` four plans, from the head alone to all of it.
The default run takes the models made by hand and one network; `--full` takes every network.
"""

from dataclasses import dataclass

import hand_made
import keras
import numpy as np
import pytest
from applications import make, networks

import tl_toolkit as tl
from tl_toolkit.graph import layers_by_path
from tl_toolkit.walk import own_variables

QUICK = ("MobileNetV2",)
BY_HAND = {make.__name__: make for make in (*hand_made.KINDS, *hand_made.KERAS_HUB)}
COMPILED = ("sequential", "nested", "shared", "siamese", "subclassed")
PLANS = {
    "head only": lambda weighted: tl.FreezePlan.head_only(),
    "last block": lambda weighted: tl.FreezePlan.last(1, "blocks"),
    "half": lambda weighted: tl.FreezePlan.from_layer(weighted[len(weighted) // 2]),
    "all": lambda weighted: tl.FreezePlan.all_trainable(),
}


def layers_of(model, kind) -> list[keras.Layer]:
    return [layer for layer in model._flatten_layers() if isinstance(layer, kind)]


def give_signal(model, x) -> None:
    """Makes of random weights a network whose answers depend on its input, as those of a trained one do.

    BatchNormalization gets the statistics of the data. Where there is none, the kernels of convolutions are raised to
    keep the variance through a ReLU, and the branches that ConvNeXt begins with a millionth of are let through. Dropout
    is off, so that the loss is bound to fall.
    """
    norms = layers_of(model, keras.layers.BatchNormalization)
    for layer in layers_of(model, keras.layers.Conv2D) if not norms else ():
        layer.kernel.assign(2**0.5 * layer.kernel)
    for layer in layers_of(model, keras.Layer):
        if type(layer).__name__ == "LayerScale":
            layer.gamma.assign(keras.ops.ones_like(layer.gamma))
    for dropout in layers_of(model, keras.layers.Dropout):
        dropout.rate = 0.0
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model(x, training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


@dataclass
class Ready:
    """A model with signal, what it learns from, and the values of its variables before any training."""

    name: str
    model: keras.Model
    x: np.ndarray | dict
    before: list[np.ndarray]

    def restore(self) -> None:
        for variable, value in zip(self.model.variables, self.before, strict=True):
            variable.assign(value)

    def changed(self) -> set[int]:
        """Identities of the variables that are not what they were, found without the toolkit's proof."""
        pairs = zip(self.model.variables, self.before, strict=True)
        return {id(v) for v, old in pairs if not np.array_equal(keras.ops.convert_to_numpy(v), old)}


def prepare(name, by_hand):
    """Yields a model ready to be trained, and forgets it afterwards."""
    keras.utils.set_random_seed(3)
    if name.startswith("keras_hub"):
        pytest.importorskip("keras_hub")
    if name in by_hand:
        model, x = by_hand[name]()
    else:
        model = make(name, classes=hand_made.CLASSES)
        x = hand_made.images(model.input_shape[1])
    give_signal(model, x)
    yield Ready(name, model, x, [np.array(keras.ops.convert_to_numpy(v)) for v in model.variables])
    keras.utils.clear_session()


def compile_for_three_steps(ready, rate: float = 1e-4) -> None:
    """On TensorFlow without a graph where three steps take less time than tracing one: where there are many operations,
    unless they are convolutions as wide as ConvNeXt's."""
    slow_to_trace = ready.name not in COMPILED and not ready.name.startswith("ConvNeXt")
    optimizer = keras.optimizers.Adam(rate, epsilon=1e-10)
    eagerly = slow_to_trace and keras.backend.backend() == "tensorflow"
    ready.model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=eagerly)


@pytest.fixture(scope="module")
def ready(request):
    yield from prepare(request.param, BY_HAND)


@pytest.mark.parametrize("choose", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("ready", [*BY_HAND, *networks(QUICK)], indirect=True)
def test_what_is_frozen_stays_and_what_is_trained_moves(ready, choose):
    model, x, y = ready.model, ready.x, hand_made.labels()
    ready.restore()
    tree = tl.layer_tree(model)
    plan = choose([layer.path for layer in tree if layer.weights])
    resolved = plan.resolve(tree)
    plan.apply(model)
    spread = np.log(keras.ops.convert_to_numpy(model(x)) + 1e-7).std(axis=0).mean()
    # Adam moves each weight by the rate, and how far a random network can be moved before its loss rises again differs
    # by orders of magnitude: the rate is the largest at which it falls.
    for rate in (1e-4,) if ready.name in BY_HAND else (1e-6, 1e-8, 1e-9):
        ready.restore()
        compile_for_three_steps(ready, rate)
        loss_before = model.test_on_batch(x, y)
        with tl.prove_frozen(model) as proof:
            model.fit(x, y, batch_size=hand_made.BATCH, epochs=3, verbose=0)
        loss_after = model.test_on_batch(x, y)
        if loss_after < loss_before:
            break
    changed = ready.changed()
    print(f"{ready.name}, {plan}: {proof.report}; {len(resolved.trainable)} layers trained at {rate:g}, "
          f"log-probabilities spread by {spread:.2g}, loss {loss_before:.4f} to {loss_after:.4f}")  # fmt: skip

    own = {path: own_variables(path, layer) for path, layer in layers_by_path(model).items()}
    norms = layers_of(model, keras.layers.BatchNormalization)
    statistics = {id(v) for norm in norms for v in (norm.moving_mean, norm.moving_variance)}
    assert [path for path in resolved.frozen if any(id(v) in changed for v in own[path])] == [], "frozen, but changed"
    still = [path for path in resolved.trainable if not any(id(v) in changed for v in own[path])]
    assert still == [], "did not train"
    assert not statistics & changed, "these plans keep the statistics of the source"
    assert proof.report.holds
    assert proof.report.batchnorm_statistics == len(statistics)
    assert proof.report.frozen_tensors == sum(len(own[path]) for path in resolved.frozen) - len(statistics)
    assert spread > 0.05 and loss_after < loss_before, "without signal, nothing above says much"


def test_what_moves_is_noticed():
    keras.utils.set_random_seed(3)
    model, x = hand_made.nested()
    tl.FreezePlan.from_layer("block_3").apply(model)
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    ready = Ready("nested", model, x, [np.array(keras.ops.convert_to_numpy(v)) for v in model.variables])
    conv, norm = (
        model.get_layer("middle").get_layer("backbone").get_layer(f"block_1_{name}") for name in ("conv", "norm")
    )
    with tl.prove_frozen(model) as proof:
        norm.trainable = True
        compile_for_three_steps(ready)
        model.fit(x, hand_made.labels(), batch_size=hand_made.BATCH, epochs=1, verbose=0)
        conv.bias.assign_add(keras.ops.full(conv.bias.shape, 1e-6))
    names = [f"middle/backbone/block_1_{name}" for name in ("conv/bias", "norm/gamma", "norm/beta")]
    assert proof.report.changed == set(names)
    assert proof.report.moved == {f"middle/backbone/block_1_norm/moving_{name}" for name in ("mean", "variance")}
    assert {id(conv.bias), id(norm.gamma), id(norm.moving_mean)} <= ready.changed()
    assert id(conv.kernel) not in ready.changed()
