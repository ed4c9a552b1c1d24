"""The training monitor in a real JupyterLab: it draws while a fit is running, ends right, and leaves its record."""

import re

import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import expect

# A model of two layers, one of them frozen. `Gate` holds the training until the test has looked: it waits for a file.
SETUP = """
import time, numpy as np, keras
from pathlib import Path
from tl_toolkit.widgets.training_monitor import TrainingMonitor
keras.utils.set_random_seed(0)
x = np.random.normal(size=(960, 8)).astype("float32")
y = (x[:, 0] + 0.5 * x[:, 1] > 0).astype("float32")

class Gate(keras.callbacks.Callback):
    "Slows batches down, and stops at batch 12 of the second and third epoch until the file of that epoch is there."
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.06)
        while batch == 12 and self.epoch in (1, 2) and not Path(f"go{self.epoch}").exists():
            time.sleep(0.01)
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

class Break(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 9: raise MemoryError("<b>too</b> large")

def model():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="relu", name="body"),
                              keras.layers.Dense(1, activation="sigmoid", name="head")], name="letters_to_digits")
    model.get_layer("body").trainable = False
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model
"""
FIT = """
monitor = TrainingMonitor()
history = model().fit(x, y, batch_size=32, epochs=4, validation_split=0.2, callbacks=[monitor, Gate()])
"""
FAIL = "model().fit(x, y, batch_size=32, epochs=2, callbacks=[TrainingMonitor(), Break()])"

# Two phases told as events, which needs no training: the first is over, the second in its third epoch.
STORY = """
import math, threading, time
from IPython.display import display
from tl_toolkit.events import *
from tl_toolkit.widgets.training_monitor import TrainingMonitor

def story(batches):
    now, steps, done, epoch = time.time() - 60, 40, 0, 0
    phases = (PhaseOutline("Head only", 3, steps, "", 2, 124, 6405, 2_264_389, 1e-3),
              PhaseOutline("Everything", 5, steps, "", 124, 124, 2_230_277, 2_264_389, 1e-4))
    yield RunStarted("letters to digits", phases, time=now)
    for phase, outline in enumerate(phases):
        yield PhaseStarted(phase, outline, time=now)
        for _ in range(outline.epochs):
            yield EpochStarted(phase, epoch, outline.learning_rate, time=now)
            for batch in range(steps):
                now, done = now + 0.2, done + 1
                loss = 0.2 + 2 * math.exp(-done / 90) * (1 + 0.2 * math.sin(7 * done)) + (4 if done == 150 else 0)
                logs = {"loss": loss, "accuracy": 1 - loss / 5, "auc": 1 - loss / 9}
                yield BatchEnded(phase, epoch, batch, 32, loss, logs, outline.learning_rate, time=now)
                if done == batches: return
            values = {"val_loss": loss + 0.05 * abs(epoch - 4), "val_accuracy": 0.95 - loss / 5}
            yield EpochEnded(phase, epoch, logs | values | {"val_auc": 1 - loss / 8}, time=now)
            epoch += 1
        yield PhaseEnded(phase, time=now)
    yield RunEnded(time=now)

monitor = TrainingMonitor()
def tell(events):
    "In a thread of its own: a run of the cell's thread is over when the cell is."
    display(monitor)
    thread = threading.Thread(target=lambda: [monitor(event) for event in events])
    thread.start()
    thread.join()
    monitor.widget.show(monitor.run)
"""

# How many pixels of a chart have about the colour of the series with this number.
PIXELS = """([canvas, number]) => {
    const hex = getComputedStyle(canvas.closest('.tl')).getPropertyValue(`--tl-series-${number}`);
    const wanted = hex.match(/[0-9a-f]{2}/gi).map((digits) => parseInt(digits, 16));
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
        const distance = wanted.reduce((sum, value, c) => sum + Math.abs(data[i + c] - value), 0);
        if (data[i + 3] > 200 && distance < 24) count += 1;
    }
    return count;
}"""


# Whether the charts are as wide as their place, and nothing sticks out of the monitor, a card or a phase.
FITS = """() => {
    const root = document.querySelector('.tl-monitor');
    const right = (node) => node.getBoundingClientRect().right;
    const inside = [...root.querySelectorAll('.tlm-card *, .tlm-head *, .tlm-phase *')];
    const drawn = [...root.querySelectorAll('.tlm-plot')].every((plot) =>
        plot.querySelector('canvas')?.clientWidth === plot.clientWidth && plot.clientWidth > 250);
    return drawn && root.scrollWidth <= root.clientWidth && inside.every((n) => right(n) <= right(n.parentElement) + 1);
}"""
DRAWN = """([plot, count]) => [1, 2].every((number) => eval(count)([plot.querySelector('canvas'), number]) > 100)"""


def pixels(plot, number):
    """How many pixels of the chart have the colour of a series: 1 is training, 2 validation."""
    canvas = plot.locator("canvas").first.element_handle()
    return plot.page.evaluate(PIXELS, [canvas, number])


def still_running(notebook, index):
    """Whether the cell has not ended. (The kernel may call itself idle: a subshell is.)"""
    return "[*]" in notebook.cell(index).locator(".jp-InputPrompt").inner_text()


def test_it_draws_while_a_fit_is_running(lab):
    notebook = lab.open([SETUP, FIT], height=1200)
    notebook.run_all()
    out = notebook.output(1)
    loss, accuracy = out.locator(".tlm-plot").first, out.locator(".tlm-plot").nth(1)

    # The second epoch stands still: everything up to here is on the page, and the cell is still running.
    expect(out.get_by_text("Epoch 2 of 4")).to_be_visible()
    expect(loss).to_have_attribute("data-points", re.compile(r"^(2[4-9]|3\d)$"))
    first = int(loss.get_attribute("data-points"))
    assert pixels(loss, 1) > 20
    assert still_running(notebook, 1)
    expect(out.locator(".tlm-state")).to_have_text("Training")
    (notebook.path.parent / "go1").touch()

    # The third epoch: the curves have grown, and the cell is running still.
    expect(out.get_by_text("Epoch 3 of 4")).to_be_visible()
    expect(loss).to_have_attribute("data-points", re.compile(r"^(4[89]|5\d|6\d)$"))
    assert int(loss.get_attribute("data-points")) > first
    assert pixels(loss, 1) > 100 and pixels(loss, 2) > 100 and pixels(accuracy, 1) > 100
    bar = out.get_by_role("progressbar", name="Batches of this epoch")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^[1-9]\d?$"))
    assert still_running(notebook, 1)
    notebook.screenshot("monitor-running", out)
    (notebook.path.parent / "go2").touch()

    # The end, the same on the page and in Python.
    notebook.wait_idle()
    expect(out.locator(".tlm-state")).to_have_text("Finished")
    expect(out.locator(".tlm-sentence")).to_have_text(re.compile("Finished in .*; epoch . was the best."))
    expect(out.get_by_text("1 of 2 layers trains")).to_be_visible()
    assert notebook.evaluate("monitor.run.state") == "completed"
    for key in ("loss", "val_loss", "accuracy", "val_accuracy"):
        final = notebook.evaluate(f"history.history[{key!r}][-1]")
        expect(out.locator(".tlm-cards")).to_contain_text(f"{final:.4g}")
    assert notebook.evaluate("monitor.run.batches['loss'].count") == 96
    assert "━" not in out.inner_text()  # Keras' own progress bar gave way
    notebook.screenshot("monitor-finished", out)


def test_lines_can_be_switched_and_read(lab):
    notebook = lab.open([STORY, "tell(story(225))"], height=1200)
    notebook.run_all()
    notebook.wait_idle()
    out = notebook.output(1)
    loss = out.locator(".tlm-plot").first
    expect(out.get_by_text("Epoch 6 of 8")).to_be_visible()
    expect(out.locator(".tlm-phase[data-place=done]")).to_contain_text("Head only")
    expect(out.locator(".tlm-phase[data-place=current]")).to_contain_text("all 124 layers train")

    before = pixels(loss, 2)
    validation = out.get_by_role("region", name="Loss").get_by_role("button", name="validation")
    validation.click()
    expect(validation).to_have_attribute("aria-pressed", "false")
    assert before > 100 and pixels(loss, 2) < before / 5
    validation.click()
    expect(validation).to_have_attribute("aria-pressed", "true")

    log = out.get_by_role("button", name="log scale")
    log.click()
    expect(log).to_have_attribute("aria-pressed", "true")
    assert pixels(loss, 2) > 100
    notebook.screenshot("monitor-log-scale", out)
    log.click()

    loss.locator(".u-over").hover(position={"x": 200, "y": 60})
    tip = loss.locator(".tlm-tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(re.compile(r"epoch \d.*each batch0.*training0.*validation0", re.S))
    notebook.screenshot("monitor-hover", out)

    # Another metric takes the second chart; one that nobody asks for is not drawn.
    expect(out.get_by_role("region", name="Accuracy")).to_be_visible()
    out.get_by_role("button", name="AUC").click()
    expect(out.get_by_role("region", name="AUC")).to_be_visible()
    expect(out.get_by_role("region", name="Accuracy")).to_have_count(0)


def test_it_fits_and_follows_the_theme(lab):
    notebook = lab.open([STORY, "tell(story(225))"], height=1400)
    notebook.run_all()
    notebook.wait_idle()
    root = notebook.output(1).locator(".tl-monitor")
    loss = root.locator(".tlm-plot").first
    for theme, width in (("light", 500), ("dark", 500), ("dark", 1280), ("light", 1280)):
        notebook.theme(theme)
        notebook.page.set_viewport_size({"width": width, "height": 1400})
        notebook.page.wait_for_function(FITS)
        dark = root.evaluate("root => Number(getComputedStyle(root).backgroundColor.match(/\\d+/)[0]) < 60")
        assert dark == (theme == "dark")
        notebook.page.wait_for_function(DRAWN, arg=[loss.element_handle(), PIXELS])  # in the colours of this theme
        notebook.screenshot(f"monitor-{theme}-{width}", root)


def test_it_survives_a_reload_and_leaves_a_record(lab):
    notebook = lab.open([STORY, "tell(story(999))"], height=1200)
    notebook.run_all()
    notebook.wait_idle()
    out = notebook.output(1)
    expect(out.locator(".tlm-state")).to_have_text("Finished")
    expect(out.locator("[data-tl-static]")).to_be_hidden()  # the live view stands for it

    notebook.reload()
    expect(out.locator(".tlm-state")).to_have_text("Finished")
    assert pixels(out.locator(".tlm-plot").first, 2) > 100

    # Opened again without its kernel: the record is there, and no complaint about a missing model.
    notebook.page.evaluate("() => window.labPage.panel.context.save()")
    notebook.page.evaluate("() => window.labPage.panel.sessionContext.shutdown()")
    notebook.page.reload()
    record = out.locator("[data-tl-static]")
    expect(record).to_be_visible()
    expect(record).to_contain_text("letters to digits: Finished in 1 min 04 s; epoch 5 was the best.")
    expect(record.get_by_role("img", name=re.compile("loss by epoch"))).to_be_visible()
    expect(out.locator(".tl-monitor")).to_have_count(0)
    expect(out.get_by_text("Error displaying widget")).to_be_hidden()
    notebook.screenshot("monitor-record", out)


def test_a_fit_that_fails_is_told(lab):
    notebook = lab.open([SETUP, FAIL], height=1200)
    notebook.run_all()
    notebook.wait_idle(errors=True)
    out = notebook.output(1)
    expect(out.locator(".tlm-state")).to_have_text("Failed")
    expect(out.locator(".tlm-sentence")).to_contain_text("MemoryError: <b>too</b> large")
    notebook.screenshot("monitor-failed", out)


WATCHED = """
monitor = TrainingMonitor(gradient_norm=True, block_distance=True)
history = model().fit(x, y, batch_size=32, epochs=4, validation_split=0.2, callbacks=[monitor, Gate()])
"""


def test_the_gradient_and_the_distance_of_blocks_are_shown_on_request(lab):
    notebook = lab.open([SETUP, WATCHED], height=1400)
    notebook.run_all()
    out = notebook.output(1)
    moved = out.get_by_role("region", name="Distance from where each block began")
    expect(moved.locator("li")).to_have_count(1)  # while the second epoch stands still
    expect(moved).to_contain_text(re.compile(r"head.*%"))
    expect(moved).to_contain_text(re.compile("1.block did not move"))
    out.get_by_role("button", name=re.compile("^Gradient norm")).click()
    gradient = out.get_by_role("region", name="Gradient norm")
    expect(gradient.get_by_role("button", name="each batch")).to_be_visible()
    expect(gradient.locator(".tlm-plot")).to_have_attribute("data-points", re.compile(r"^(2[4-9]|3\d)$"))
    notebook.screenshot("monitor-watched", out)
    for epoch in (1, 2):
        (notebook.path.parent / f"go{epoch}").touch()
    notebook.wait_idle()
    assert notebook.evaluate("monitor.run.batches['gradient_norm'].count") == 96
    distance = notebook.evaluate("monitor.run.moved['head']")
    expect(moved).to_contain_text(f"{float(f'{100 * distance:.2g}'):g}")
    assert notebook.evaluate("'apply' not in vars(monitor.model.optimizer)")
    for theme, width in (("dark", 1280), ("light", 500)):
        notebook.theme(theme)
        notebook.page.set_viewport_size({"width": width, "height": 1700})
        notebook.page.wait_for_function(FITS)
        notebook.screenshot(f"monitor-watched-{theme}-{width}", out)


# What precedes the first batch, and what is told of a run beside its numbers.
CACHED = """
import time
from IPython.display import display
from tl_toolkit.events import *
from tl_toolkit.widgets.training_monitor import TrainingMonitor
monitor, outline = TrainingMonitor("letters to digits"), PhaseOutline("Head only", 2, 40)
monitor(RunStarted("letters to digits", (outline,)))
for event in (CacheStarted(0, 2000, "block_13_project"), CacheProgressed(0, 500)): monitor(event)
monitor._show()
while not Path("go1").exists(): time.sleep(0.01)
monitor(CacheEnded(0, 2000, 4 << 20))
for event in (PhaseStarted(0, outline), EpochStarted(0, 0, 0.1), BatchEnded(0, 0, 0, 8, 1.0, {"loss": 1.0}, 0.1),
              EpochEnded(0, 0, {"loss": 1.0}, 0.1), CheckpointSaved("runs/<b>a</b>/epoch-1.keras", 0, best=True)):
    monitor(event)
for event in (PhaseEnded(0), RunEnded()): monitor(event)
"""


def test_features_and_checkpoints_are_told(lab):
    notebook = lab.open(["from pathlib import Path", CACHED], height=1100)
    notebook.run_all()
    out = notebook.output(1)
    expect(out.locator(".tlm-state")).to_have_text("Computing features")
    bar = out.get_by_role("progressbar", name="Batches of this epoch")
    expect(bar).to_have_attribute("aria-valuetext", re.compile("500 of 2.000 samples"))
    notebook.screenshot("monitor-cache", out)
    (notebook.path.parent / "go1").touch()
    notebook.wait_idle()
    expect(out.get_by_role("list", name="Facts")).to_contain_text(re.compile("after block_13_project of 2.000 samples"))
    expect(out.get_by_role("list", name="Facts")).to_contain_text(
        "Saved as runs/<b>a</b>/epoch-1.keras (epoch 1, best)."
    )
    expect(out.locator(".tlm-card").filter(has_text="Time")).to_contain_text("cache")


FOLDS = """
import copy
monitor = TrainingMonitor("fold")
for fold in range(4):
    model().fit(x[:320], y[:320], epochs=2, validation_split=0.2, callbacks=[monitor])
"""
TRIALS = """
monitor = TrainingMonitor("trial")
for trial in range(4):  # as KerasTuner does: a copy for each trial, and fits in a row
    callbacks = copy.deepcopy([monitor])
    model().fit(x[:320], y[:320], epochs=2, validation_split=0.2, callbacks=callbacks)
"""


def test_folds_and_trials_take_one_view_and_a_line_each(lab):
    notebook = lab.open([SETUP, FOLDS, TRIALS], height=1400)
    notebook.run_all()
    notebook.wait_idle()
    for index, name in ((1, "fold"), (2, "trial")):
        out = notebook.output(index)
        expect(out.locator(".tl-monitor")).to_have_count(1)
        earlier = out.get_by_role("list", name="Earlier runs in this cell").locator("li")
        lines = earlier if name == "fold" else out.locator("[data-tl-static] > p")
        expect(lines).to_have_count(3)
        expect(lines.first).to_contain_text(re.compile(f"{name}: Finished in .* Lowest validation loss: 0"))
        notebook.screenshot(f"monitor-{name}s", out)
    assert len(notebook.page.evaluate("() => document.body.innerText").split("Error displaying widget")) == 1


def test_the_record_is_shown_in_print_and_where_only_images_are(lab):
    notebook = lab.open([STORY, "tell(story(999))"], height=1200)
    notebook.run_all()
    notebook.wait_idle()
    expect(notebook.output(1).locator(".tlm-state")).to_have_text("Finished")
    notebook.page.evaluate("() => window.labPage.panel.context.save()")
    saved = nbformat.read(notebook.path, 4)
    assert any("image/png" in output.get("data", {}) for output in saved.cells[1].outputs)
    assert len(notebook.path.read_bytes()) < 150_000

    # Converted to HTML, without a kernel, and printed from there.
    page = notebook.page.context.new_page()
    page.set_content(HTMLExporter().from_notebook_node(saved)[0])
    page.emulate_media(media="print")
    record = page.locator("[data-tl-static]")
    expect(record.get_by_role("img", name=re.compile("loss by epoch"))).to_be_visible()
    expect(record).to_contain_text("epoch 5 was the best")
    image = record.locator("img")
    expect(image).to_be_hidden()
    notebook.screenshot("monitor-printed", page)
    (notebook.path.parent / "record.pdf").write_bytes(page.pdf())

    # A web site that takes out style sheets and SVG, but not its letters, leaves the image; and one that takes all.
    page.evaluate("() => document.querySelectorAll('style, svg').forEach((node) => node.replaceWith(node.textContent))")
    expect(image).to_be_visible()
    expect(record.locator(".tl-svg").first).to_be_hidden()
    assert image.evaluate("(image) => image.naturalWidth") == 810
    page.evaluate("() => document.querySelectorAll('[style]').forEach((node) => node.removeAttribute('style'))")
    expect(image).to_be_visible()
    notebook.screenshot("monitor-without-svg", page)


def test_a_notebook_of_a_stranger_shows_the_record(lab):
    notebook = lab.open([STORY, "tell(story(999))"], height=1200)
    notebook.run_all()
    notebook.wait_idle()
    notebook.page.evaluate("() => window.labPage.panel.context.save()")
    saved = nbformat.read(notebook.path, 4)
    saved.cells.insert(0, nbformat.v4.new_markdown_cell("Received by mail."))  # so it is not what this server signed
    for cell in saved.cells:
        cell.metadata.pop("trusted", None)
    changed = notebook.path.parent / "changed.ipynb"
    nbformat.write(saved, changed)
    other = lab.open(str(changed), height=1200)
    record = other.output(2)
    expect(record).to_contain_text("epoch 5 was the best")
    other.screenshot("monitor-untrusted", record)
    expect(record.locator("img")).to_be_visible()
    assert "epochloss" not in record.inner_text()  # no letters of a picture without the picture
