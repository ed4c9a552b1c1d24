"""The quickstart as a newcomer meets it: opened in JupyterLab, every cell run, a layer clicked, training watched."""

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from lab_page import ROOT
from playwright.sync_api import expect

QUICKSTART = ROOT / "nbs" / "tutorials" / "quickstart.ipynb"
PICTURES = ROOT / "docs" / "images"


def cell_with(text: str) -> int:
    """Index of the first code cell of the quickstart that contains a text."""
    cells = nbformat.read(QUICKSTART, as_version=4).cells
    return next(i for i, cell in enumerate(cells) if cell.cell_type == "code" and text in cell.source)


def keep(picture: Path, name: str) -> None:
    """Makes a screenshot the README's picture when TL_UPDATE_PICTURES is set."""
    if os.environ.get("TL_UPDATE_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        shutil.copy(picture, PICTURES / name)


@pytest.fixture
def quickstart(lab):
    notebook = lab.open(QUICKSTART, width=1180, height=1100)
    notebook.run_all()
    return notebook


def test_quickstart(quickstart):
    picker_cell, training_cell = cell_with("tl.LayerPicker("), cell_with("run = tl.fine_tune(")

    # The monitor is drawn while the training cell is still running.
    monitor = quickstart.output(training_cell)
    monitor.scroll_into_view_if_needed()
    expect(monitor.locator("canvas").first).to_be_visible()
    expect(monitor).to_contain_text("Fine-tuning")
    quickstart.wait_idle(timeout=600)
    assert quickstart.evaluate("len(run.history)") == 30 and quickstart.evaluate("run.proof.holds")
    assert drawn_pixels(monitor.locator("canvas").first) > 500
    keep(quickstart.screenshot("quickstart-monitor", monitor.locator(".tl").first), "training-monitor.png")

    # A click on a layer changes the plan in the kernel, and nothing in the model.
    picker = quickstart.output(picker_cell)
    picker.scroll_into_view_if_needed()
    assert "block_2_conv_1" not in quickstart.evaluate("picker.plan.resolve(model).trainable")
    flags = quickstart.evaluate("[v.trainable for v in model.weights]")
    row = picker.get_by_role("row", name=re.compile("^block_2")).first
    row.get_by_role("checkbox", name="trainable").click()
    quickstart.wait_until("set(picker.plan.resolve(model).trainable) >= {'block_2_conv_1', 'block_2_conv_2'}")
    assert quickstart.evaluate("[v.trainable for v in model.weights]") == flags
    keep(quickstart.screenshot("quickstart-picker", picker.locator(".tl").first), "layer-picker.png")

    # And a plan set by code moves the widget.
    quickstart.execute("picker.plan = tl.FreezePlan.head_only()")
    expect(row.get_by_role("checkbox", name="trainable")).not_to_be_checked()
    quickstart.screenshot("quickstart-page")


def drawn_pixels(canvas) -> int:
    """How many pixels of a canvas are not transparent."""
    return canvas.evaluate("""canvas => {
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0;
        for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
        return count;
    }""")
