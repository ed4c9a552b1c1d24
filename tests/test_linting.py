"""`lint` says nothing of models that are as they should be, whatever they are made of, and changes none."""

import keras
import numpy as np
import pytest
from applications import make, networks

import tl_toolkit as tl
from tl_toolkit.freeze import FreezePlan
from tl_toolkit.input_ranges import find_stem
from tl_toolkit.moving_parts import moving_statistics, noise

L = keras.layers
NETWORKS = networks(["MobileNetV2", "EfficientNetB0", "ResNet50"])


def on_top(body: keras.Model, **call) -> keras.Model:
    """The body as one layer, with a head that has everything a head may have."""
    image = keras.Input(body.input_shape[1:], name="picture")
    x = L.GlobalAveragePooling2D()(body(image, **call))
    x = L.Dropout(0.2)(L.BatchNormalization()(L.Dense(4)(x)))
    return keras.Model(image, L.Dense(2, name="head")(x))


def kinds(model, x=None):
    return [finding.kind for finding in tl.lint(model, x)]


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_frozen_and_not(name):
    body = make(name, include_top=False)
    noisy, norms = bool(noise(body)), bool(moving_statistics(body))
    assert find_stem(body) is not None
    model = on_top(body)
    before = (
        [keras.ops.convert_to_numpy(v) for v in model.variables[:20]],
        [layer.trainable for layer in model._flatten_layers()],
    )
    assert kinds(model) == []
    body.trainable = False
    assert kinds(model) == ["frozen_dropout"] * noisy
    assert kinds(on_top(body, training=False)) == ["inference_call", "frozen_dropout"] * noisy
    body.trainable = True
    assert kinds(on_top(body, training=False)) == ["inference_call"] * (noisy or norms)
    assert all(np.array_equal(a, keras.ops.convert_to_numpy(b)) for a, b in zip(before[0], model.variables[:20]))
    assert before[1] == [layer.trainable for layer in model._flatten_layers()]


def test_a_tuned_and_a_reloaded_model_are_healthy(tmp_path):
    source = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(4, 3), L.BatchNormalization(), L.Flatten(), L.Dense(3)])
    rng = np.random.default_rng(0)
    data = rng.normal(size=(32, 8, 8, 3)).astype("float32"), rng.integers(2, size=32)
    run = tl.fine_tune(tl.replace_head(source, 2), data, data, epochs=2, monitor="silent")
    assert kinds(run.model) == []
    plain = tl.replace_head(source, 2)
    FreezePlan.head_only().apply(plain)
    plain.compile("adam", "sparse_categorical_crossentropy")
    plain.fit(*data, verbose=0)
    assert kinds(plain) == []
    plain.save(tmp_path / "plain.keras")
    assert kinds(keras.models.load_model(tmp_path / "plain.keras")) == []


def test_sequences_and_attention_are_healthy():
    words = keras.Input((6,), dtype="int32")
    x = L.Bidirectional(L.LSTM(4, dropout=0.1, return_sequences=True))(L.Embedding(9, 4)(words))
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 4, dropout=0.1)(x, x))
    model = keras.Model(words, L.Dense(2, name="head")(L.GlobalAveragePooling1D()(x)))
    assert kinds(model) == []
    FreezePlan.head_only().apply(model)
    assert kinds(model) == ["frozen_dropout"]
    finding = tl.lint(model)[0]
    exec(finding.remedy, {"model": model})  # noqa: S102
    assert kinds(model) == []
