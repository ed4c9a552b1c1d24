"""The page predicts what Python will answer to an edit: both must come to the same layers."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from tl_toolkit.freeze import FreezePlan
from tl_toolkit.widgets.layer_picker import LayerPicker

ROOT = Path(__file__).parents[1]
PREDICT = """
import { readFileSync } from "node:fs";
const { readTree } = await import(process.argv[1] + "/tree.js");
const { applyEdit, decodeRuns, summarize } = await import(process.argv[1] + "/selection.js");
const { structure, steps } = JSON.parse(readFileSync(0, "utf8"));
const tree = readTree(structure);
const trained = (choices) => [...choices].map((choice) => (choice === 1 ? 1 : 0)).join("");
console.log(JSON.stringify(steps.map(({ before, edit, after }) => {
  const start = { choices: decodeRuns(before.choices), batchnorm: before.batchnorm };
  const predicted = applyEdit(tree, start, edit);
  const answered = { choices: decodeRuns(after.choices), batchnorm: after.batchnorm };
  return {
    predicted: trained(predicted.choices), answered: trained(answered.choices),
    policies: [predicted.batchnorm, answered.batchnorm], trainable: summarize(tree, answered).trainable,
  };
})));
"""


def block(x, name, filters=4):
    x = keras.layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv")(x)
    x = keras.layers.BatchNormalization(name=f"{name}_norm")(x)
    return keras.layers.Dropout(0.1, name=f"{name}_drop")(x)


def flat_model():
    x = inputs = keras.Input((8, 8, 3), name="image")
    for i in range(1, 5):
        x = block(x, f"block_{i}")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.BatchNormalization(name="head_norm")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(x))


def nested_model():
    inner = keras.Input((8, 8, 3), name="pixels")
    backbone = keras.Model(inner, block(block(inner, "block_1"), "block_2"), name="backbone")
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    x = keras.layers.Concatenate(name="both")([backbone(left), backbone(right)])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(block(x, "block_1"))
    return keras.Model([left, right], keras.layers.Dense(2, name="head")(x))


def sequential_model():
    layers = [keras.Input((6,), name="features")]
    for i in range(4):
        layers += [keras.layers.Dense(4, name=f"dense_{i}"), keras.layers.ReLU(name=f"relu_{i}")]
    return keras.Sequential([*layers, keras.layers.Dense(2, name="out")])


def random_edit(rng, rows):
    start = rng.randrange(len(rows))
    spans = [[start, rows[start].end]]
    if rng.random() < 0.3 and rows[start].end < len(rows):
        other = rng.randrange(rows[start].end, len(rows))
        spans.append([other, rows[other].end])
    return rng.choice([
        {"kind": "set", "trainable": rng.random() < 0.6, "nodes": spans},
        {"kind": "set", "trainable": rng.random() < 0.6, "nodes": spans},
        {"kind": "from", "node": start}, {"kind": "last", "n": rng.randrange(1, 3)},
        {"kind": "head"}, {"kind": "all"}, {"kind": "none"},
        {"kind": "batchnorm", "mode": rng.choice(["frozen", "train"])}])


@pytest.mark.parametrize("build", [flat_model, nested_model, sequential_model])
def test_the_page_predicts_what_python_answers(build):
    picker, rng = LayerPicker(build(), FreezePlan.all_frozen()), random.Random(7)
    steps = []
    for number in range(150):
        before, edit = dict(picker._state), random_edit(rng, picker._rows)
        picker._receive(picker, {"type": "edit", "page": "test", "number": number, "edit": edit}, [])
        assert picker._state["error"] == ""
        steps.append({"before": before, "edit": edit, "after": dict(picker._state)})
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    command = [node, "--input-type=module", "-e", PREDICT, str(ROOT / "js" / "layer_picker")]
    sent = json.dumps({"structure": json.loads(picker._structure), "steps": steps})
    done = subprocess.run(command, input=sent, capture_output=True, text=True, check=True)
    for step, seen in zip(steps, json.loads(done.stdout), strict=True):
        assert seen["predicted"] == seen["answered"], step
        by_path_alone = "@regex" in step["after"]["code"]  # two layers of one name: the policy may have to follow
        assert by_path_alone or len(set(seen["policies"])) == 1, step
    picker.apply()
    assert json.loads(done.stdout)[-1]["trainable"] == sum(v.numpy().size for v in picker.model.trainable_variables)
