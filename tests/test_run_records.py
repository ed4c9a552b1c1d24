"""Runs on disk: old records stay readable, damaged ones are named, and a full or read-only disk is survived."""

import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "records"))
from make import data

from tl_toolkit import Run, fine_tune, resume
from tl_toolkit.checkpoints import CheckpointFolder
from tl_toolkit.core import RecordError
from tl_toolkit.records import compare
from tl_toolkit.run_directory import RECORD_VERSION

RECORDS = Path(__file__).parent / "records"
VERSIONS = sorted(RECORDS.glob("version_*"))


def test_every_version_of_the_format_has_its_records():
    assert [path.name for path in VERSIONS] == [f"version_{n}" for n in range(1, RECORD_VERSION + 1)]


@pytest.mark.parametrize("records", VERSIONS, ids=lambda path: path.name)
def test_older_records_stay_readable(records, tmp_path):
    (x, _), _ = data()
    run = Run.load(records / "complete")
    assert np.allclose(run.predict(x), np.load(records / "complete" / "predictions.npy"), atol=1e-6)
    assert run.recipe.name == "two" and run.proof.holds and len(run.history) == 4
    table = compare([records / "complete", records / "killed"]).table
    assert table.loc["complete", "stopped_by"] == "completed" and table["recipe"].tolist() == ["two", "two"]

    shutil.copytree(records / "killed", tmp_path / "killed")
    resumed = resume(tmp_path / "killed", *data(), monitor="silent")
    assert resumed.stopped_by == "completed" and len(resumed.history) == 4
    assert np.allclose(resumed.predict(x), run.predict(x), atol=1e-4)


def network():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(64, name="body"), keras.layers.Dense(2, activation="softmax", name="head")]
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here: " + mounted.stderr.decode().strip())
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


class FillsDisk(keras.callbacks.Callback):
    """Leaves no room on a disk once an epoch has begun."""

    def __init__(self, folder, epoch):
        super().__init__()
        self.folder, self.epoch = folder, epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            with pytest.raises(OSError, match="No space"):
                self._fill()

    def _fill(self):
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            while True:
                file.write(b" " * 4096)


def test_a_full_disk_ends_no_training_and_keeps_the_last_good_checkpoint(small_disk):
    options = {"epochs": 6, "checkpoint_every": 0, "monitor": "silent"}
    expected = fine_tune(network(), *data(), **options)
    with pytest.warns(RuntimeWarning) as warned:
        run = fine_tune(
            network(), *data(), directory=small_disk / "run", callbacks=[FillsDisk(small_disk, 4)], **options
        )
    told = [str(one.message) for one in warned]
    assert any("checkpoint could not be written" in text and "No space left" in text for text in told)
    assert any("result could not be written" in text for text in told)
    assert all(np.array_equal(a, b) for a, b in zip(run.model.get_weights(), expected.model.get_weights()))
    assert CheckpointFolder(small_disk / "run").latest()[0]["state"]["epochs"] == 4

    (small_disk / "ballast").unlink()
    again = resume(small_disk / "run", *data(), monitor="silent")
    assert all(np.array_equal(a, b) for a, b in zip(again.model.get_weights(), expected.model.get_weights()))
    assert Run.load(small_disk / "run").stopped_by == "completed"


def test_a_full_or_read_only_disk_is_refused_before_training(small_disk):
    model, options = network(), {"epochs": 2, "monitor": "silent"}
    before = model.get_weights()
    (small_disk / "there").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for name in ("there", "new"):
        with pytest.raises(RecordError, match="Read-only file system"):
            fine_tune(model, *data(), directory=small_disk / name, **options)
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    FillsDisk(small_disk, 0).on_epoch_begin(0)
    with pytest.raises(RecordError, match="No space left"):
        fine_tune(model, *data(), directory=small_disk / "there", **options)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights())) and not model.compiled


def test_damaged_files_of_a_complete_run_are_named(tmp_path):
    run = fine_tune(network(), *data(), epochs=2, monitor="silent", directory=tmp_path / "run")
    for name in ("model.keras", "history.csv", "result.json", "run.json"):
        shutil.copytree(tmp_path / "run", tmp_path / name)
        content = bytearray((tmp_path / name / name).read_bytes())
        for damaged in (content[: len(content) // 2], b"", bytes(content[:-2]) + bytes([content[-2] ^ 1]) + b"\xff"):
            (tmp_path / name / name).write_bytes(damaged)
            with pytest.raises(RecordError, match="damaged"):
                Run.load(tmp_path / name)
    assert np.array_equal(Run.load(tmp_path / "run").predict(data()[0][0]), run.predict(data()[0][0]))
