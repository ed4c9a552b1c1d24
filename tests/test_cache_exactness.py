"""Training from stored features gives the same weights, bit for bit: for every kind of model, or it is refused.

For each model of `hand_made.py` and each network of `keras.applications`: the head alone and the upper half, with SGD
with momentum and Adam, with validation and early stopping; and by Keras' own `fit`. The default run takes one model
made by hand and one network, each plan with one optimizer; `--full` takes all. `pytest -s` prints a line for each.
"""

import hand_made
import keras
import numpy as np
import pytest
from applications import networks
from test_freeze_matrix import BY_HAND, prepare

import tl_toolkit as tl
from tl_toolkit.arithmetic import as_written, is_rewritten_alike
from tl_toolkit.cut import split
from tl_toolkit.data import ArrayData
from tl_toolkit.phase_fit import PhaseFit


def even_vit():
    """A vision transformer with dropout, of 16 tokens."""
    layers, pixels = keras.layers, keras.Input((16, 16, 3), name="pixels")
    x = layers.Conv2D(16, 4, 4, name="patches")(layers.Rescaling(1 / 255)(pixels))
    x = layers.Dropout(0.1, name="tokens_dropout")(layers.Reshape((16, 16))(x))
    for i in range(1, 4):
        attended = layers.LayerNormalization(name=f"block_{i}_norm_1")(x)
        attended = layers.MultiHeadAttention(2, 8, dropout=0.1, name=f"block_{i}_attention")(attended, attended)
        x = layers.Add(name=f"block_{i}_add_1")([x, attended])
        dense = layers.Dense(32, "gelu", name=f"block_{i}_dense_1")(
            layers.LayerNormalization(name=f"block_{i}_norm_2")(x)
        )
        dense = layers.Dropout(0.1, name=f"block_{i}_dropout")(layers.Dense(16, name=f"block_{i}_dense_2")(dense))
        x = layers.Add(name=f"block_{i}_add_2")([x, dense])
    x = layers.GlobalAveragePooling1D(name="pool")(layers.LayerNormalization(name="norm")(x))
    return keras.Model(pixels, hand_made.head(x), name="even_vit"), hand_made.images(16)


KINDS = {**BY_HAND, "even_vit": even_vit}
QUICK = ("siamese", "MobileNetV2")
QUICK_CASES = (("head only", "SGD"), ("half", "Adam"))
# What these compute for a sample depends, in the last bit, on its place in the batch: 17 tokens are no multiple of the
# numbers that a processor takes at once.
ROUNDED_BY_PLACE = ("vit",)
ROUNDING = 1e-5
# To the last bit this holds on TensorFlow; on JAX, which rounds otherwise in a loop, see test_cache_on_backends.py.
pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exact on TensorFlow alone")
BATCH, LOSS = 4, "sparse_categorical_crossentropy"
PLANS = {
    "head only": lambda weighted: tl.FreezePlan.head_only(),
    "half": lambda weighted: tl.FreezePlan.from_layer(weighted[len(weighted) // 2]),
}
OPTIMIZERS = {
    "SGD": lambda rate: keras.optimizers.SGD(10 * rate, momentum=0.9),
    "Adam": lambda rate: keras.optimizers.Adam(rate),
}
CASES = [
    pytest.param(choose, make, id=f"{plan}, {name}", marks=() if (plan, name) in QUICK_CASES else pytest.mark.full)
    for plan, choose in PLANS.items()
    for name, make in OPTIMIZERS.items()
]
# How far the upper half of a random network can be moved before its loss rises differs by orders of magnitude.
RATES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)


@pytest.fixture(scope="module")
def ready(request):
    yield from prepare(request.param, KINDS)


def train(ready, optimizer, way, **options):
    """The variables and the history after two epochs with early stopping, and what was cached."""
    model = ready.model
    ready.restore()
    model.compile(optimizer, LOSS)
    model.optimizer.build(model.trainable_variables)
    data = ArrayData(ready.x, hand_made.labels())
    early = keras.callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True)
    phase = PhaseFit(data, data, LOSS, None, BATCH, 2, seed=1, callbacks=[early], **options)
    history, report = way(phase, model)
    values = {name: np.float32(one).tolist() for name, one in history.history.items()}
    return [np.array(keras.ops.convert_to_numpy(v)) for v in model.weights], values, report


def by_keras(phase, model):
    return phase._plain_fit(model), None


def assert_same(one, other, tolerance=0.0):
    losses = [[*result[1]["loss"], *result[1]["val_loss"]] for result in (one, other)]
    assert np.abs(np.subtract(*losses)).max() <= tolerance
    assert max(np.abs(a - b).max() for a, b in zip(one[0], other[0], strict=True) if a.size) <= tolerance


def names() -> list:
    """Every model as a parameter; those that a quick run leaves out are marked `full`."""
    by_hand = [name if name in QUICK else pytest.param(name, marks=pytest.mark.full) for name in KINDS]
    return [*by_hand, *networks(QUICK)]


@pytest.mark.parametrize(("choose", "make_optimizer"), CASES)
@pytest.mark.parametrize("ready", names(), indirect=True)
def test_the_same_weights_with_and_without_the_cache(ready, choose, make_optimizer, tmp_path):
    name, model, x = ready.name, ready.model, ready.x
    tolerance = ROUNDING if name in ROUNDED_BY_PLACE else 0.0
    choose([layer.path for layer in tl.layer_tree(model) if layer.weights]).apply(model)
    for rate in RATES:
        plain = train(ready, make_optimizer(rate), PhaseFit.run, cache=False)
        if plain[1]["val_loss"][-1] < plain[1]["val_loss"][0]:
            break
    assert plain[1]["val_loss"][-1] < plain[1]["val_loss"][0], "without signal, nothing below says much"
    for frozen_dropout in ("off", "keras"):
        cut, told = split(model, x, frozen_dropout=frozen_dropout), {"frozen_dropout": frozen_dropout}
        if frozen_dropout == "keras":
            plain = train(ready, make_optimizer(rate), PhaseFit.run, cache=False, **told)
        cached = train(ready, make_optimizer(rate), PhaseFit.run, cache=tmp_path, **told)
        print(f"{name}, {frozen_dropout}: {cut}; loss {plain[1]['val_loss'][0]:.4f} to {plain[1]['val_loss'][-1]:.4f}")
        assert cached[2].used == (cut.reason is None) and (cut.reason is None or cached[2].reason == cut.reason)
        assert_same(plain, cached, tolerance)
    with as_written(not is_rewritten_alike(cut)):
        assert_same(plain, train(ready, make_optimizer(rate), by_keras), tolerance)
