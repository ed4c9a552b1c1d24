"""However a run ends, the model can be used, the signal handlers are the old ones, and an error says where it was."""

import os
import signal

import keras
import numpy as np
import pytest

from tl_toolkit import FreezePlan, fine_tune
from tl_toolkit.events import BatchEnded, Recorder
from tl_toolkit.run_control import RunControl

L = keras.layers
rng = np.random.default_rng(0)
X = rng.normal(size=(96, 6)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    layers = [L.Dense(8, activation="relu", name="body"), L.BatchNormalization(name="norm")]
    network = keras.Sequential([keras.Input((6,)), *layers, L.Dense(2, activation="softmax", name="head")])
    FreezePlan.head_only().apply(network)
    network.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(X, Y, verbose=0)
    return network


class Presses(Recorder):
    """Interrupts after a batch of the whole run, once or more often."""

    def __init__(self, batch, times=1):
        super().__init__()
        self.batch, self.times, self.control = batch, times, RunControl()

    def __call__(self, event):
        super().__call__(event)
        if isinstance(event, BatchEnded) and self.names().count("BatchEnded") == self.batch:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)


class Fails(keras.callbacks.Callback):
    """Raises at a batch of an epoch, or at its end."""

    def __init__(self, epoch, batch=None):
        super().__init__()
        self.epoch, self.batch, self.now = epoch, batch, None

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, self.batch):
            raise RuntimeError("out of luck")

    def on_epoch_end(self, epoch, logs=None):
        if self.batch is None and epoch == self.epoch:
            raise RuntimeError("out of luck")


class Breaks(keras.utils.PyDataset):
    """Batches of 32, of which one cannot be read once `broken` is set."""

    broken = None

    def __len__(self):
        return 3

    def __getitem__(self, index):
        if index == self.broken:
            raise OSError("the disk is gone")
        return X[32 * index : 32 * index + 32], Y[32 * index : 32 * index + 32]


class BreaksData(keras.callbacks.Callback):
    """Breaks a data set when an epoch begins."""

    def __init__(self, dataset, epoch, batch):
        super().__init__()
        self.dataset, self.epoch, self.batch = dataset, epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.dataset.broken = self.batch


def state_of(model):
    optimizer = model.optimizer
    return (
        [np.array(w) for w in model.get_weights()],
        [layer.trainable for layer in model.layers],
        optimizer,
        [keras.ops.convert_to_numpy(v) for v in optimizer.variables],
        model.loss,
    )


def same(before, after):
    arrays = all(np.array_equal(a, b) for i in (0, 3) for a, b in zip(before[i], after[i], strict=True))
    return arrays and before[1] == after[1] and before[2] is after[2] and before[4] == after[4]


BREAKING = Breaks()
ENDINGS = {
    "second interrupt": (
        {"monitor": lambda: Presses(4, times=2)},
        KeyboardInterrupt,
        "phase 2 of 2 (Fine-tuning), epoch 2, batch",
    ),
    "callback at a batch": (
        {"callbacks": lambda: [Fails(1, 1)]},
        RuntimeError,
        "in phase 2 of 2 (Fine-tuning), epoch 2, batch 2 of 3",
    ),
    "callback at an epoch's end": (
        {"callbacks": lambda: [Fails(0)]},
        RuntimeError,
        "in phase 1 of 2 (Head only), at the end of epoch 1",
    ),
    "data": (
        {"train": lambda: BREAKING, "callbacks": lambda: [BreaksData(BREAKING, 1, 2)]},
        Exception,
        "in phase 2 of 2 (Fine-tuning), epoch 2, batch",
    ),
}


@pytest.mark.parametrize("in_place", [False, True], ids=["copy", "in place"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_error_says_where_and_leaves_the_model_as_it_was(model, ending, in_place):
    given, error, where = ENDINGS[ending]
    options = {"epochs": 2, "monitor": "silent", "cache": False, "in_place": in_place}
    options |= {name: value() for name, value in given.items()}
    BREAKING.broken = None
    before, handler = state_of(model), signal.getsignal(signal.SIGINT)
    with pytest.raises(error) as raised:
        fine_tune(model, options.pop("train", (X, Y)), **options)
    assert any(where in note for note in raised.value.__notes__), raised.value.__notes__
    assert signal.getsignal(signal.SIGINT) is handler
    assert same(before, state_of(model))
    model.fit(X, Y, verbose=0)
    trained = [not np.array_equal(a, b) for a, b in zip(before[0], model.get_weights(), strict=True)]
    assert trained == [False] * 6 + [True] * 2, "the flags are those of before, so the head alone learns"


@pytest.mark.parametrize("in_place", [False, True], ids=["copy", "in place"])
def test_the_first_interrupt_keeps_everything(model, in_place):
    handler = signal.getsignal(signal.SIGINT)
    watching = Presses(4)
    run = fine_tune(model, (X, Y), (X[:32], Y[:32]), epochs=4, monitor=watching, in_place=in_place)
    assert run.stopped_by == "interrupt" and signal.getsignal(signal.SIGINT) is handler
    assert watching.names()[-1] == "RunEnded" and 2 <= len(run.history) <= 3
    assert run.best_epoch == run.history["val_loss"].idxmin()
    assert (run.model is model) == in_place
    run.model.fit(X, Y, verbose=0)
    assert np.isfinite(run.predict(X)).all()


class Spoils(keras.callbacks.Callback):
    """Makes a weight infinite at a batch of an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.now, batch) == (1, 1):
            kernel = self.model.layers[-1].kernel
            kernel.assign(kernel * np.inf)


@pytest.mark.parametrize("validation", [None, (X[:32], Y[:32])], ids=["unvalidated", "validated"])
@pytest.mark.parametrize("in_place", [False, True], ids=["copy", "in place"])
def test_a_loss_that_is_no_number_leaves_a_model_with_numbers(model, validation, in_place):
    options = {"monitor": "silent", "callbacks": [Spoils()], "in_place": in_place}
    run = fine_tune(model, (X, Y), validation, recipe="full", epochs=4, **options)
    assert run.stopped_by == "non-finite loss" and len(run.history) == 2
    assert "in phase 1 of 1 (Fine-tuning), epoch 2, batch 2 of 3" in " ".join(run.notices)
    assert np.isfinite(run.predict(X)).all()
    assert all(np.isfinite(keras.ops.convert_to_numpy(v)).all() for v in run.model.optimizer.variables)
    before = run.model.evaluate(X, Y, verbose=0)[0]
    run.model.fit(X, Y, epochs=5, verbose=0)
    assert run.model.evaluate(X, Y, verbose=0)[0] < before
