"""The controls of the monitor in a real JupyterLab: clicks during a `fit`, on kernels that read them differently."""

import re

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
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
    layers = [keras.layers.Dense(4, name="body"), keras.layers.Dense(1, name="head")]
    model = keras.Sequential([keras.Input((8,)), *layers])
    model.compile(keras.optimizers.SGD(0.001), "mse")
    return model

def fit(**options):
    log.clear()
    return model().fit(x, y, batch_size=8, epochs=50, callbacks=[monitor, Slow()], **options)
"""
FIT = "monitor = tl.TrainingMonitor('slow')\nhistory = fit()\nended = time.time()"


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
    assert notebook.status() == "busy"

    # Pause holds: the page, which would be told within 0.2 s, shows the same batch for as long as 100 frames take.
    out.get_by_role("button", name="Pause").click()
    expect(out.locator(".tlm-state")).to_have_text("Paused")
    expect(out.get_by_role("button", name="Resume")).to_be_visible()
    held = batches(out)
    notebook.page.evaluate("async () => { for (let i = 0; i < 100; i++) await new Promise(requestAnimationFrame); }")
    assert batches(out) == held
    assert notebook.status() == "busy"
    notebook.screenshot(f"controls-paused-{kernel}", out)

    # A rate that is typed while it waits is the optimizer's when it goes on.
    out.get_by_role("textbox", name="Learning rate").fill("0.0123")
    out.get_by_role("textbox", name="Learning rate").press("Enter")
    out.get_by_role("button", name="Resume").click()
    expect(out.locator(".tlm-state")).to_have_text("Training")
    expect(out.locator(".tlm-card").filter(has_text="Learning rate")).to_contain_text("0.0123")
    out.get_by_role("button", name="Raise learning rate").click()
    expect(out.locator(".tlm-card").filter(has_text="Learning rate")).to_contain_text("0.0246")
    assert notebook.status() == "busy"
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


def test_a_reload_brings_the_run_back_with_its_history_and_its_buttons(lab, kernel):
    notebook = lab.open([SETUP, FIT, "after = 'ran'"], kernel=kernel, height=1100)
    notebook.run_all()
    out = monitor_in(notebook)
    notebook.page.wait_for_function("() => Number(document.querySelector('.tlm-plot').dataset.points) > 60")
    before = batches(out)
    notebook.reload(idle=False)
    out = monitor_in(notebook)
    assert batches(out) > before
    points = int(out.locator(".tlm-plot").first.get_attribute("data-points"))
    assert points >= before  # not only what came after
    notebook.page.wait_for_function("() => window.labPage.kernel().status === 'busy'")
    out.get_by_role("button", name="Stop", exact=True).click()
    expect(out.locator(".tlm-state")).to_have_text("Stopped")
    notebook.wait_idle()
    assert notebook.evaluate("after") == "ran"
    assert notebook.evaluate("monitor.run.batches['loss'].count == len(log)")


LONG_BATCH = """
class Long(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        # The next batch, which blocks, is to be shown: the monitor must be due to show again.
        while batch == 29 and time.perf_counter() < max(monitor._next, monitor._next_show): time.sleep(0.01)
        if batch == 30: time.sleep(600)
monitor = tl.TrainingMonitor("long")
model().fit(x, y, batch_size=8, callbacks=[monitor, Slow(), Long()])
"""
HANDLER = "import signal; handler = signal.getsignal(signal.SIGINT)"
RESTORED = (
    "handler is signal.getsignal(signal.SIGINT) and not get_ipython().events.callbacks['post_run_cell'] and "
    "not monitor._trap._set and monitor._way._pump is None"
)


def test_the_first_interrupt_ends_in_the_orderly_way_the_second_at_once(lab, kernel):
    notebook = lab.open([SETUP + HANDLER, FIT, LONG_BATCH], kernel=kernel, height=1100)
    notebook.run_cell(0)
    notebook.run_cell(1)
    monitor_in(notebook)
    notebook.interrupt()
    notebook.wait_idle()
    expect(notebook.output(1).locator(".tlm-sentence")).to_contain_text("Stopped by an interrupt")
    assert notebook.evaluate("len(history.epoch)") == 1
    assert notebook.evaluate("monitor.run.batches['loss'].count == len(log) < 20000")
    assert notebook.evaluate(RESTORED)

    notebook.run_cell(2)
    out = monitor_in(notebook, 2)
    expect(out.get_by_text(re.compile("^batch 31 of"))).to_be_visible()
    out.get_by_role("button", name="Pause").click()
    expect(out.locator(".tlm-note")).to_contain_text("No answer yet")  # a batch that takes ten minutes
    notebook.interrupt()
    for _ in range(20):  # two signals that arrive together are one to the kernel, so the second is pressed until heard
        notebook.interrupt()
        try:
            notebook.wait_idle(timeout=4, errors=True)
            break
        except PlaywrightTimeoutError:
            continue
    assert any("KeyboardInterrupt" in error for error in notebook.errors())
    expect(out.locator(".tlm-sentence")).to_contain_text("Stopped by an interrupt")
    assert notebook.evaluate(RESTORED)


# Nothing gets through: the pump cannot work, and no other thread of the kernel is asked.
DEAF = """
from tl_toolkit.widgets import click_way, comm_pump
def broken(pump): raise AttributeError("a private name is gone")
comm_pump.CommPump._pump, click_way.route_to_subshells = broken, lambda view: lambda: None
monitor = tl.TrainingMonitor("deaf")
monitor._way.patience = 1
history = fit()
"""


def test_where_clicks_do_not_arrive_there_are_no_buttons_and_a_line_says_what_works(lab):
    notebook = lab.open([SETUP, DEAF], height=1100)
    notebook.run_all()
    out = notebook.output(1)
    expect(out.locator(".tlm-note")).to_contain_text("To stop, interrupt the kernel")
    expect(out.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    expect(out.get_by_text(re.compile("^batch [1-9]"))).to_be_visible()
    notebook.screenshot("controls-no-way", out)
    notebook.interrupt()
    notebook.wait_idle()
    expect(out.locator(".tlm-sentence")).to_contain_text("Stopped by an interrupt")
    assert notebook.evaluate("len(history.epoch) == 1 and monitor._way.works") is False


FAILS = """
class Break(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 9: raise MemoryError("too large")
monitor = tl.TrainingMonitor("breaks")
try:
    model().fit(x, y, batch_size=8, callbacks=[monitor, Break()])
except MemoryError:
    pass
for fold in range(3):
    model().fit(x[:80], y[:80], batch_size=8, callbacks=[monitor])
last = monitor.run
model().fit(x, y, batch_size=8, callbacks=[monitor, Break()])
"""


def test_nothing_is_left_behind_when_fit_raises(lab, kernel):
    notebook = lab.open([SETUP + HANDLER, FAILS], kernel=kernel, height=1100)
    notebook.run_all()
    notebook.wait_idle(errors=True)
    expect(notebook.output(1).locator(".tlm-state")).to_have_text("Failed")
    expect(notebook.output(1).locator(".tl-monitor")).to_have_count(1)  # several runs in one cell share a view
    assert notebook.evaluate("last.state") == "completed"
    assert notebook.evaluate(RESTORED)


# Two phases told by a `fit` each, as `fine_tune` does, in a directory that another kernel can follow.
PHASES = """
from tl_toolkit.event_callback import EventCallback
from tl_toolkit.event_log import EventLog
from tl_toolkit.events import Emitter, PhaseOutline, RunEnded, RunStarted
monitor, phases = tl.TrainingMonitor(), [
    PhaseOutline(name, 30, 400, "", n, 10, 10 * n, 100, 0.001, 8, 3200, rates)
    for name, n, rates in (("Head only", 1, ()), ("Everything", 10, (("2 layers", 1.0), ("8 layers", 0.1))))]
emit, done = Emitter([EventLog("run", monitor.control), monitor]), []
monitor.control.reset()
emit(RunStarted("letters to digits (lp_ft)", tuple(phases)))
for i, phase in enumerate(phases):
    teller = EventCallback(emit, phase=i, first_epoch=len(done), outline=phase, control=monitor.control, last=i == 1)
    done += model().fit(x, y, batch_size=8, epochs=30, verbose=0, callbacks=[teller, Slow()]).epoch
    monitor.control.end_phase()
    if monitor.control.stopped_by: break
emit(RunEnded(monitor.control.stopped_by or "completed"))
"""


def test_phases_can_be_ended_and_another_kernel_can_look_and_steer(lab):
    notebook = lab.open([SETUP, PHASES], height=1100)
    notebook.run_all()
    out = monitor_in(notebook)
    after = out.get_by_role("button", name="Stop after this phase")
    expect(after).to_have_attribute("aria-pressed", "false")
    after.click()
    expect(after).to_have_attribute("aria-pressed", "true")
    expect(out.get_by_role("button", name="Unfreeze next block now")).to_have_attribute("aria-disabled", "true")
    after.click()
    expect(after).to_have_attribute("aria-pressed", "false")
    notebook.screenshot("controls-phases", out)
    out.get_by_role("button", name="Unfreeze next block now").click()
    expect(out.locator(".tlm-phase[data-place=current]")).to_contain_text("2. Everything")
    expect(out.get_by_role("button", name="Unfreeze next block now")).to_be_hidden()
    expect(after).to_be_hidden()
    expect(out.locator(".tlm-card").filter(has_text="Learning rate")).to_contain_text("8 layers at 1e−4")

    # Another notebook, with a kernel of its own, reads the run's directory.
    folder = str(notebook.path.parent / "run")
    other = lab.open([f"import tl_toolkit as tl\nfollowed = tl.attach({folder!r})\nfollowed"], height=1100)
    other.run_all()
    there = monitor_in(other, 0)
    expect(there.locator(".tlm-hint")).to_contain_text("trained elsewhere")
    expect(there.locator(".tlm-phase[data-place=current]")).to_contain_text("2. Everything")
    there.get_by_role("button", name="Pause").click()
    expect(there.locator(".tlm-state")).to_have_text("Paused")
    expect(out.locator(".tlm-state")).to_have_text("Paused")
    other.screenshot("controls-attached", there)
    there.get_by_role("button", name="Stop", exact=True).click()
    expect(there.locator(".tlm-state")).to_have_text("Stopped")
    expect(out.locator(".tlm-state")).to_have_text("Stopped")
    notebook.wait_idle()
    assert notebook.evaluate("len(done) >= 2 and monitor.run.stopped_by") == "user"
    assert other.evaluate("followed.run.state") == "stopped"


WARNS = """
import math, time
from tl_toolkit.events import *
monitor, outline = tl.TrainingMonitor("letters to digits"), PhaseOutline("Everything", 6, 40, "", 124, 124, 99, 99, 0.1)
phases, now = (PhaseOutline("Head only", 2, 40, "", 2, 124, 1, 99, 0.01), outline), time.time() - 60
for event in (RunStarted("letters to digits", phases, time=now), PhaseStarted(1, outline, time=now)): monitor(event)
for epoch in range(2, 6):
    monitor(EpochStarted(1, epoch, 0.1, time=now))
    for batch in range(40):
        now, loss = now + 0.2, 0.4 * math.exp((epoch - 2 + batch / 40) * 0.9) * (1 + 0.05 * math.sin(7 * batch))
        monitor(BatchEnded(1, epoch, batch, 32, loss, {"loss": loss, "accuracy": 0.9 / (1 + loss)}, 0.1, time=now))
    if epoch < 5:
        logs = {"loss": loss, "val_loss": loss * 1.1, "accuracy": 0.5, "val_accuracy": 0.45}
        monitor(EpochEnded(1, epoch, logs, 0.1, time=now))
get_ipython().events.unregister("post_run_cell", monitor._cell_ended)  # as if the cell were still running
monitor._way.works, monitor.widget._look_again = True, 0
monitor._show()
"""


def test_a_warning_is_told_and_the_controls_fit(lab):
    notebook = lab.open([SETUP, WARNS], height=1300)
    notebook.run_all()
    notebook.wait_idle()
    out = notebook.output(1)
    root = out.locator(".tl-monitor")
    expect(out.get_by_role("log", name="Warnings")).to_contain_text("The loss grows")
    expect(out.get_by_role("log", name="Warnings")).to_contain_text("lower the learning rate to about 0.01 (it is 0.1)")
    for theme, width in (("light", 1280), ("dark", 1280), ("dark", 400), ("light", 400)):
        notebook.theme(theme)
        notebook.page.set_viewport_size({"width": width, "height": 1500})
        notebook.page.wait_for_function("(root) => root.scrollWidth <= root.clientWidth", arg=root.element_handle())
        notebook.screenshot(f"controls-warning-{theme}-{width}", root)
