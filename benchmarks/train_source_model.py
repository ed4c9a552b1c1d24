"""Trains the source model that the toolkit ships: a small residual network that reads letters on photographs.

    python benchmarks/train_source_model.py            # writes tl_toolkit/assets/letters_source.keras
    python benchmarks/train_source_model.py --pictures 370 --epochs 1 --out /tmp/tiny.keras

On two cores the first command takes about ten minutes. The figures that it prints are the ones that the
documentation cites; how well the model transfers is measured by `transfer_on_samples.py`.

Two choices were made by how well a linear classifier on the features reads digits, not by how well the model reads
letters: labels are smoothed, and every epoch draws new letters. With as many steps on 60,000 letters that stay the
same, the model learned them by heart, and the classifier on its features was right about one point less often.
"""
import argparse
import inspect
import itertools
import json
import math
import os
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import tl_toolkit as tl
from tl_toolkit.samples import LETTERS, LabelledImages, letters_on_photos

ASSET = Path(__file__).parents[1] / "tl_toolkit" / "assets" / "letters_source.keras"
BLOCKS = ((24, 1), (32, 2), (48, 1), (64, 2), (64, 1))  # filters and stride
BATCH = 64
VALIDATION_SEED, TEST_SEED = 1_000_000, 1_000_001


def convolution(x, filters: int, size: int, stride: int, name: str, normalization: str):
    x = layers.Conv2D(filters, size, stride, "same", use_bias=False, kernel_initializer="he_normal", name=name)(x)
    return layers.BatchNormalization(momentum=0.9, name=normalization)(x)


def residual_block(x, filters: int, stride: int, name: str):
    shortcut = x
    if stride > 1 or x.shape[-1] != filters:
        shortcut = convolution(x, filters, 1, stride, f"{name}_shortcut", f"{name}_shortcut_bn")
    x = convolution(x, filters, 3, stride, f"{name}_conv_1", f"{name}_bn_1")
    x = layers.ReLU(name=f"{name}_relu_1")(x)
    x = convolution(x, filters, 3, 1, f"{name}_conv_2", f"{name}_bn_2")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu_2")(x)


def letter_network(size: int = 24) -> keras.Model:
    """The untrained network: a stem, residual blocks, global average pooling, a softmax over the letters."""
    image = keras.Input((size, size, 3), name="image")
    x = convolution(image, BLOCKS[0][0], 3, 1, "stem_conv", "stem_bn")
    x = layers.ReLU(name="stem_relu")(x)
    for number, (filters, stride) in enumerate(BLOCKS, 1):
        x = residual_block(x, filters, stride, f"block_{number}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    answer = layers.Dense(len(LETTERS), activation="softmax", name="letters")(x)
    return keras.Model(image, answer, name="letters_source")


def one_hot(images: LabelledImages) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and one-hot labels, which the loss needs to smooth them."""
    return images.x, np.eye(len(LETTERS), dtype="float32")[images.y]


def new_letters(pictures: int, seed: int) -> tf.data.Dataset:
    """Batches of letters that are drawn anew in every epoch."""
    seeds = itertools.count(seed)

    def draw():
        x, y = one_hot(letters_on_photos(pictures, seed=next(seeds)))
        for start in range(0, pictures, BATCH):
            yield x[start:start + BATCH], y[start:start + BATCH]

    form = tf.TensorSpec((None, 24, 24, 3)), tf.TensorSpec((None, len(LETTERS)))
    batches = tf.data.Dataset.from_generator(draw, output_signature=form)
    return batches.apply(tf.data.experimental.assert_cardinality(-(-pictures // BATCH))).prefetch(1)


def cosine(peak: float, epochs: int) -> keras.callbacks.Callback:
    """A learning rate that falls from `peak` along half a cosine."""
    def rate_of(epoch: int, _):
        return peak * (1 + math.cos(math.pi * epoch / epochs)) / 2

    return keras.callbacks.LearningRateScheduler(rate_of)


def without_defaults(value):
    """A Keras configuration without the settings that a layer or initializer has by default."""
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: without_defaults(item) for key, item in value.items()}
    if value.get("module") in ("keras.layers", "keras.initializers"):
        home = keras.layers if value["module"] == "keras.layers" else keras.initializers
        settings = inspect.signature(getattr(home, value["class_name"])).parameters
        told = kept["config"].items()
        kept["config"] = {key: item for key, item in told if key not in settings or item != settings[key].default}
    return kept


def save_for_any_keras(model: keras.Model, path: Path):
    """Saves a model so that older versions of Keras 3 read it: they refuse settings that they do not know."""
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["config.json"] = json.dumps(without_defaults(json.loads(parts["config.json"]))).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=24_000, help="letters drawn for each epoch")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=0, help="each epoch draws with the next one")
    parser.add_argument("--out", type=Path, default=ASSET, help="the .keras file to write")
    options = parser.parse_args()

    keras.utils.set_random_seed(options.seed)
    run = tl.train_source(
        letter_network(),
        new_letters(options.pictures, options.seed),
        one_hot(letters_on_photos(3_700, seed=VALIDATION_SEED)),
        epochs=options.epochs, seed=options.seed, monitor="text",
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=["accuracy"],
        optimizer=keras.optimizers.AdamW(options.rate, weight_decay=0.01),
        callbacks=[cosine(options.rate, options.epochs)])

    source = letter_network()
    source.set_weights(run.model.get_weights())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_for_any_keras(source, options.out)

    shipped = keras.saving.load_model(options.out, compile=False, safe_mode=True)
    accuracy = tl.evaluate(shipped, letters_on_photos(3_700, seed=TEST_SEED)).intervals["accuracy"]
    print(f"accuracy on unseen letters {accuracy}, {shipped.count_params():,} parameters, "
          f"{options.out.stat().st_size:,} bytes, {run.seconds / 60:.1f} minutes")


if __name__ == "__main__":
    main()
