"""The LayerPicker in a real JupyterLab: what is clicked is in the kernel, and what the kernel sets is seen."""

import pytest
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
model = keras.Model(image, keras.layers.Dense(2, name="classes")(x), name="a model")
picker = LayerPicker(model, FreezePlan.all_frozen())
heard = []
picker.observe(lambda change: heard.append(change.new), names=["plan"])
"""
HOSTILE = "<img src=x onerror=alert(1)>"
TRAINABLE = "list(picker.resolve().trainable)"


@pytest.fixture
def notebook(lab):
    """A notebook that shows a picker in its second cell."""
    notebook = lab.open([MODEL, "picker"])
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
    assert notebook.evaluate("len(model.trainable_variables)") == 52, "the model is not touched"

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
        "sum(v.numpy().size for v in model.trainable_variables)")
    assert notebook.console == []


def test_shift_click_takes_a_range_and_totals_follow(notebook):
    view = notebook.output(1)
    box(view, "block_3").click()
    box(view, "block_6").click(modifiers=["Shift"])
    notebook.wait_until("len(heard) == 2")
    assert notebook.evaluate(TRAINABLE) == [f"backbone/block_{i}_conv" for i in range(3, 7)]
    params = notebook.evaluate("sum(w.size for i in range(3, 7) for w in "
                               "model.get_layer('backbone').get_layer(f'block_{i}_conv').get_weights())")
    expect(view.get_by_role("img", name=f"{params / 1000:.2f} k of")).to_be_visible()
    row(view, "block_8").click(modifiers=["Shift"])
    notebook.wait_until(f"{TRAINABLE} == [f'backbone/block_{{i}}_conv' for i in range(3, 9)]")
    view.get_by_role("button", name="None").click()
    expect(view.get_by_role("img", name="0 of")).to_be_visible()
    notebook.wait_until("picker.resolve().trainable == ()")


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
    box(view, HOSTILE).click()
    notebook.wait_until(f"{HOSTILE!r} in picker.resolve().trainable")
    assert page.evaluate("document.querySelectorAll('.jp-OutputArea img').length") == 0


def test_the_keyboard_is_enough_and_never_reaches_the_notebook(notebook):
    view, page = notebook.output(1), notebook.page
    tree = view.get_by_role("treegrid")
    view.get_by_role("button", name="Fold all").focus()
    page.keyboard.press("Tab")
    expect(tree).to_be_focused()

    def active():
        return tree.evaluate("tree => document.getElementById(tree.getAttribute('aria-activedescendant')).ariaLabel")

    for keys, name in [
        ("Home", "image"), ("ArrowDown", "backbone"), ("ArrowRight", "pixels"), ("b l", "block_1"),
        ("ArrowDown", "block_2"), ("ArrowRight", "block_2"), ("ArrowRight", "block_2_conv"), ("ArrowLeft", "block_2"),
        ("End", "head"), ("d d", "head"), ("ArrowRight", "head"), ("c", "classes"), ("ArrowLeft", "head"),
        ("ArrowUp", "block_12"), ("PageUp PageUp PageUp", "image"), ("b l", "block_1"), ("ArrowDown", "block_2"),
    ]:
        for key in keys.split():
            page.keyboard.press(key)
        assert active() == name, keys
    page.keyboard.press("Space")
    notebook.wait_until("len(heard) == 1")
    assert notebook.evaluate(TRAINABLE) == ["backbone/block_2_conv"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+z")
    notebook.wait_until("picker.plan == FreezePlan.all_frozen()")
    page.keyboard.press("Control+Shift+z")
    notebook.wait_until("len(heard) == 3")
    page.keyboard.press("Alt+ArrowDown")
    notebook.wait_until("len(heard) == 4")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2, "d, d would delete a cell"
    assert notebook.evaluate("picker.plan.to_code()").startswith("tl.FreezePlan.from_layer(")


def test_two_views_agree_and_a_busy_kernel_does_not_hold_them_up(lab):
    busy = "waiting = True\nwhile not released(): pass\nseen_while_busy = len(heard)"
    setup = "import pathlib\nreleased = pathlib.Path('released').exists"
    notebook = lab.open([MODEL + setup, "picker", "picker", busy])
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


def test_light_dark_and_narrow(lab):
    notebook = lab.open([MODEL, "picker"])
    notebook.run_all()
    notebook.wait_idle()
    view, page = notebook.output(1), notebook.page
    notebook.execute("picker.plan = FreezePlan.last(2, 'blocks').unfreeze('block_9_norm').learning_rate('block_12', 2)")
    unfold(view, "block_12")
    expect(view.get_by_text("BatchNorm kept")).to_be_visible()
    card = view.locator(".tl-card")
    card.scroll_into_view_if_needed()
    ground = {}
    for theme in ("light", "dark"):
        notebook.theme(theme)
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        ground[theme] = card.evaluate("card => getComputedStyle(card).backgroundColor")
        notebook.screenshot(f"layer-picker-{theme}", card)
    assert ground["light"] != ground["dark"]
    notebook.theme("light")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.set_viewport_size({"width": 516, "height": 900})
    page.wait_for_function("() => document.querySelector('.tl-picker').clientWidth <= 400")
    expect(row(view, "block_12").locator(".tl-cell--class")).to_be_hidden()
    expect(row(view, "block_12").locator(".tl-cell--parameters")).to_be_visible()
    overflow = "e => e.scrollWidth - e.clientWidth"
    assert card.evaluate(overflow) == 0 and view.get_by_role("treegrid").evaluate(overflow) == 0
    assert box(view, "block_12").is_visible()
    notebook.screenshot("layer-picker-narrow", card)


def test_a_saved_notebook_shows_the_plan_without_its_kernel(notebook):
    view, page = notebook.output(1), notebook.page
    picture = page.locator("[data-tl-static]")
    expect(picture).to_be_hidden()
    notebook.execute("picker.plan = FreezePlan.last(1, 'blocks')")
    expect(view.get_by_label("The plan as code")).to_have_text("tl.FreezePlan.last(1, 'blocks')")
    notebook.reload()
    expect(view.get_by_role("treegrid")).to_be_visible()
    expect(picture).to_be_hidden()
    page.evaluate("() => window.labPage.kernel().restart()")
    notebook.reload()
    expect(picture).to_be_visible()
    expect(picture.get_by_text("tl.FreezePlan.last(1, 'blocks')")).to_be_visible()
    expect(page.get_by_text("model not found")).to_be_hidden()
    notebook.screenshot("layer-picker-static", view)
