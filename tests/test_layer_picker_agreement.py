"""The page predicts what Python will answer to an edit: both must come to the same layers, ranks of LoRA and rates."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tl_toolkit as tl
from tl_toolkit.freeze import FreezePlan
from tl_toolkit.widgets.layer_picker import LayerPicker

ROOT = Path(__file__).parents[1]
PREDICT = """
import { readFileSync } from "node:fs";
const { readTree } = await import(process.argv[1] + "/tree.js");
const { applyEdit, decodeNumbers, decodeRuns, summarize } = await import(process.argv[1] + "/selection.js");
const { structure, steps } = JSON.parse(readFileSync(0, "utf8"));
const tree = readTree(structure);
const trained = (choices) => [...choices].map((choice) => "ftfl"[choice]).join("");
console.log(JSON.stringify(steps.map(({ before, edit, after }) => {
  const [start, answered] = [before, after].map(({ choices, ranks, rates, batchnorm }) => {
    return { choices: decodeRuns(choices), ranks: decodeNumbers(ranks), rates: decodeNumbers(rates), batchnorm };
  });
  const [predicted, told] = [applyEdit(tree, start, edit), answered].map(({ choices, ranks, rates, batchnorm }) => {
    return { trained: trained(choices), ranks: [...ranks], rates: [...rates], batchnorm };
  });
  return { predicted, told, trainable: summarize(tree, answered).trainable };
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


def edits(rows):
    """Every kind of edit that the page sends for these rows."""
    starts = st.integers(0, len(rows) - 1)
    row = starts.map(lambda start: [start, rows[start].end])
    spans = row.map(lambda one: [one]) | st.tuples(row, row).filter(lambda two: two[0][1] <= two[1][0]).map(list)
    some_rows = st.tuples(starts, starts).map(lambda two: [[min(two), max(two) + 1]])
    nodes, multipliers = spans | some_rows, st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0])
    ticks = st.fixed_dictionaries({"kind": st.just("set"), "trainable": st.booleans(), "nodes": nodes})
    rates = st.fixed_dictionaries({"kind": st.just("rate"), "multiplier": multipliers, "nodes": nodes})
    adapted = row.filter(lambda one: any(rows.tree.layers[i].lora_params for i in rows.layers_below(*one)))
    rank = st.sampled_from([0, 1, 4])
    ranks = st.fixed_dictionaries({"kind": st.just("lora"), "rank": rank, "nodes": st.tuples(adapted)})
    return st.one_of(
        ticks, ticks, ticks, rates, ranks,
        starts.map(lambda start: {"kind": "from", "node": start}),
        st.sampled_from([1, 2]).map(lambda n: {"kind": "last", "n": n}),
        st.sampled_from(["frozen", "train"]).map(lambda mode: {"kind": "batchnorm", "mode": mode}),
        st.sampled_from([{"kind": "head"}, {"kind": "all"}, {"kind": "none"}]))


def send(picker, number, edit):
    picker._receive(picker, {"type": "edit", "page": "test", "number": number, "edit": edit}, [])


BUILDERS = [flat_model, nested_model, sequential_model]
PICKERS = {build: LayerPicker(build(), FreezePlan.all_frozen()) for build in BUILDERS}


def predictions(picker, steps):
    """What the page makes of each step: its prediction, and what Python answered as it reads it."""
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    command = [node, "--input-type=module", "-e", PREDICT, str(ROOT / "js" / "layer_picker")]
    sent = json.dumps({"structure": json.loads(picker._structure), "steps": steps})
    done = subprocess.run(command, input=sent, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("build", BUILDERS)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_page_predicts_what_python_answers(build, data):
    picker, steps = PICKERS[build], []
    picker.plan = FreezePlan.all_frozen()
    for number, edit in enumerate(data.draw(st.lists(edits(picker._rows), min_size=1, max_size=12))):
        before = dict(picker._state)
        send(picker, number, edit)
        assert picker._state["error"] == ""
        steps.append({"before": before, "edit": edit, "after": dict(picker._state)})
    seen = predictions(picker, steps)
    for step, one in zip(steps, seen, strict=True):
        assert one["predicted"] == one["told"], step
    choices = picker.resolve()
    updated = choices.trainable_params
    assert seen[-1]["trainable"] == updated
    if not choices.lora:
        model = build()
        picker.plan.apply(model)
        assert updated == sum(v.numpy().size for v in model.trainable_variables)


@pytest.mark.parametrize("build", BUILDERS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_clicked_survives_json_code_undo_and_another_widget(build, data):
    picker = PICKERS[build]
    picker.plan = FreezePlan.all_frozen()
    plans = [picker.plan]
    for number, edit in enumerate(data.draw(st.lists(edits(picker._rows), min_size=1, max_size=10))):
        send(picker, number, edit)
        if picker.plan != plans[-1]:
            plans.append(picker.plan)
        assert FreezePlan.from_dict(json.loads(json.dumps(picker.plan.to_dict()))) == picker.plan
        assert eval(picker.plan.to_code(), {"tl": tl}) == picker.plan  # noqa: S307
        assert picker.plan.resolve(picker.model) == picker.resolve()
    names = ("choices", "ranks", "rates", "batchnorm", "code")
    other = LayerPicker(picker.model, picker.plan)
    assert [other._state[name] for name in names] == [picker._state[name] for name in names]
    for plan in reversed(plans[:-1]):
        send(picker, 99, {"kind": "undo"})
        assert picker.plan == plan
