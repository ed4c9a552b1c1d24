"""The advisor in a real JupyterLab: its charts, the choice of another strategy, and the click that moves the picker."""

from playwright.sync_api import expect

SETUP = """
import tl_toolkit as tl
from tl_toolkit.samples import digits_split, source_model
digits = digits_split(5, seed=0)
model = tl.replace_head(source_model(), num_outputs=10)
advice = tl.suggest_recipe(model, digits.train, batch_size=16, epochs=8, monitor="silent")
"""
SHOW = "picker = tl.LayerPicker(model)\nadvisor = tl.Advisor(advice, picker); advisor"


def test_a_click_makes_the_suggestion_the_pickers_plan(lab):
    notebook = lab.open([SETUP, SHOW, "picker"], height=1500)
    notebook.run_all()
    notebook.wait_idle()
    root = notebook.output(1).locator(".tl-advisor")
    expect(root.get_by_role("img")).to_have_count(3)
    ways = root.get_by_role("radio")
    assert ways.count() == notebook.evaluate("len(advice.alternatives)")
    expect(root.get_by_role("radio", checked=True)).to_contain_text(notebook.evaluate("advice.strategy.name"))
    notebook.screenshot("advisor-light")

    root.get_by_role("radio", name="surgical_late").click()
    notebook.wait_until("advisor.selected == 'surgical_late'")
    expect(root.get_by_label("recipe")).to_contain_text("surgical")
    use = root.get_by_role("button", name="Use this plan")
    use.click()
    notebook.wait_until("picker.plan == advisor.plan == advice.choose('surgical_late').plan")
    expect(use).to_be_disabled()
    expect(root.get_by_role("status")).to_have_text("The picker has this plan.")

    notebook.execute("picker.plan = tl.FreezePlan.all_frozen()")
    expect(root.get_by_role("status")).to_have_text("The picker has another plan.")
    expect(use).to_be_enabled()
    notebook.execute("advisor.selected = 'full'")
    expect(root.get_by_role("radio", checked=True)).to_contain_text("full")
    root.get_by_role("radio", checked=True).press("ArrowDown")
    notebook.wait_until("advisor.selected != 'full'")
    notebook.theme("dark")
    notebook.screenshot("advisor-dark")


def test_the_advisor_fits_a_narrow_page(lab):
    notebook = lab.open([SETUP, SHOW], width=600, height=1500)
    notebook.run_all()
    notebook.wait_idle()
    root = notebook.output(1).locator(".tl-advisor")
    root.wait_for()
    assert root.evaluate("root => root.scrollWidth <= root.clientWidth + 1")
    notebook.screenshot("advisor-narrow")
