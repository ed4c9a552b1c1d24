"""The tasks of the strategy suite and the source models that they begin with; everything is drawn, nothing downloaded.

A task is a source, a target, a number of labels a class, and what is different about it. Whether its results may be
used to design the rules of the advice (`design`) or only to judge them (`held out`) is decided by a hash of its name.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import keras
import numpy as np
from scipy.ndimage import gaussian_filter
from train_source_model import convolution, residual_block

import tl_toolkit as tl
from tl_toolkit.drawing import digit_shapes, letter_shapes
from tl_toolkit.samples import LETTERS, LabelledImages, digits_on_photos, letters_on_photos, source_model

CAPITALS, SMALL = LETTERS[:26], LETTERS[26:]
TEST = 600  # pictures


@dataclass(frozen=True)
class Task:
    """A source, a target and how many labels there are.

    Args:
        source: a name in `SOURCES`.
        target: `"digits"` or letters, each a class.
        labels: of each class.
        backdrop: `"photos"` or `"plain"`.
        shift: what is done to the pictures, a name in `SHIFTS`; empty for nothing.
        question: what is done to the labels, a name in `QUESTIONS`; empty for nothing.
    """

    source: str
    target: str
    labels: int
    backdrop: str = "photos"
    shift: str = ""
    question: str = ""

    @property
    def name(self) -> str:
        kinds = {CAPITALS: "capitals", SMALL: "small letters", CAPITALS[:10]: "letters A to J"}
        parts = kinds.get(self.target, self.target), self.backdrop if self.backdrop != "photos" else ""
        what = " ".join(part for part in (*parts, self.shift, self.question) if part)
        return f"{self.source} > {what}, {self.labels}"

    @property
    def part(self) -> str:
        return "held out" if hashlib.sha256(self.name.encode()).digest()[0] % 2 else "design"

    def draw(self, seed: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Training and test pictures with their labels."""
        rng = np.random.default_rng([seed, *self.name.encode()])
        images = pictures(self.target, self.backdrop, seed)
        y = QUESTIONS[self.question](images.y, rng)
        rows = [rng.permutation(np.flatnonzero(y == label)) for label in range(y.max() + 1)]
        counts = [self.labels] * len(rows)
        if self.question == "long tail":
            counts = np.round(np.geomspace(self.labels, 2, len(rows))).astype(int)
        chosen = rng.permutation(np.concatenate([row[:count] for row, count in zip(rows, counts, strict=True)]))
        rest = rng.permutation(np.setdiff1d(np.arange(len(y)), chosen))[:TEST]
        x_train, x_test = (SHIFTS[self.shift](images.x[part], rng).astype("float32") for part in (chosen, rest))
        labels = y[chosen]
        if self.question == "wrong labels":
            wrong = rng.random(len(labels)) < 0.2
            labels = np.where(wrong, (labels + rng.integers(1, len(rows), len(labels))) % len(rows), labels)
        return (x_train, labels), (x_test, y[rest])


def on_plain(images: LabelledImages, shapes: np.ndarray, seed: int) -> LabelledImages:
    """Shapes in one random colour on another, upright and in the middle."""
    rng = np.random.default_rng([seed, 5])
    ink = shapes[:, 4:28, 4:28, None]
    paper, colour = rng.uniform(0, 0.45, (2, len(ink), 1, 1, 3))
    paper, colour = paper, colour + 0.55
    swapped = rng.random((len(ink), 1, 1, 1)) < 0.5
    paper, colour = np.where(swapped, colour, paper), np.where(swapped, paper, colour)
    return LabelledImages(
        (paper + (colour - paper) * ink).astype("float32"), images.y, images.class_names, images.origin
    )


@cache
def pictures(target: str, backdrop: str, seed: int) -> LabelledImages:
    """All pictures of a target from which training and test pictures are taken."""
    if target == "digits":
        images = digits_on_photos(seed=seed)
        return on_plain(images, digit_shapes()[0], seed) if backdrop == "plain" else images
    images = letters_on_photos(140 * len(target), seed=10_000 + seed, letters=target)
    shapes = np.concatenate([letter_shapes(letter) for letter in target])
    return on_plain(images, shapes[images.origin], seed) if backdrop == "plain" else images


SHIFTS = {
    "": lambda x, rng: x,
    "noise": lambda x, rng: np.clip(x + rng.normal(0, 0.25, x.shape), 0, 1),
    "blur": lambda x, rng: gaussian_filter(x, (0, 1.3, 1.3, 0)),
    "inverted": lambda x, rng: 1 - x,
    "turned": lambda x, rng: np.rot90(x, axes=(1, 2)).copy(),
    "dark": lambda x, rng: x * 0.25,
    "coarse": lambda x, rng: x.reshape(len(x), 8, 3, 8, 3, 3).mean(axis=(2, 4)).repeat(3, axis=1).repeat(3, axis=2),
}


def mixed_up(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classes of two or more former classes each, thrown together at random."""
    return (rng.permutation(y.max() + 1) % 5)[y]


QUESTIONS = {
    "": lambda y, rng: y,
    "odd": lambda y, rng: y % 2,
    "mixed classes": mixed_up,
    "long tail": lambda y, rng: y,
    "wrong labels": lambda y, rng: y,
}

KNOWN = CAPITALS[:10]
TASKS = (
    *(Task("letters", "digits", labels) for labels in (2, 5, 10, 20, 50)),
    Task("letters", "digits", 10, shift="noise"),
    Task("letters", "digits", 10, shift="turned"),
    Task("letters", "digits", 20, question="odd"),
    Task("letters", "digits", 20, question="long tail"),
    Task("letters", "digits", 10, "plain"),
    Task("letters", KNOWN, 5, shift="inverted"),
    Task("letters", KNOWN, 10, shift="noise"),
    Task("letters", KNOWN, 20, shift="blur"),
    Task("letters", KNOWN, 10, question="mixed classes"),
    Task("capitals", "digits", 5),
    Task("capitals", "digits", 20),
    Task("capitals", SMALL, 5),
    Task("capitals", SMALL, 20),
    Task("capitals", KNOWN, 5, shift="noise"),
    Task("capitals", KNOWN, 10, shift="dark"),
    Task("capitals", KNOWN, 50, shift="turned"),
    Task("capitals", KNOWN, 20, question="mixed classes"),
    Task("plain letters", "digits", 10),
    Task("plain letters", KNOWN, 20),
    Task("plain letters", "digits", 2, "plain"),
    Task("digits", KNOWN, 10),
    Task("digits", KNOWN, 50),
    Task("digits", "digits", 5, shift="coarse"),
    Task("digits", "digits", 20, question="wrong labels"),
    Task("shuffled", "digits", 10),
    Task("shuffled", KNOWN, 50),
    Task("shuffled", KNOWN, 10),
    Task("shuffled", "digits", 50),
    Task("untrained", "digits", 20),
    Task("untrained", KNOWN, 20),
)


def small_network(classes: int) -> keras.Model:
    """A residual network of three blocks with 39 thousand numbers."""
    image = keras.Input((24, 24, 3), name="image")
    x = keras.layers.ReLU(name="stem_relu")(convolution(image, 16, 3, 1, "stem_conv", "stem_bn"))
    for number, (filters, stride) in enumerate(((16, 2), (32, 2), (48, 1)), 1):
        x = residual_block(x, filters, stride, f"block_{number}")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(classes, activation="softmax", name="answer")(x))


def _training_pictures(source: str) -> tuple[np.ndarray, np.ndarray]:
    if source == "digits":
        drawn = [digits_on_photos(seed=500 + i) for i in range(6)]
        return np.concatenate([images.x for images in drawn]), np.concatenate([images.y for images in drawn])
    images = letters_on_photos(2600 if source == "shuffled" else 10_400, seed=7, letters=CAPITALS)
    if source == "plain letters":
        images = on_plain(images, np.concatenate([letter_shapes(c) for c in CAPITALS])[images.origin], 7)
    if source == "shuffled":
        return images.x, np.random.default_rng(7).permutation(images.y)
    return images.x, images.y


EPOCHS = {"capitals": 12, "plain letters": 4, "digits": 10, "shuffled": 30, "untrained": 0}
SOURCES = ("letters", *EPOCHS)


def load_source(source: str, folder: Path) -> keras.Model:
    """The source model of that name; it is trained, and kept in the folder, the first time that it is asked for."""
    if source == "letters":
        return source_model()
    path = folder / f"{source.replace(' ', '_')}.keras"
    if not path.exists():
        keras.utils.set_random_seed(7)
        model = small_network(10 if source == "digits" else 26)
        if EPOCHS[source]:
            data = _training_pictures(source)
            run = tl.train_source(
                model,
                data,
                epochs=EPOCHS[source],
                batch_size=64,
                learning_rate=2e-3,
                seed=7,
                validation=(data[0][:64], data[1][:64]),
                monitor="silent",
            )
            reached = run.history["accuracy"].iloc[-1]
            print(f"Source {source!r}: training accuracy {reached:.3f} in {run.seconds:.0f} s")
            model = run.model
        folder.mkdir(parents=True, exist_ok=True)
        model.save(path.with_suffix(".new.keras"))
        path.with_suffix(".new.keras").replace(path)
    return keras.saving.load_model(path, compile=False, safe_mode=True)
