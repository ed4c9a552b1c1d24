"""Makes the records of this version's format that later versions have to read.

    python tests/records/make.py tests/records/version_N

Each version's folder holds a run that is complete, and one that was killed in the last epoch of its second phase. Made
once, when the format gets a new version, and never changed.
"""

import shutil
import sys
from pathlib import Path

import keras
import numpy as np

from tl_toolkit.freeze import FreezePlan
from tl_toolkit.recipes import Phase, Recipe
from tl_toolkit.schedules import Schedule
from tl_toolkit.train import fine_tune


def data():
    """Training and validation data of the runs."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, 4)).astype("float32")
    y = (x[:, 0] > 0).astype("int64")
    return (x, y), (x[:16], y[:16])


class _Dies(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise MemoryError("the process ends here")


def make(folder: Path) -> None:
    """Makes both runs."""
    layers = keras.layers
    keras.utils.set_random_seed(0)
    body = [layers.Dense(6, activation="relu", name="body"), layers.Dropout(0.2, name="drop")]
    head = layers.Dense(2, activation="softmax", name="head")
    model = keras.Sequential([keras.Input((4,)), *body, head], name="network")
    plateau, adapting = Schedule.reduce_on_plateau(), FreezePlan.head_only().lora("body", 2)
    phases = (
        Phase(FreezePlan.head_only(), 2, 1e-2, "Head", plateau),
        Phase(adapting, 2, 1e-2, "Adapting", Schedule.cosine()),
    )
    options = {"recipe": Recipe("two", phases), "checkpoint_every": 0, "monitor": "silent", "cache": False}
    train, validation = data()
    run = fine_tune(model, train, validation, directory=folder / "complete", **options)
    np.save(folder / "complete" / "predictions.npy", run.predict(train[0]))
    try:
        fine_tune(model, train, validation, directory=folder / "killed", callbacks=[_Dies()], **options)
    except MemoryError:
        for lock in folder.rglob("lock"):
            lock.unlink()


if __name__ == "__main__":
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    make(Path(sys.argv[1]))
