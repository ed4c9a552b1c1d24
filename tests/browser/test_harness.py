"""The harness itself: a real click reaches Python, Python reaches the page, and a request outside is noticed."""

import pytest
from playwright.sync_api import expect

COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button");
      const show = () => { button.textContent = `count is ${model.get("count")}`; };
      button.addEventListener("click", () => { model.set("count", model.get("count") + 1); model.save_changes(); });
      model.on("change:count", show);
      show();
      el.append(button);
    } };
    """
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter
'''


def test_a_click_reaches_python_and_python_reaches_the_page(lab):
    notebook = lab.open(["started = True", COUNTER])
    notebook.run_all()
    button = notebook.output(1).get_by_role("button", name="count is")
    button.click()
    button.click()
    notebook.wait_until("counter.count == 2")
    notebook.execute("counter.count = 40")
    expect(button).to_have_text("count is 40")
    button.click()
    notebook.wait_until("counter.count == 41")
    assert notebook.evaluate("{'count': counter.count, 'started': started}") == {"count": 41, "started": True}
    assert notebook.screenshot("harness-counter").stat().st_size > 0


def test_the_theme_follows_and_a_failed_cell_is_told(lab):
    notebook = lab.open(["value = 3", "1 / 0"], theme="dark")
    assert notebook.page.evaluate("document.body.dataset.jpThemeLight") == "false"
    notebook.theme("light")
    assert notebook.page.evaluate("document.body.dataset.jpThemeLight") == "true"
    notebook.run_cell(0)
    notebook.wait_idle()
    assert notebook.evaluate("value") == 3
    with pytest.raises(RuntimeError, match="NameError: name 'missing' is not defined"):
        notebook.evaluate("missing")
    notebook.run_all()
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.wait_idle()


def test_a_request_to_the_outside_is_refused_and_noted(lab):
    notebook = lab.open(["from IPython.display import HTML", "HTML('<img src=\"http://example.org/pixel.png\">')"])
    notebook.run_all()
    notebook.wait_idle()
    notebook.output(1).locator("img").wait_for(state="attached")
    notebook.page.wait_for_function("() => document.querySelector('.jp-OutputArea img').complete")
    assert set(notebook.outside_requests) == {"http://example.org/pixel.png"}
    notebook.outside_requests.clear()
