"""The controls of the monitor in a real JupyterLab: clicks during a `fit`, with every way in which a kernel reads them."""

import re

from playwright.sync_api import expect

# Batches of 20 ms. `log` says what Keras itself saw, and `clicked` is filled by a page that stamps its clicks.
SETUP = """
import time, numpy as np, keras
import tl_toolkit as tl
x, y = np.random.normal(size=(3200, 8)).astype("float32"), np.ones((3200, 1), "float32")
log = []

class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        log.append((time.time(), float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))))
        time.sleep(0.02)

def model():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(1, name="head")])
    model.compile(keras.optimizers.SGD(0.001), "mse")
    return model

def fit(**options):
    log.clear()
    return model().fit(x, y, batch_size=8, epochs=50, callbacks=[monitor, Slow()], **options)
"""
FIT = "monitor = tl.TrainingMonitor('slow')\nhistory = fit()\nended = time.time()"
BUSY = "() => window.labPage.kernel().status"


def monitor_in(notebook, cell=1):
    """The monitor of a cell, once its buttons are there, which means that they work."""
    out = notebook.output(cell)
    expect(out.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    return out


def batches(out):
    """The number of the batch that the page shows."""
    return int(re.sub(r"\D", "", out.get_by_text(re.compile(r"^batch [\d\s]+ of")).inner_text().split("of")[0]))


def test_stop_pause_and_rate_reach_a_running_fit(lab, kernel):
    notebook = lab.open([SETUP, FIT, "after = 'ran'"], kernel=kernel, height=1100)
    notebook.run_all()
    out = monitor_in(notebook)
    assert notebook.page.evaluate(BUSY) == "busy"

    # Pause holds: the page, which would be told within 0.2 s, shows the same batch for as long as 100 frames take.
    out.get_by_role("button", name="Pause").click()
    expect(out.locator(".tlm-state")).to_have_text("Paused")
    expect(out.get_by_role("button", name="Resume")).to_be_visible()
    held = batches(out)
    notebook.page.evaluate("async () => { for (let i = 0; i < 100; i++) await new Promise(requestAnimationFrame); }")
    assert batches(out) == held
    assert notebook.page.evaluate(BUSY) == "busy"
    notebook.screenshot(f"controls-paused-{kernel}", out)

    # A rate that is typed while it waits is the optimizer's when it goes on.
    out.get_by_role("textbox", name="Learning rate").fill("0.0123")
    out.get_by_role("textbox", name="Learning rate").press("Enter")
    out.get_by_role("button", name="Resume").click()
    expect(out.locator(".tlm-state")).to_have_text("Training")
    expect(out.locator(".tlm-card").filter(has_text="Learning rate")).to_contain_text("0.0123")
    out.get_by_role("button", name="Raise learning rate").click()
    expect(out.locator(".tlm-card").filter(has_text="Learning rate")).to_contain_text("0.0246")
    assert notebook.page.evaluate(BUSY) == "busy"
    notebook.screenshot(f"controls-running-{kernel}", out)

    # Stop while it waits: it stops, and the button does not go on to say Resume.
    out.get_by_role("button", name="Pause").click()
    expect(out.locator(".tlm-state")).to_have_text("Paused")
    out.get_by_role("button", name="Stop", exact=True).click()
    expect(out.locator(".tlm-state")).to_have_text("Stopped")
    expect(out.get_by_role("button", name="Resume")).to_have_count(0)
    notebook.wait_idle()
    expect(out.locator(".tlm-sentence")).to_contain_text("Stopped on request")
    assert notebook.evaluate("after") == "ran"
    rates = notebook.evaluate("sorted({round(rate, 5) for _, rate in log})")
    assert rates == [0.001, 0.0123, 0.0246]
    assert notebook.evaluate("len(history.epoch)") >= 1
    assert notebook.evaluate("int(monitor.model.optimizer.iterations)") == notebook.evaluate("len(log)")
