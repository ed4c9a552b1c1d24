"""A predictor's file gives the same answers where there is nothing but Keras."""

import subprocess
import sys
import zipfile

import keras
import numpy as np

import tl_toolkit as tl

ELSEWHERE = """
import sys

ABSENT = {"tl_toolkit", "pandas", "sklearn", "matplotlib", "PIL", "IPython", "ipywidgets", "anywidget", "traitlets"}


class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NotInstalled())
import keras, numpy as np

for name in ABSENT:
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{name} could be imported")
model = keras.saving.load_model(sys.argv[1], safe_mode=True)
np.save(sys.argv[3], model.predict_on_batch(np.load(sys.argv[2])))
assert not ABSENT & {name.partition(".")[0] for name in sys.modules}
"""


def answers_elsewhere(model, x, folder) -> np.ndarray:
    """What a model's file answers in a process that has Keras and its backend, and nothing else of what we use."""
    np.save(folder / "x.npy", x)
    command = [sys.executable, "-I", "-c", ELSEWHERE, model, folder / "x.npy", folder / "answers.npy"]
    subprocess.run(command, check=True, timeout=300)
    return np.load(folder / "answers.npy")


def test_the_file_loads_where_tl_toolkit_is_not_installed(tmp_path):
    split = tl.samples.digits_split(labels_per_class=2)
    model = tl.replace_head(tl.samples.source_model(), num_outputs=10)
    run = tl.fine_tune(model, split.train, recipe="linear_probe", epochs=2, monitor="silent")
    predictor = tl.Predictor(run, preprocessing=keras.layers.Rescaling(1 / 255))
    x = (split.test.x[:64] * 255).astype("float32")
    path = predictor.save(tmp_path / "digits.keras")
    elsewhere = answers_elsewhere(path, x, tmp_path)
    here = tl.Predictor.load(path)
    assert np.array_equal(here.predict(x, returns="outputs"), elsewhere)
    assert np.array_equal(here.predict(x, returns="outputs"), predictor.predict(x, returns="outputs"))
    assert np.allclose(here.predict(x, returns="outputs"), run.predict(split.test.x[:64]), atol=1e-5)
    assert here.class_names == tuple("0123456789") and set(here.predict(x, returns="names")) <= set("0123456789")


def test_an_exported_model_with_merged_lora_answers_the_same_elsewhere(tmp_path):
    split = tl.samples.digits_split(labels_per_class=2)
    model = tl.replace_head(tl.samples.source_model(), num_outputs=10)
    plan = tl.FreezePlan.head_only().lora("*", rank=2)
    options = dict(plan=plan, epochs=2, l2_sp=0.1, loss=tl.objectives.half_squared_error, monitor="silent")
    run = tl.fine_tune(model, (split.train.x, np.eye(10)[split.train.y]), metrics=[], **options)
    assert any("LoRA" in notice and "merged" in notice for notice in run.notices)
    tl.export_run(run, tmp_path / "exported")
    x = split.test.x[:64]
    elsewhere = answers_elsewhere(tmp_path / "exported" / "model.keras", x, tmp_path)
    assert np.array_equal(run.model.predict_on_batch(x), elsewhere)


def test_the_file_holds_no_pickle(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    with zipfile.ZipFile(tl.Predictor(model).save(tmp_path / "small.keras")) as archive:
        assert set(archive.namelist()) == {"metadata.json", "config.json", "model.weights.h5", "tl_toolkit.json"}
