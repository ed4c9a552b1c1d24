"""Plans, whatever is done to them: they survive JSON, code and the widget, and what is not a plan is refused whole."""

import json
import re
from html.parser import HTMLParser

import keras
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tl_toolkit as tl
from tl_toolkit import events
from tl_toolkit.core import ToolkitError
from tl_toolkit.freeze import FreezePlan
from tl_toolkit.heads import copy_model
from tl_toolkit.patterns import exact_pattern, select
from tl_toolkit.progress import RunProgress
from tl_toolkit.run_record import record_html
from tl_toolkit.tree import ContainerInfo, LayerInfo, LayerTree
from tl_toolkit.widgets.layer_picker import LayerPicker, picture, text_lines
from tl_toolkit.widgets.training_monitor import MonitorView
from tl_toolkit.widgets.tree_rows import tree_rows

SCRIPT, LONG = "<img src=x onerror=alert(1)>", "x" * 300
HOSTILE = (
    SCRIPT,
    LONG,
    "</table><script>alert(2)</script>",
    "\"quoted'&amp;",
    "*",
    "@head",
    "@last 2 layers",
    "[a",
    "a .. b",
)


def properties(examples: int) -> settings:
    return settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )


def hostile_model() -> keras.Model:
    """A nested backbone and a head; some names are code, some are long, two blocks have one name."""
    pixels, image = keras.Input((8, 8, 3), name="pixels"), keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", name=SCRIPT)(pixels)
    x = keras.layers.BatchNormalization(name="block_1_norm")(x)
    x = keras.layers.Conv2D(4, 3, padding="same", name=LONG)(x)
    x = keras.layers.BatchNormalization(name="block_2_norm")(x)
    backbone = keras.Model(pixels, x, name='"back" & <b>bone')
    x = keras.layers.Conv2D(4, 3, padding="same", name="block_1_conv")(backbone(image))
    x = keras.layers.BatchNormalization(name="block_1_norm")(x)
    x = keras.layers.Dropout(0.1, name="it's")(keras.layers.GlobalAveragePooling2D(name="pool")(x))
    return keras.Model(image, keras.layers.Dense(2, name="head")(x), name=f"model {SCRIPT}")


MODEL = hostile_model()
COPY = copy_model(MODEL)
TREE = tl.layer_tree(MODEL)
PICKER = LayerPicker(MODEL, FreezePlan.all_frozen())

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
fitting = st.sampled_from(
    [
        *(pattern for layer in TREE for pattern in (layer.name, layer.path)),
        *(f"@block {block}" for block in TREE.blocks),
        *("*", "*norm", "@head", "@class Conv2D", "@class Batch*", "@depth 1", "@last 2 blocks", "@last 3 layers"),
        *("@from block_1_conv", "@range block_1_norm .. block_2_norm", "@regex (?i)BLOCK_1", TREE.containers[0].path),
    ]
)
expressions = st.sampled_from(["norm$", "(?i)BLOCK", r"\w\d", "it's|\"", r"(?m)^b"]).flatmap(
    lambda text: st.sampled_from([0, re.IGNORECASE, re.ASCII, re.MULTILINE | re.DOTALL]).map(
        lambda flags: re.compile(text, flags)
    )
)


def constructors(patterns):
    counts = st.tuples(st.integers(0, 3), st.sampled_from(["layers", "blocks"]))
    plain = ["all_trainable", "all_frozen", "head_only"]
    return st.one_of(
        st.just(FreezePlan()),
        st.sampled_from(plain).map(lambda name: getattr(FreezePlan, name)()),
        counts.map(lambda two: FreezePlan.last(*two)),
        patterns.map(FreezePlan.from_layer),
    )


def operations(patterns):
    multipliers = st.floats(0, 1e300, allow_nan=False) | st.integers(0, 10) | st.sampled_from([0.1, 0.5, 1.0])
    return st.one_of(
        patterns.map(lambda pattern: lambda plan: plan.freeze(pattern)),
        patterns.map(lambda pattern: lambda plan: plan.unfreeze(pattern)),
        st.tuples(patterns, multipliers).map(lambda two: lambda plan: plan.learning_rate(*two)),
        st.tuples(patterns, st.integers(1, 64)).map(lambda two: lambda plan: plan.lora(*two)),
        st.sampled_from(["frozen", "train"]).map(lambda mode: lambda plan: plan.batchnorm(mode)),
    )


@st.composite
def plans(draw, patterns):
    plan = draw(constructors(patterns.filter(lambda one: isinstance(one, str))))
    for operation in draw(st.lists(operations(patterns), max_size=12)):
        plan = operation(plan)
    return plan


def resolved(plan, where=TREE):
    """What a plan comes to, or why it does not fit."""
    try:
        return plan.resolve(where)
    except ToolkitError as refusal:
        return str(refusal)


@properties(400)
@given(plans(texts | expressions | st.sampled_from(HOSTILE)))
def test_any_plan_survives_json_and_code(plan):
    record = plan.to_dict()
    assert FreezePlan.from_dict(json.loads(json.dumps(record, allow_nan=False))) == plan
    assert eval(plan.to_code(), {"tl": tl}) == plan  # noqa: S307
    assert plan.to_code() == f"tl.{plan!r}"
    assert len({rule.pattern for rule in plan.rules if rule.pattern == "*"}) <= 1


@properties(150)
@given(plans(fitting | expressions))
def test_a_plan_that_fits_survives_the_widget(plan):
    wanted = resolved(plan)
    if isinstance(wanted, str):
        before = PICKER.plan
        with pytest.raises(ToolkitError):
            PICKER.plan = plan
        assert PICKER.plan == before
        return
    PICKER.plan = plan
    assert PICKER.plan == plan
    assert PICKER.resolve() == wanted == FreezePlan.from_dict(json.loads(json.dumps(plan.to_dict()))).resolve(MODEL)
    assert PICKER._state["code"] == plan.to_code()


def edits(rows):
    starts = st.integers(0, len(rows) - 1)
    nodes = st.lists(starts.map(lambda start: [start, rows[start].end]), min_size=1, max_size=1)
    return st.one_of(
        st.fixed_dictionaries({"kind": st.just("set"), "trainable": st.booleans(), "nodes": nodes}),
        st.fixed_dictionaries({"kind": st.just("rate"), "multiplier": st.sampled_from([0, 0.1, 1.0]), "nodes": nodes}),
        st.fixed_dictionaries({"kind": st.just("lora"), "rank": st.sampled_from([0, 4]), "nodes": nodes}),
        starts.map(lambda start: {"kind": "from", "node": start}),
        st.sampled_from([1, 2]).map(lambda n: {"kind": "last", "n": n}),
        st.sampled_from(["frozen", "train"]).map(lambda mode: {"kind": "batchnorm", "mode": mode}),
        st.sampled_from([{"kind": kind} for kind in ("head", "all", "none", "undo", "redo")]),
    )


def send(picker, edit):
    picker._receive(picker, {"type": "edit", "page": "test", "number": 1, "edit": edit}, [])


@properties(60)
@given(st.lists(edits(PICKER._rows), min_size=1, max_size=10))
def test_clicks_and_code_come_to_the_same_flags(clicks):
    PICKER.plan = FreezePlan.all_frozen()
    for edit in clicks:
        send(PICKER, edit)
        plan = PICKER.plan
        assert FreezePlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan
        assert eval(plan.to_code(), {"tl": tl}) == plan  # noqa: S307
        assert plan.resolve(MODEL) == PICKER.resolve()
    if not plan.resolve(TREE).lora:
        plan.apply(COPY)
        tree = tl.layer_tree(COPY)
        assert tuple(x.path for x in tree if x.weights and x.trainable) == PICKER.resolve().trainable
        assert FreezePlan.of(COPY).resolve(tree).trainable == PICKER.resolve().trainable


scalars = st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | texts
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
RECORD = FreezePlan.head_only().learning_rate("*norm", 0.1).lora("@class Conv2D", 4).to_dict()


@st.composite
def malformed(draw, record):
    """The record with something in it changed, dropped or added; now and then anything at all."""
    record = json.loads(json.dumps(record))
    if draw(st.integers(0, 9)) == 0:
        return draw(anything)
    places = [record, record, *record.get("rules", []), *(span for span in [record.get("nodes")] if span)]
    place = draw(st.sampled_from(places))
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    action = draw(st.sampled_from(["change", "change", "drop", "add"]))
    if action == "add" and isinstance(place, dict):
        place[draw(texts)] = draw(anything)
    elif action == "drop":
        del place[draw(st.sampled_from(keys))]
    else:
        place[draw(st.sampled_from(keys))] = draw(anything)
    return record


def read(record):
    try:
        return FreezePlan.from_dict(record), None
    except ToolkitError as refusal:
        return None, refusal


@properties(400)
@given(malformed(RECORD))
def test_what_is_not_a_plan_is_refused_in_plain_words(record):
    plan, refusal = read(record)
    if refusal is None:
        assert FreezePlan.from_dict(plan.to_dict()) == plan
        assert isinstance(resolved(plan), str) or len(resolved(plan)) == len(TREE)
    else:
        assert refusal.received and refusal.expected and refusal.remedy and len(str(refusal)) < 1000


@pytest.mark.parametrize(
    "record",
    [
        {"version": 2, "rules": []},
        {"version": True, "rules": []},
        {"version": 1},
        {"rules": []},
        {"version": 1, "rules": [], "batchnorm": float("nan")},
        {"version": 1, "rules": [{"action": "learning_rate", "pattern": "*", "value": float("nan")}]},
        {"version": 1, "rules": [{"action": "learning_rate", "pattern": "*", "value": 10**5000}]},
        {"version": 1, "rules": [{"action": "freeze", "pattern": "*"}, [[[["nested"]]]]]},
        {"version": 1, "rules": [{"action": "freeze", "pattern": "*"}], "more": 1},
    ],
)
def test_these_are_not_plans(record):
    with pytest.raises(ToolkitError):
        FreezePlan.from_dict(record)


@pytest.mark.parametrize(
    "pattern",
    [
        "no such layer",
        "@regex (",
        "@regex a{99999999999}",
        f"@regex {'(' * 5000}",
        f"@last {'9' * 5000} layers",
        "@",
        "[",
    ],
)
def test_a_rule_that_does_not_fit_leaves_every_flag(pattern):
    plan = FreezePlan.from_dict(
        {"version": 1, "rules": [{"action": "freeze", "pattern": "*"}, {"action": "unfreeze", "pattern": pattern}]}
    )
    flags = [layer.trainable for layer in MODEL._flatten_layers()], [v.trainable for v in MODEL.variables]
    with pytest.raises(ToolkitError):
        plan.apply(MODEL)
    assert flags == ([layer.trainable for layer in MODEL._flatten_layers()], [v.trainable for v in MODEL.variables])


EDITS = [
    {"kind": "set", "trainable": True, "nodes": [[0, 1]]},
    {"kind": "rate", "multiplier": 0.1, "nodes": [[0, 1]]},
    {"kind": "lora", "rank": 4, "nodes": [[0, 1]]},
    {"kind": "from", "node": 1},
    {"kind": "last", "n": 1},
    {"kind": "batchnorm", "mode": "train"},
]


@properties(300)
@given(st.sampled_from(EDITS).flatmap(malformed))
def test_whatever_the_page_sends_the_plan_stays_a_plan_that_fits(edit):
    PICKER.plan = before = FreezePlan.head_only()
    send(PICKER, edit)
    assert PICKER.plan == before or not PICKER._state["error"]
    assert PICKER.plan.resolve(TREE) == PICKER.resolve()


names = st.sampled_from([*HOSTILE, "block_1", "block_2", "head", "conv"]) | texts.map(
    lambda text: text.replace("/", "|")
)


@st.composite
def trees(draw):
    """Layers of any name, in containers and blocks that may have the same names as well."""
    parents = ["", *draw(st.lists(names, max_size=2, unique=True))]
    layers, taken = [], set(parents)
    for i, name in enumerate(draw(st.lists(names, min_size=1, max_size=8))):
        parent, block = draw(st.sampled_from(parents)), draw(st.sampled_from(["block_1", "block_2", "head", name]))
        path = f"{parent}/{name}".lstrip("/")
        path = path if path not in taken else f"{path}#{i}"
        taken.add(path)
        weights, norm, head = draw(st.sampled_from([0, 2])), draw(st.booleans()), parent == "" and draw(st.booleans())
        block = "head" if head else f"{parent}/{block}".lstrip("/")
        kind, trained = "BatchNormalization" if norm else "Conv2D", weights * draw(st.sampled_from([0, 5]))
        size = (5 * weights, 5 * weights, trained, weights, (None, 4), trained > 0, norm and weights > 0, head)
        layers.append(LayerInfo(path, name, kind, parent, block, *size, lora_params=3 * weights))
    containers = tuple(ContainerInfo(path, path, "Functional") for path in parents[1:])
    return LayerTree("model", tuple(layers), containers)


@properties(300)
@given(trees(), st.randoms(use_true_random=False))
def test_any_state_of_the_flags_has_a_plan(tree, random):
    wanted = {layer.path: random.random() < 0.5 for layer in tree}
    plan = FreezePlan.from_choices(tree, wanted)
    assert set(plan.resolve(tree).trainable) == {x.path for x in tree if x.weights and wanted[x.path]}
    assert eval(plan.to_code(), {"tl": tl}).resolve(tree) == plan.resolve(tree)  # noqa: S307
    for default in (FreezePlan.all_frozen(), FreezePlan.all_trainable().batchnorm("train")):
        assert len(default.resolve(tree).trainable) in (0, sum(x.weights > 0 for x in tree))


class Page(HTMLParser):
    """What a browser makes of a piece of HTML: its elements, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.text += "".join(f" {value} " for name, value in attributes if name in ("aria-label", "title"))

    def handle_data(self, text):
        self.text += text


SAFE = {
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "code",
    "pre",
    "b",
    "i",
    "svg",
    "rect",
    "g",
    "title",
}
SAFE |= {"p", "text", "path", "line", "style", "circle", "polyline"}


def seen_in(html: str) -> str:
    """The text of a piece of HTML in which nothing is active."""
    page = Page(html)
    assert page.tags <= SAFE, page.tags - SAFE
    assert not [name for name in page.attributes if name.startswith("on")]
    return page.text


@properties(150)
@given(trees(), st.randoms(use_true_random=False))
def test_names_are_text_in_every_picture_of_a_plan(tree, random):
    plan = FreezePlan.from_choices(tree, {layer.path: random.random() < 0.5 for layer in tree})
    for layer in tree:
        plan = plan.learning_rate(exact_pattern(layer.path), 0.5)
    choices = plan.resolve(tree)
    assert plan.rules[-1].pattern in seen_in(plan._repr_html_())
    seen_in(choices._repr_html_())
    seen_in(plan.diff(FreezePlan.all_frozen(), tree)._repr_html_())
    seen_in(picture(tree_rows(tree), plan, choices))
    assert text_lines(tree_rows(tree), choices)


@pytest.mark.parametrize("name", [SCRIPT, LONG])
def test_a_hostile_name_is_text_in_every_static_record(name):
    layer = next(layer for layer in TREE if layer.name == name)
    plan = FreezePlan.head_only().unfreeze(name).learning_rate(layer.path, 0.5)
    picker = LayerPicker(MODEL, plan)
    for html in (plan._repr_html_(), plan.diff(FreezePlan.head_only(), MODEL)._repr_html_(), picker.static_html()):
        assert name in seen_in(html)
    assert name in seen_in(picker._repr_mimebundle_()[0]["text/html"]) and name in repr(picker)
    seen_in(plan.resolve(MODEL)._repr_html_())
    assert [x.name for x in select(TREE, name)] == [name]
    assert name in json.loads(picker._structure)["names"]


def test_a_hostile_name_is_text_in_what_lint_finds():
    model = copy_model(MODEL)
    model.get_layer(MODEL.layers[1].name).trainable = False
    backbone = model.get_layer(MODEL.layers[1].name)
    for layer in backbone.layers:
        layer.trainable = layer.name in (SCRIPT, LONG)
    backbone.trainable = False
    backbone.get_layer(SCRIPT).trainable = True
    (finding,) = tl.lint(model)
    assert SCRIPT in seen_in(finding._repr_html_()) and SCRIPT in repr(finding)


def test_a_hostile_name_is_text_in_the_record_of_a_run():
    outline = events.PhaseOutline(SCRIPT, 1, frozen=SCRIPT, learning_rate=0.1, rates=((LONG, 0.5), (SCRIPT, 0.1)))
    run = RunProgress()
    for event in (
        events.RunStarted(SCRIPT, (outline,), best_by="loss"),
        events.PhaseStarted(0, outline),
        events.CacheStarted(0, 8, SCRIPT),
        events.CacheEnded(0, 8, 1024),
        events.EpochStarted(0, 0, 0.1),
        events.EpochEnded(0, 0, {"loss": 1.0, SCRIPT: 0.5}, 0.1),
        events.BlocksMoved(0, 0, {SCRIPT: 0.1, LONG: 0.2}),
        events.CheckpointSaved(f"{SCRIPT}.keras", 0, best=True),
        events.Message(f"The layer {SCRIPT} is frozen."),
        events.PhaseEnded(0),
        events.RunEnded(error=SCRIPT),
    ):
        run(event)
    record = seen_in(record_html(run))
    assert SCRIPT in record and record.count(LONG[:24])
    assert SCRIPT in seen_in(MonitorView(run).static_html())


def test_a_hostile_name_is_text_in_the_picture_of_a_recipe():
    plan = FreezePlan.head_only().unfreeze(SCRIPT).learning_rate(LONG, 0.5)
    recipe = tl.Recipe(
        "recipe", (tl.Phase(plan, 1, 0.1, SCRIPT), tl.Phase(FreezePlan.last(1, "blocks"), 2, 0.01, LONG))
    )
    assert SCRIPT in seen_in(recipe._repr_html_())
