"""Studio in a real JupyterLab, by mouse and by keyboard, and what it has exported run again."""

import os
import re
import subprocess
import sys

import nbformat
import pytest
from playwright.sync_api import expect

SETUP = """
import tl_toolkit as tl
split = tl.samples.digits_split(labels_per_class=10)
source = tl.samples.source_model()
test = split.test.take(range(300))
"""
MAKE = "studio = tl.Studio(source, split.train, split.validation, test)\nstudio"
WAIT = "run = studio.wait()"


@pytest.fixture
def studio(lab, kernel):
    """A notebook whose last cell waits for clicks on the Studio above it."""
    notebook = lab.open([SETUP, MAKE, WAIT], height=1500, kernel=kernel)
    notebook.run_all()
    return notebook


def part(notebook):
    return notebook.output(1).locator(".tl-studio")


def go(shown, step):
    shown.get_by_role("tab", name=step, exact=True).click()


def set_epochs(shown, epochs):
    go(shown, "Recipe")
    field = shown.get_by_label("Epochs", exact=True)
    field.fill(str(epochs))
    field.press("Tab")
    expect(shown.locator(".tls-phase").last).to_contain_text(f"{epochs - epochs // 2} epoch")


def start(shown):
    go(shown, "Train")
    shown.get_by_role("button", name=re.compile("^Start (another )?training$")).click()


def test_freeze_train_stop_evaluate_and_export_by_mouse(studio):
    shown = part(studio)
    expect(shown.get_by_text("A cell is waiting for you")).to_be_visible()
    expect(shown.get_by_text("100 samples").first).to_be_visible()
    studio.screenshot("studio-data", shown)

    go(shown, "Layers")
    shown.get_by_role("button", name="Last block", exact=True).click()
    expect(shown.get_by_label("The plan as code")).to_contain_text("last(1, 'blocks')")
    studio.screenshot("studio-layers", shown)

    set_epochs(shown, 400)
    shown.get_by_role("button", name="Sweep the learning rate").click()
    expect(shown.get_by_role("slider")).to_be_visible()
    shown.get_by_role("slider").click(position={"x": 300, "y": 60})
    expect(shown.get_by_role("textbox", name="Learning rate")).not_to_have_value("")
    studio.screenshot("studio-recipe", shown)

    start(shown)
    expect(shown.locator("canvas").first).to_be_visible()
    expect(shown.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    studio.screenshot("studio-training", shown)
    shown.get_by_role("button", name="Stop", exact=True).click()
    expect(shown.get_by_text("Stopped on request").first).to_be_visible()

    go(shown, "Recipe")
    shown.get_by_role("textbox", name="Learning rate").fill("")
    shown.get_by_role("textbox", name="Learning rate").press("Tab")
    set_epochs(shown, 20)
    start(shown)
    expect(shown.get_by_text("2 so far")).to_be_visible()
    go(shown, "Results")
    shown.get_by_role("radio", name="Run 1").check()
    shown.get_by_role("button", name="Evaluate on the test data").click()
    expect(shown.get_by_role("table", name="confusion matrix")).to_be_visible()
    shown.get_by_role("radio", name="Run 2").check()
    shown.get_by_role("button", name="Evaluate on the test data").click()
    expect(shown.locator(".tls-table tbody tr").nth(1)).to_contain_text(re.compile(r"0\.\d{3} \["))
    studio.screenshot("studio-results", shown)

    go(shown, "Export")
    shown.get_by_role("button", name="Export the run").click()
    expect(shown.get_by_role("log").get_by_text("exported")).to_be_visible()
    shown.get_by_role("button", name="Export notebook").click()
    expect(shown.get_by_role("log").get_by_text("studio_run.ipynb")).to_be_visible()
    studio.screenshot("studio-export", shown)
    shown.get_by_role("button", name="Finish").click()
    studio.wait_idle()
    assert studio.evaluate(
        "run is studio.runs[1] and run.stopped_by == 'completed' and studio.runs[0].stopped_by == 'user'"
    )
    assert "block_1_conv_1" not in studio.evaluate("list(studio.plan.resolve(studio.model).trainable)")
    again(studio)


def again(studio):
    """Runs the exported notebook in a process of its own, from an empty history."""
    folder = studio.path.parent
    notebook = nbformat.read(folder / "studio_run.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "Studio(" not in code and "split.train" in code and "on_epoch_end" in code
    code += "\nprint(run.recipe.epochs, repr(run.evaluate(test).accuracy))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    epochs, accuracy = done.stdout.splitlines()[-1].split()
    assert int(epochs) == 20
    assert float(accuracy) == studio.evaluate("studio.runs[1].evaluate(test).accuracy")
    assert (folder / "exported" / "report.html").is_file()


def test_click_then_run(lab):
    notebook = lab.open([SETUP, MAKE, "run = studio.run()"], theme="dark", height=1500)
    for cell in (0, 1):
        notebook.run_cell(cell)
    notebook.wait_idle()
    shown = part(notebook)
    set_epochs(shown, 4)
    start(shown)
    expect(shown.get_by_text("Chosen: train. It is done when this runs in a cell:")).to_be_visible()
    expect(shown.get_by_label("Run this in a cell")).to_have_text("studio.run()")
    assert notebook.evaluate("len(studio.runs)") == 0, "nothing trains behind the notebook's back"
    notebook.screenshot("studio-armed-dark", shown)
    notebook.run_cell(2)
    notebook.wait_idle()
    assert notebook.evaluate("[len(studio.runs), run.recipe.epochs]") == [1, 4]
    expect(shown.get_by_text("1 so far")).to_be_visible()
    expect(shown.locator(".tlm-sentence")).to_contain_text("Finished in")
    notebook.screenshot("studio-trained-dark", shown)
    go(shown, "Data")
    notebook.screenshot("studio-data-dark", shown)
    go(shown, "Recipe")
    notebook.screenshot("studio-recipe-dark", shown)


def test_the_whole_way_by_keyboard(studio):
    shown, keys = part(studio), studio.page.keyboard
    expect(shown.get_by_text("A cell is waiting for you")).to_be_visible()
    shown.get_by_role("tab", name="Data", exact=True).focus()
    for _ in range(2):
        keys.press("ArrowRight")
    expect(shown.get_by_role("tab", name="Layers", exact=True)).to_be_focused()
    reach(studio, "Last block")
    keys.press("Space")
    expect(shown.get_by_label("The plan as code")).to_contain_text("last(1, 'blocks')")
    reach(studio, "Next")
    keys.press("Enter")
    expect(shown.get_by_role("tab", name="Recipe", exact=True)).to_have_attribute("aria-selected", "true")
    reach(studio, "Epochs", backwards=True)
    keys.press("Control+a")
    keys.type("4000")
    keys.press("Tab")
    expect(shown.get_by_role("tab", name="Recipe")).to_contain_text(re.compile(r"4\s?000 epochs"))
    reach(studio, "Sweep the learning rate")
    keys.press("Enter")
    expect(shown.get_by_role("slider")).to_be_visible()
    reach(studio, "Learning rate, on the curve of the loss")
    keys.press("ArrowLeft")
    expect(shown.get_by_role("textbox", name="Learning rate")).not_to_have_value("")
    reach(studio, "Next")
    keys.press("Enter")
    reach(studio, "Start training", backwards=True)
    keys.press("Enter")
    expect(shown.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    reach(studio, "Stop")
    keys.press("Enter")
    expect(shown.get_by_text("1 so far")).to_be_visible()
    reach(studio, "Next")
    keys.press("Enter")
    reach(studio, "Evaluate on the test data", backwards=True)
    keys.press("Enter")
    expect(shown.get_by_role("table", name="confusion matrix")).to_be_visible()
    reach(studio, "Next")
    keys.press("Enter")
    reach(studio, "Export notebook", backwards=True)
    keys.press("Enter")
    expect(shown.get_by_role("log").get_by_text("studio_run.ipynb")).to_be_visible()
    reach(studio, "Finish", backwards=True)
    keys.press("Enter")
    studio.wait_idle()
    assert studio.evaluate("run.stopped_by") == "user"


def reach(notebook, name: str, backwards: bool = False) -> None:
    """Presses Tab until what has the focus is called so; fails where it cannot be reached."""
    for _ in range(60):
        label = """() => {
            const node = document.activeElement;
            const named = node.getAttribute("aria-label") ?? node.closest("label")?.querySelector("span")?.textContent;
            return (named ?? node.textContent).trim();
        }"""
        if notebook.page.evaluate(label) == name:
            return
        notebook.page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{name!r} cannot be reached by Tab")


def test_a_narrow_page(lab):
    notebook = lab.open([SETUP, MAKE], width=520, height=1500)
    notebook.run_all()
    notebook.wait_idle()
    shown = part(notebook)
    for step in ("Data", "Source", "Layers", "Recipe", "Train", "Results", "Export"):
        go(shown, step)
        assert shown.evaluate("root => root.scrollWidth <= root.clientWidth + 1"), step
    go(shown, "Recipe")
    notebook.screenshot("studio-recipe-narrow", shown)
    go(shown, "Data")
    notebook.screenshot("studio-data-narrow", shown)


def test_several_sources(lab):
    sources = "sources = {'letters': source, 'untrained': keras.models.clone_model(source)}"
    make = "studio = tl.Studio(sources, split.train, test=test)\nstudio"
    notebook = lab.open([SETUP, f"import keras\n{sources}", make, WAIT], height=1300)
    notebook.run_all()
    shown = notebook.output(2).locator(".tl-studio")
    expect(shown.get_by_text("A cell is waiting for you")).to_be_visible()
    go(shown, "Source")
    shown.get_by_role("button", name="Rank the sources").click()
    expect(shown.get_by_role("region", name="Ranking").get_by_role("row").nth(1)).to_contain_text("letters")
    shown.get_by_role("radio", name="untrained").check()
    expect(shown.get_by_text("which untrained does not have")).to_be_visible()
    notebook.screenshot("studio-sources", shown)
    shown.get_by_role("button", name="Finish").click()
    notebook.wait_idle()
    assert notebook.evaluate("studio.code().startswith('run = tl.fine_tune')")


def test_where_no_page_answers_the_notebook_goes_on(lab):
    notebook = lab.open(
        [SETUP, "studio = tl.Studio(source, split.train)\nstudio._shown = True", "studio.wait(patience=1)"]
    )
    notebook.run_all()
    notebook.wait_idle()
    expect(notebook.output(2)).to_contain_text("`studio.run()` trains what is chosen")


def test_an_interrupt_ends_the_waiting_and_nothing_else(studio):
    shown = part(studio)
    expect(shown.get_by_text("A cell is waiting for you")).to_be_visible()
    studio.interrupt()
    studio.wait_idle()
    expect(shown.get_by_text("A cell is waiting for you")).to_be_hidden()
    assert studio.evaluate("run is None and studio.runs == []")


def test_it_speaks_the_language_of_the_notebook(lab):
    notebook = lab.open([SETUP, MAKE])
    notebook.page.evaluate("document.documentElement.lang = 'zh-CN'")
    notebook.run_all()
    notebook.wait_idle()
    shown = part(notebook)
    go(shown, "方案")
    expect(shown.get_by_role("button", name="扫描学习率")).to_be_visible()
    expect(shown.get_by_text("先训练分类头，再训练所选层")).to_be_visible()
    go(shown, "层")
    expect(shown.get_by_role("button", name="仅分类头")).to_be_visible()
    notebook.screenshot("studio-chinese", shown)
