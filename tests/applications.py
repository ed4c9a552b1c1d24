"""The networks of `keras.applications`, small enough to test, and which of them a quick run takes."""

import inspect

import keras
import pytest

NAMES = [name for name, value in vars(keras.applications).items() if inspect.isfunction(value)]
SMALLEST = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}


def make(name: str, size: int | None = None, **options) -> keras.Model:
    """A network with random weights for the smallest square images that it takes, 32 pixels for most."""
    size = size or SMALLEST.get(name, 32)
    return getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), **options)


def networks(quick) -> list:
    """Every network as a parameter of a test; those not in `quick` are marked `full`."""
    return [name if name in quick else pytest.param(name, marks=pytest.mark.full) for name in NAMES]
