"""The LayerPicker in a real JupyterLab: what is clicked is in the kernel, and what the kernel sets is seen.

`python3 dev.py browser -k picker --kernels 6.17.1` runs it with the oldest libraries supported, among them
ipywidgets 7.7.1; `--kernels all` on every kernel of `kernel_environments.py`.
"""

import re

import nbformat
import pytest
from lab_page import SCREENSHOTS
from nbconvert import HTMLExporter
from playwright.sync_api import expect

MODEL = """
import keras
from tl_toolkit.freeze import FreezePlan
from tl_toolkit.widgets.layer_picker import LayerPicker

x = pixels = keras.Input((16, 16, 3), name="pixels")
for i in range(1, 13):
    x = keras.layers.Conv2D(8, 3, padding="same", name=f"block_{i}_conv")(x)
    x = keras.layers.BatchNormalization(name=f"block_{i}_norm")(x)
    x = keras.layers.ReLU(name=f"block_{i}_relu")(x)
backbone = keras.Model(pixels, x, name="backbone")
image = keras.Input((16, 16, 3), name="image")
x = keras.layers.GlobalAveragePooling2D(name="pool")(backbone(image))
x = keras.layers.Dense(4, name="<img src=x onerror=alert(1)>")(x)
x = keras.layers.Dense(4, name="long_" * 59 + "name!")(x)
model = keras.Model(image, keras.layers.Dense(2, name="classes")(x), name="a model")
picker = LayerPicker(model, FreezePlan.all_frozen())
heard = []
picker.observe(lambda change: heard.append(change.new), names=["plan"])
"""
HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "long_" * 59 + "name!"
TRAINABLE = "list(picker.resolve().trainable)"


@pytest.fixture
def notebook(lab, kernel):
    """A notebook that shows a picker in its second cell."""
    notebook = lab.open([MODEL, "picker"], kernel=kernel)
    notebook.run_all()
    notebook.wait_idle()
    notebook.output(1).get_by_role("treegrid", name="Layers of a model").wait_for()
    return notebook


def row(view, name):
    return view.get_by_role("row", name=name, exact=True)


def box(view, name):
    return row(view, name).get_by_role("checkbox", name="trainable")


def unfold(view, name):
    row(view, name).locator(".tl-fold").click()
    expect(row(view, name)).to_have_attribute("aria-expanded", "true")


def complaints(notebook):
    """What the page wrote to its console, but for the layout of ipywidgets 7, which this JupyterLab does not know."""
    return [text for text in notebook.console if "Module @jupyter-widgets/base, version ^1.2.0" not in text]


def states(view, *names):
    return [box(view, name).evaluate("box => box.indeterminate ? 'mixed' : box.checked") for name in names]


def test_a_click_changes_the_plan_and_a_plan_moves_the_ticks(notebook):
    view = notebook.output(1)
    unfold(view, "block_2")
    box(view, "block_2").click()
    notebook.wait_until("len(heard) == 1")
    assert notebook.evaluate(TRAINABLE) == ["backbone/block_2_conv"]
    assert notebook.evaluate("repr(picker.plan)") == "FreezePlan.all_frozen().unfreeze('@block backbone/block_2')"
    assert states(view, "backbone", "block_2", "block_2_conv", "block_2_norm") == ["mixed", True, True, False]
    assert notebook.evaluate("len(model.trainable_variables)") == 54, "the model is not touched"

    box(view, "block_2_norm").click()
    notebook.wait_until("len(heard) == 2")
    assert notebook.evaluate(TRAINABLE) == ["backbone/block_2_conv", "backbone/block_2_norm"]
    box(view, "block_2_conv").click()
    notebook.wait_until("len(heard) == 3")
    assert states(view, "block_2") == ["mixed"]

    notebook.execute("picker.plan = FreezePlan.last(2, 'blocks')")
    expect(view.get_by_label("The plan as code")).to_have_text("tl.FreezePlan.last(2, 'blocks')")
    expect(view.get_by_role("button", name="Last 2 blocks")).to_have_attribute("aria-pressed", "true")
    assert states(view, "block_2", "block_10", "block_11", "block_12") == [False, False, True, True]
    assert notebook.evaluate("len(heard)") == 4

    for name, code in [("Head only", "head_only()"), ("Last block", "last(1, 'blocks')"), ("All", "all_trainable()")]:
        view.get_by_role("button", name=name, exact=True).click()
        notebook.wait_until(f"picker.plan == FreezePlan.{code}")
    for name, code in [("Undo", "last(1, 'blocks')"), ("Undo", "head_only()"), ("Redo", "last(1, 'blocks')")]:
        view.get_by_role("button", name=name, exact=True).click()
        notebook.wait_until(f"picker.plan == FreezePlan.{code}")

    row(view, "block_7").hover()
    row(view, "block_7").get_by_role("button", name="train from here up").click()
    notebook.wait_until("picker.plan == FreezePlan.from_layer('block_7')")
    assert notebook.evaluate("picker.apply().trainable_after") == notebook.evaluate(
        "sum(v.numpy().size for v in model.trainable_variables)"
    )
    assert complaints(notebook) == []


def test_shift_click_takes_a_range_and_totals_follow(notebook):
    view = notebook.output(1)
    box(view, "block_3").click()
    box(view, "block_6").click(modifiers=["Shift"])
    notebook.wait_until("len(heard) == 2")
    assert notebook.evaluate(TRAINABLE) == [f"backbone/block_{i}_conv" for i in range(3, 7)]
    assert notebook.evaluate("picker.plan.to_code()") == (
        "tl.FreezePlan.all_frozen().unfreeze('@range backbone/block_3 .. backbone/block_6')"
    )
    params = notebook.evaluate(
        "sum(w.size for i in range(3, 7) for w in "
        "model.get_layer('backbone').get_layer(f'block_{i}_conv').get_weights())"
    )
    expect(view.get_by_role("img", name=f"{params / 1000:.2f} k of")).to_be_visible()
    row(view, "block_8").click(modifiers=["Shift"])
    notebook.wait_until(f"{TRAINABLE} == [f'backbone/block_{{i}}_conv' for i in range(3, 9)]")
    view.get_by_role("button", name="None").click()
    expect(view.get_by_role("img", name="0 of")).to_be_visible()
    notebook.wait_until("picker.resolve().trainable == ()")


def drag(notebook, start, *stops):
    """Press on the middle of a box and move over the others; the button stays down."""
    mouse = notebook.page.mouse
    for number, target in enumerate([start, *stops]):
        area = target.bounding_box()
        mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2, steps=6)
        if number == 0:
            mouse.down()


def test_dragging_over_boxes_takes_a_range_in_one_step(notebook):
    view, page = notebook.output(1), notebook.page
    view.locator(".tl-card").scroll_into_view_if_needed()
    drag(notebook, box(view, "block_3"), box(view, "block_9"), box(view, "block_6"))
    assert states(view, "block_2", "block_3", "block_6", "block_7") == [False, True, True, False]
    expect(row(view, "block_5")).to_have_attribute("aria-selected", "true")
    expect(view.get_by_role("img", name="2.34 k of")).to_be_visible()
    assert notebook.evaluate("len(heard)") == 0, "nothing is sent before the button is released"
    notebook.screenshot("layer-picker-drag", view.locator(".tl-card"))
    page.mouse.up()
    notebook.wait_until("len(heard) == 1")
    assert notebook.evaluate(TRAINABLE) == [f"backbone/block_{i}_conv" for i in range(3, 7)]

    drag(notebook, box(view, "block_4"), box(view, "block_2"))
    assert states(view, "block_2", "block_3", "block_4", "block_5") == [False, False, False, True]
    page.keyboard.press("Escape")
    assert states(view, "block_3", "block_4") == [True, True], "given up"
    page.mouse.up()
    box(view, "block_12").click()
    notebook.wait_until("len(heard) == 2")
    assert states(view, "block_4", "block_12") == [True, True]

    tree = view.get_by_role("treegrid")
    area = tree.bounding_box()
    drag(notebook, box(view, "block_5"))
    page.mouse.move(area["x"] + 60, area["y"] + area["height"] + 60, steps=6)
    expect(row(view, "head")).to_have_attribute("aria-selected", "true")  # the tree has scrolled by itself
    page.mouse.up()
    notebook.wait_until("len(heard) == 3")
    assert states(view, "block_12") == [False]
    view.get_by_role("button", name="Undo").click()
    notebook.wait_until("picker.resolve()['backbone/block_12_conv'].trainable")
    assert complaints(notebook) == []


def test_a_multiplier_of_the_learning_rate_is_set_on_a_row(notebook):
    view, page = notebook.output(1), notebook.page
    unfold(view, "block_2")
    row(view, "block_2").hover()
    row(view, "block_2").get_by_role("button", name="options").click()
    panel = view.get_by_role("dialog", name="Options of block_2")
    field = panel.get_by_role("spinbutton", name="multiplier of the learning rate")
    expect(field).to_be_focused()
    expect(field).to_have_value("1")
    panel.get_by_role("button", name="learning rate times 0.1").click()
    expect(row(view, "block_2").get_by_text("×\u202f0.1")).to_be_visible()
    expect(row(view, "block_2_conv").get_by_text("×\u202f0.1")).to_be_visible()
    notebook.wait_until("len(heard) == 1")
    assert notebook.evaluate("picker.plan.to_code()") == (
        "tl.FreezePlan.all_frozen().learning_rate('@block backbone/block_2', 0.1)"
    )
    notebook.screenshot("layer-picker-multiplier", view.locator(".tl-card"))
    field.fill("0.25")
    field.press("Enter")
    expect(panel).to_be_hidden()
    expect(view.get_by_role("treegrid")).to_be_focused()
    notebook.wait_until("picker.resolve()['backbone/block_2_norm'].learning_rate == 0.25")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    panel = view.get_by_role("dialog", name="Options of block_2_conv")
    panel.get_by_role("spinbutton").fill("-3")
    panel.get_by_role("spinbutton").press("Enter")
    page.keyboard.press("F2")
    expect(panel.get_by_role("spinbutton")).to_have_value("0.25")
    panel.get_by_role("button", name="learning rate times 3").click()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(row(view, "block_2").get_by_text("×\u202f0.25 – 3")).to_be_visible()
    notebook.wait_until("picker.resolve()['backbone/block_2_conv'].learning_rate == 3")
    row(view, "block_2").locator(".tl-badge--rate").click()
    view.get_by_role("dialog").get_by_role("button", name="learning rate times 1", exact=True).click()
    notebook.wait_until("picker.plan == FreezePlan.all_frozen()")
    expect(view.locator(".tl-badge--rate")).to_have_count(0)
    view.get_by_role("dialog").get_by_role("button", name="Train from here up").click()
    notebook.wait_until("picker.plan == FreezePlan.from_layer('block_2')")
    expect(view.get_by_role("dialog")).to_have_count(0)
    assert complaints(notebook) == []


def test_lora_is_chosen_where_a_layer_can_have_it(notebook):
    view, page = notebook.output(1), notebook.page
    unfold(view, "block_2")
    row(view, "block_2").click()
    page.keyboard.press("F2")
    rank = view.get_by_role("dialog").get_by_role("combobox", name="rank of LoRA")
    expect(rank).to_have_value("0")
    rank.select_option("8")
    notebook.wait_until("picker.plan == FreezePlan.all_frozen().lora('@block backbone/block_2', 8)")
    notebook.screenshot("layer-picker-lora", view.locator(".tl-card"))
    page.keyboard.press("Escape")
    expect(row(view, "block_2_conv").get_by_text("LoRA 8")).to_be_visible()
    assert states(view, "block_2", "block_2_conv", "block_2_norm") == ["mixed", "mixed", False]
    added = notebook.evaluate("picker.resolve().trainable_params")
    expect(view.get_by_role("img", name=f"{added} of")).to_be_visible()
    row(view, "block_2_norm").click()
    page.keyboard.press("F2")
    expect(view.get_by_role("dialog")).to_be_visible()
    expect(view.get_by_role("combobox", name="rank of LoRA")).to_have_count(0)
    page.keyboard.press("Escape")

    box(view, "block_2_conv").click()
    notebook.wait_until("picker.plan == FreezePlan.all_frozen().unfreeze('backbone/block_2_conv')")
    view.get_by_role("button", name="Undo").click()
    notebook.wait_until("picker.resolve().lora == {'backbone/block_2_conv': 8}")
    row(view, "block_2").locator(".tl-badge--lora").click()
    expect(rank).to_have_value("8")
    rank.select_option("0")
    notebook.wait_until("picker.plan == FreezePlan.all_frozen()")
    expect(view.locator(".tl-badge--lora")).to_have_count(0)
    assert complaints(notebook) == []


def test_search_and_filter_find_layers_and_names_are_text(notebook):
    view, page = notebook.output(1), notebook.page
    search = view.get_by_role("searchbox", name="Search layers")
    search.fill("block_7_*")
    expect(view.get_by_role("row", name="block_7_")).to_have_count(3)
    expect(row(view, "block_6")).to_have_count(0)
    box(view, "block_7_conv").click()
    notebook.wait_until("picker.resolve().trainable == ('backbone/block_7_conv',)")
    search.fill("no such layer")
    expect(view.get_by_text("No layer matches")).to_be_visible()
    notebook.screenshot("layer-picker-nothing-found", view.locator(".tl-card"))
    search.fill("/(/")
    expect(view.get_by_text("Not a regular expression")).to_be_visible()
    search.press("Escape")
    expect(search).to_have_value("")
    view.get_by_role("combobox", name="Show").select_option("trainable")
    expect(view.get_by_role("row", name="block_7_conv")).to_be_visible()
    expect(view.get_by_text("1 found")).to_be_visible()
    view.get_by_role("combobox", name="Show").select_option("all")

    search.fill("<img")
    expect(row(view, HOSTILE).get_by_text(HOSTILE, exact=True)).to_be_visible()
    assert view.locator(".tl-picker img").count() == 0
    assert box(view, HOSTILE).is_visible()
    notebook.screenshot("layer-picker-hostile-name", view.locator(".tl-card"))
    box(view, HOSTILE).click()
    notebook.wait_until(f"{HOSTILE!r} in picker.resolve().trainable")
    assert page.evaluate("document.querySelectorAll('.jp-OutputArea img').length") == 0
    search.fill("long_long_")
    name = row(view, LONG).get_by_text(LONG, exact=True)
    expect(name).to_be_visible()
    assert name.bounding_box()["width"] < row(view, LONG).bounding_box()["width"] / 2
    expect(name).to_have_attribute("title", LONG)
    notebook.screenshot("layer-picker-long-name", view.locator(".tl-card"))


def test_the_keyboard_is_enough_and_never_reaches_the_notebook(notebook):
    view, page = notebook.output(1), notebook.page
    tree = view.get_by_role("treegrid")
    view.get_by_role("button", name="Fold all").focus()
    page.keyboard.press("Tab")
    expect(tree).to_be_focused()

    def active():
        return tree.evaluate("tree => document.getElementById(tree.getAttribute('aria-activedescendant')).ariaLabel")

    for keys, name in [
        ("Home", "image"),
        ("ArrowDown", "backbone"),
        ("ArrowRight", "pixels"),
        ("b l", "block_1"),
        ("ArrowDown", "block_2"),
        ("ArrowRight", "block_2"),
        ("ArrowRight", "block_2_conv"),
        ("ArrowLeft", "block_2"),
        ("End", "head"),
        ("d d", "head"),
        ("ArrowRight", "head"),
        ("c", "classes"),
        ("ArrowLeft", "head"),
        ("ArrowUp", "block_12"),
        ("PageUp PageUp PageUp", "image"),
        ("b l", "block_1"),
        ("ArrowDown", "block_2"),
    ]:
        for key in keys.split():
            page.keyboard.press(key)
        assert active() == name, keys
    page.keyboard.press("Space")
    notebook.wait_until("len(heard) == 1")
    assert notebook.evaluate(TRAINABLE) == ["backbone/block_2_conv"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+z")
    notebook.wait_until("picker.plan == FreezePlan.all_frozen()")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    assert view.locator("[aria-selected=true]").count() == 4
    page.keyboard.press("Space")
    notebook.wait_until("len(heard) == 3")
    assert notebook.evaluate(TRAINABLE) == [f"backbone/block_{i}_conv" for i in (3, 4)]
    assert tree.evaluate("t => document.getElementById(t.getAttribute('aria-activedescendant')).ariaDescription") == (
        "trainable, 616 parameters"
    )
    page.keyboard.press("Control+z")
    notebook.wait_until("picker.plan == FreezePlan.all_frozen()")
    page.keyboard.press("Control+Shift+z")
    notebook.wait_until("len(heard) == 5")
    page.keyboard.press("Alt+ArrowDown")
    notebook.wait_until("len(heard) == 6")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2, "d, d would delete a cell"
    assert notebook.evaluate("picker.plan.to_code()").startswith("tl.FreezePlan.from_layer(")


def test_two_views_agree_and_a_busy_kernel_does_not_hold_them_up(lab, kernel):
    busy = "waiting = True\nwhile not released(): pass\nseen_while_busy = len(heard)"
    setup = "import pathlib\nreleased = pathlib.Path('released').exists"
    notebook = lab.open([MODEL + setup, "picker", "picker", busy], kernel=kernel)
    for cell in (0, 1, 2):
        notebook.run_cell(cell)
    notebook.wait_idle()
    one, two = notebook.output(1), notebook.output(2)
    two.get_by_role("treegrid").wait_for()
    notebook.run_cell(3)
    notebook.page.wait_for_function("() => window.labPage.kernel().status === 'busy'")
    box(one, "block_3").click()
    expect(box(one, "block_3")).to_be_checked()
    expect(box(two, "block_3")).to_be_checked()
    box(two, "block_4").click()
    expect(box(one, "block_4")).to_be_checked()
    two.get_by_role("button", name="Undo").click()
    expect(box(one, "block_4")).not_to_be_checked()
    (notebook.path.parent / "released").touch()
    notebook.wait_idle()
    notebook.wait_until("len(heard) == 3")
    assert notebook.evaluate(TRAINABLE) == ["backbone/block_3_conv"]
    expect(one.get_by_text("Waiting for the kernel")).to_be_hidden()
    assert states(one, "block_3", "block_4") == states(two, "block_3", "block_4") == [True, False]


def test_themes_high_contrast_and_widths(notebook):
    view, page = notebook.output(1), notebook.page
    notebook.execute("picker.plan = FreezePlan.last(2, 'blocks').unfreeze('block_9_norm').learning_rate('block_12', 2)")
    unfold(view, "block_12")
    expect(view.get_by_text("BatchNorm kept")).to_be_visible()
    card = view.locator(".tl-card")
    card.scroll_into_view_if_needed()
    ground, line = {}, {}
    for theme in ("light", "dark", "JupyterLab Dark High Contrast"):
        notebook.theme(theme)
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        ground[theme] = card.evaluate("card => getComputedStyle(card).backgroundColor")
        line[theme] = card.evaluate("card => getComputedStyle(card).borderTopColor")
        assert states(view, "block_2", "block_9", "block_12") == [False, "mixed", True]
        notebook.screenshot(f"layer-picker-{theme.split()[-1].lower()}", card)
    assert ground["light"] != ground["dark"] and line["dark"] != line["JupyterLab Dark High Contrast"]
    notebook.theme("light")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.emulate_media(forced_colors="active")
    mark = "box => getComputedStyle(box).appearance"
    assert box(view, "block_12").evaluate(mark) == "auto", "the system draws the boxes"
    notebook.screenshot("layer-picker-forced-colours", card)
    page.emulate_media(forced_colors="none")
    assert box(view, "block_12").evaluate(mark) == "none"

    overflow = "e => e.scrollWidth - e.clientWidth"
    for name, window, low, high in [("narrow", 516, 300, 400), ("colab", 760, 500, 700), ("wide", 1700, 1300, 1700)]:
        page.set_viewport_size({"width": window, "height": 900})
        page.wait_for_function(
            "([low, high]) => { const { clientWidth } = document.querySelector('.tl-picker'); "
            "return clientWidth >= low && clientWidth <= high; }",
            arg=[low, high],
        )
        assert card.evaluate(overflow) == 0
        assert view.get_by_role("treegrid").evaluate(overflow) == 0
        expect(row(view, "block_12").locator(".tl-cell--parameters")).to_be_visible()
        expect(row(view, "block_12").locator(".tl-cell--output-shape")).to_be_visible(visible=low > 760)
        row(view, "block_12").locator(".tl-badge--rate").click()
        panel, around = view.get_by_role("dialog").bounding_box(), card.bounding_box()
        assert panel["x"] + panel["width"] < around["x"] + around["width"] and panel["y"] > around["y"]
        notebook.screenshot(f"layer-picker-{name}", card)
        page.keyboard.press("Escape")
    assert complaints(notebook) == []


def test_a_page_loaded_again_goes_on_and_a_saved_notebook_shows_the_plan(notebook, lab, kernel):
    view, page = notebook.output(1), notebook.page
    picture = page.locator("[data-tl-static]")
    expect(picture).to_be_hidden()
    notebook.execute("picker.plan = FreezePlan.last(1, 'blocks')")
    expect(view.get_by_label("The plan as code")).to_have_text("tl.FreezePlan.last(1, 'blocks')")
    notebook.reload()
    expect(view.get_by_role("treegrid")).to_be_visible()
    expect(picture).to_be_hidden()
    expect(box(view, "block_12")).to_be_checked()
    box(view, "block_11").click()
    notebook.wait_until("picker.plan == FreezePlan.last(2, 'blocks')")
    for plan in ("last(1, 'blocks')", "all_frozen()"):
        view.get_by_role("button", name="Undo").click()
        notebook.wait_until(f"picker.plan == FreezePlan.{plan}")
    view.get_by_role("button", name="Last block").click()
    notebook.wait_until("picker.plan == FreezePlan.last(1, 'blocks')")
    expect(picture.get_by_text("tl.FreezePlan.last(1, 'blocks')")).to_be_attached()

    page.evaluate("() => window.labPage.kernel().restart()")
    notebook.reload()
    expect(picture).to_be_visible()
    expect(picture.get_by_text("tl.FreezePlan.last(1, 'blocks')")).to_be_visible()
    expect(page.get_by_text("model not found")).to_be_hidden()
    notebook.screenshot("layer-picker-static", view)
    text = nbformat.read(notebook.path, as_version=4).cells[1].outputs[0].data["text/plain"]
    assert text.startswith("LayerPicker('a model', FreezePlan.last(1, 'blocks'))\n")
    assert re.search(r"^ +block_11 +616 +frozen$", text, re.M) and re.search(
        r"^ +block_12 +616 +trainable$", text, re.M
    )

    another = lab.open(notebook.path, kernel=kernel)  # a copy, which this JupyterLab does not trust
    picture = another.output(1)
    for name, state in [("block_11", "frozen"), ("block_12", "trainable"), ("head", "trainable")]:
        expect(picture.get_by_role("row").filter(has_text=name).filter(has_text=state)).to_be_visible()
    expect(picture.get_by_text("tl.FreezePlan.last(1, 'blocks')", exact=True)).to_be_visible()
    expect(another.page.get_by_text("model not found")).to_be_hidden()
    another.screenshot("layer-picker-untrusted", picture)

    html, _ = HTMLExporter().from_notebook_node(nbformat.read(notebook.path, as_version=4))
    report = page.context.new_page()
    report.set_content(html)
    expect(report.get_by_text("tl.FreezePlan.last(1, 'blocks')", exact=True)).to_be_visible()
    report.screenshot(path=SCREENSHOTS / "layer-picker-nbconvert.png", full_page=True)
