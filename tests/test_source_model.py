"""The bundled source model is what its training script makes, and both scripts about it run."""
import json
import os
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np

from tl_toolkit.samples import source_model

ROOT = Path(__file__).parents[1]


def run_script(name: str, *options: str) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / name), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_training_script_makes_the_network_that_is_shipped(tmp_path):
    path = tmp_path / "tiny.keras"
    told = run_script("train_source_model.py", "--pictures", "148", "--epochs", "1", "--out", str(path))
    assert "accuracy on unseen letters" in told
    made, shipped = keras.saving.load_model(path, compile=False), source_model()
    assert made.get_config() == shipped.get_config()
    assert [w.shape for w in made.get_weights()] == [w.shape for w in shipped.get_weights()]


def test_the_shipped_weights_are_trained_and_finite():
    weights = {w.path: keras.ops.convert_to_numpy(w) for w in source_model().weights}
    assert all(np.isfinite(w).all() for w in weights.values())
    means = [w for path, w in weights.items() if path.endswith("moving_mean")]
    assert means and all(np.abs(mean).max() > 0 for mean in means)


def test_the_shipped_file_names_no_setting_that_an_older_keras_may_not_know():
    without_defaults = runpy.run_path(str(ROOT / "benchmarks" / "train_source_model.py"))["without_defaults"]
    with zipfile.ZipFile(ROOT / "tl_toolkit" / "assets" / "letters_source.keras") as archive:
        config = json.loads(archive.read("config.json"))
    assert config == without_defaults(config)
    assert without_defaults(json.loads(source_model().to_json())) != json.loads(source_model().to_json())


def test_the_transfer_is_measured(tmp_path):
    told = run_script("transfer_on_samples.py", "--labels", "2", "--seeds", "1", "--phase-steps", "8",
                      "--strategies", "from_scratch,head_only", "--csv", str(tmp_path / "runs.csv"))
    rows = [row.split(",") for row in (tmp_path / "runs.csv").read_text().splitlines()]
    assert rows[0][:3] == ["strategy", "labels", "seed"]
    assert [row[0] for row in rows[1:]] == ["from_scratch", "head_only"]
    assert "head_only" in told.splitlines()[-1]
