"""No widget has a serious accessibility problem that axe-core can find."""

import pytest
from lab_page import ROOT
from playwright.sync_api import expect

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
SETUP = """
import keras, numpy as np, tl_toolkit as tl
split = tl.samples.digits_split(labels_per_class=4)
model = tl.replace_head(tl.samples.source_model(), num_outputs=10)
test = split.test.take(range(120))
"""
WIDGETS = {
    "picker": ("tl.LayerPicker(model)", ".tl-picker"),
    "monitor": ("run = tl.fine_tune(model, split.train, test, epochs=4)", ".tl-monitor"),
    "report": ("tl.Report(model, test, resamples=20)", ".tl-report"),
    "studio": ("studio = tl.Studio(model, split.train, test=test)\nstudio", ".tl-studio"),
}
FIND = """async root => {
    const found = await axe.run(root, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]});
    const serious = found.violations.filter(one => ["serious", "critical"].includes(one.impact));
    const where = one => one.nodes.map(node => node.html + " " + node.failureSummary).join("; ");
    return serious.map(one => `${one.id}: ${one.help}: ${where(one)}`);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("widget", WIDGETS)
def test_no_serious_finding(lab, widget, theme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in js/")
    code, selector = WIDGETS[widget]
    notebook = lab.open([SETUP, code], theme=theme, height=1400)
    notebook.run_all()
    notebook.wait_idle()
    root = notebook.output(1).locator(selector).first
    root.wait_for()
    notebook.page.evaluate(AXE.read_text("utf-8"))
    steps = root.get_by_role("tab").all() if widget == "studio" else [None]
    assert steps
    for step in steps:
        if step is not None:
            step.click()
            expect(step).to_have_attribute("aria-selected", "true")
        found = root.evaluate(FIND)
        assert not found, "\n".join(found)
