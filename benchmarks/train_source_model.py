"""Trains the source model that the toolkit ships: a small residual network that reads letters on photographs.

    python benchmarks/train_source_model.py            # writes tl_toolkit/assets/letters_source.keras
    python benchmarks/train_source_model.py --pictures 370 --epochs 1 --out /tmp/tiny.keras

On two cores the first command takes about TIME minutes. The figures that it prints are the ones that the
documentation cites; how well the model transfers is measured by `transfer_on_samples.py`.
"""
import argparse
import math
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
from keras import layers

import tl_toolkit as tl
from tl_toolkit.samples import LETTERS, letters_on_photos

ASSET = Path(__file__).parents[1] / "tl_toolkit" / "assets" / "letters_source.keras"
BLOCKS = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (64, 1))  # filters and stride


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
    x = convolution(image, 16, 3, 1, "stem_conv", "stem_bn")
    x = layers.ReLU(name="stem_relu")(x)
    for number, (filters, stride) in enumerate(BLOCKS, 1):
        x = residual_block(x, filters, stride, f"block_{number}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    answer = layers.Dense(len(LETTERS), activation="softmax", name="letters")(x)
    return keras.Model(image, answer, name="letters_source")


def cosine(peak: float, epochs: int) -> keras.callbacks.Callback:
    """A learning rate that falls from `peak` along half a cosine."""
    def rate_of(epoch: int, _):
        return peak * (1 + math.cos(math.pi * epoch / epochs)) / 2

    return keras.callbacks.LearningRateScheduler(rate_of)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=60_000, help="letters to train on")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ASSET, help="the .keras file to write")
    options = parser.parse_args()

    keras.utils.set_random_seed(options.seed)
    run = tl.train_source(
        letter_network(),
        letters_on_photos(options.pictures, seed=options.seed),
        letters_on_photos(3_700, seed=options.seed + 1),
        epochs=options.epochs, batch_size=64, seed=options.seed, monitor="text",
        optimizer=keras.optimizers.AdamW(options.rate, weight_decay=1e-4),
        callbacks=[cosine(options.rate, options.epochs)])

    source = letter_network()
    source.set_weights(run.model.get_weights())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    source.save(options.out)

    shipped = keras.saving.load_model(options.out, compile=False, safe_mode=True)
    accuracy = tl.evaluate(shipped, letters_on_photos(3_700, seed=options.seed + 2)).intervals["accuracy"]
    print(f"accuracy on unseen letters {accuracy}, {shipped.count_params():,} parameters, "
          f"{options.out.stat().st_size:,} bytes, {run.seconds / 60:.1f} minutes")


if __name__ == "__main__":
    main()
