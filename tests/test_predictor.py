"""A predictor's file gives the same answers where there is nothing but Keras."""

import subprocess
import sys
import zipfile

import keras
import numpy as np

import tl_toolkit as tl

ELSEWHERE = """
import sys
sys.modules["tl_toolkit"] = None  # as if it were not installed
import keras, numpy as np
model = keras.saving.load_model(sys.argv[1], safe_mode=True)
np.save(sys.argv[3], model.predict_on_batch(np.load(sys.argv[2])))
"""


def test_the_file_loads_where_tl_toolkit_is_not_installed(tmp_path):
    split = tl.samples.digits_split(labels_per_class=2)
    model = tl.replace_head(tl.samples.source_model(), num_outputs=10)
    run = tl.fine_tune(model, split.train, recipe="linear_probe", epochs=2, monitor="silent")
    predictor = tl.Predictor(run, preprocessing=keras.layers.Rescaling(1 / 255))
    x = (split.test.x[:64] * 255).astype("float32")
    np.save(tmp_path / "x.npy", x)
    path = predictor.save(tmp_path / "digits.keras")
    command = [sys.executable, "-c", ELSEWHERE, path, tmp_path / "x.npy", tmp_path / "answers.npy"]
    subprocess.run(command, check=True, timeout=300)
    here = tl.Predictor.load(path)
    assert np.array_equal(here.predict(x, returns="outputs"), np.load(tmp_path / "answers.npy"))
    assert np.array_equal(here.predict(x, returns="outputs"), predictor.predict(x, returns="outputs"))
    assert np.allclose(here.predict(x, returns="outputs"), run.predict(split.test.x[:64]), atol=1e-5)
    assert here.class_names == tuple("0123456789") and set(here.predict(x, returns="names")) <= set("0123456789")


def test_the_file_holds_no_pickle(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    with zipfile.ZipFile(tl.Predictor(model).save(tmp_path / "small.keras")) as archive:
        assert set(archive.namelist()) == {"metadata.json", "config.json", "model.weights.h5", "tl_toolkit.json"}
