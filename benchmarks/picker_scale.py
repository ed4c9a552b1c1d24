"""The LayerPicker on a nested model of 10,000 layers in a real Chromium, beside checkboxes of ipywidgets.

    python3 dev.py bench picker_scale [--layers 10000] [--repeats 5] [--naive 100,300,1000]

The page and the kernel share one clock, so a time is from the statement in the kernel, or the click in the page, to the
frame that shows it; the fastest of several counts, since other programs on the machine disturb each. The naive picker
is a column of one `Checkbox` and one `Label` a layer, at the sizes named.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from lab_page import CHROMIUM_FLAGS, Lab, LabServer, find_chromium  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

SETUP = """
import sys, time, keras, ipywidgets
from IPython.display import display
import tl_toolkit as tl

def timed(make):
    began = time.perf_counter()
    made = make()
    return made, time.perf_counter() - began

def stage(number, blocks):
    x = inputs = keras.Input((1,), name=f"stage_{number}_input")
    for i in range(blocks):
        name = f"block_{number * blocks + i}"
        y = keras.layers.Dense(1, name=f"{name}_dense")(x)
        y = keras.layers.BatchNormalization(name=f"{name}_norm")(y)
        y = keras.layers.ReLU(name=f"{name}_relu")(y)
        x = keras.layers.Add(name=f"{name}_add")([x, y])
    return keras.Model(inputs, x, name=f"stage_{number}")

def model_of(stages, blocks=100):
    layers = [keras.Input((1,)), *(stage(i, blocks) for i in range(stages)), keras.layers.Dense(2, name="head")]
    return keras.Sequential(layers, name="deep")

display(tl.LayerPicker(model_of(2, 3)))
"""
MODEL = "model, to_make_model = timed(lambda: model_of({stages}))"
MEASURE = """
tree, to_tree = timed(lambda: tl.layer_tree(model))
picker, to_picker = timed(lambda: tl.LayerPicker(model))
sent = len(picker._structure)
at = time.time()
display(picker)
"""
NAIVE = """
def naive(names):
    return ipywidgets.VBox([ipywidgets.HBox([ipywidgets.Checkbox(value=False, indent=False), ipywidgets.Label(name)])
                            for name in names])

boxes, to_picker = timed(lambda: naive([layer.path for layer in tree][:{layers}]))
at = time.time()
display(boxes)
"""
TOGGLE_NAIVE = """
at = time.time()
for row in boxes.children: row.children[0].value = not row.children[0].value
"""

# Each waits for what it names, and for the frame that shows it.
AFTER_FRAME = "const shown = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));"
UNTIL = """async ([selector, count]) => {
    FRAME
    while (document.querySelectorAll(selector).length < count) await shown();
    await shown();
    return Date.now() / 1000;
}""".replace("FRAME", AFTER_FRAME)
CLICK = """async ([name, cell]) => {
    FRAME
    const buttons = [...document.querySelectorAll(`[data-windowed-list-index="${cell}"] .tl-picker button`)];
    const button = buttons.find((one) => (one.ariaLabel ?? one.textContent) === name);
    await shown();
    const began = performance.now();
    button.click();
    await shown();
    const took = performance.now() - began;
    return [took / 1000, button.getAttribute("aria-pressed")];
}""".replace("FRAME", AFTER_FRAME)
SCROLL = """async ([cell]) => {
    FRAME
    const grid = document.querySelector(`[data-windowed-list-index="${cell}"] [role=treegrid]`);
    let [most, slowest] = [0, 0];
    for (let step = 0; step <= 60; step += 1) {
        const began = performance.now();
        grid.scrollTop = (step / 60) * grid.scrollHeight;
        await shown();
        slowest = Math.max(slowest, performance.now() - began);
        most = Math.max(most, grid.querySelectorAll("[role=row]").length);
    }
    return [most, slowest / 1000, Number(grid.ariaRowCount)];
}""".replace("FRAME", AFTER_FRAME)


def tell(what: str, values: list[float], target: float | None = None) -> None:
    fastest = min(values)
    aim = f"   at most {target:g} s: {'yes' if fastest <= target else 'NO'}" if target else ""
    print(f"  {what:<50}{fastest:>8.3f} s{statistics.median(values):>8.3f} s{aim}", flush=True)


def measure_picker(page, repeats: int) -> None:
    trees, pickers, paints, toggles, unfolded, totals = [], [], [], [], [], []
    for _ in range(repeats):
        page.execute("picker = None")
        page.page.evaluate("() => window.labPage.app.commands.execute('notebook:clear-all-cell-outputs')")
        page.run_cell(2)
        painted = page.page.evaluate(UNTIL, ['[data-windowed-list-index="2"] .tl-row[data-node]', 10])
        page.wait_idle()
        tree, picker, at, sent = page.evaluate("[to_tree, to_picker, at, sent]")
        trees.append(tree)
        pickers.append(picker)
        paints.append(painted - at)
        totals.append(painted - at + picker)
        for name in ("All", "None", "All", "None"):
            took, pressed = page.page.evaluate(CLICK, [name, 2])
            assert pressed == "true", name
            toggles.append(took)
            page.wait_until(f"picker.plan == tl.FreezePlan.{'all_trainable' if name == 'All' else 'all_frozen'}()")
        page.page.evaluate(CLICK, ["Fold all", 2])
        page.page.evaluate(CLICK, ["Unfold all", 2])
        for name in ("All", "None"):
            unfolded.append(page.page.evaluate(CLICK, [name, 2])[0])
            page.wait_until(f"picker.plan == tl.FreezePlan.{'all_trainable' if name == 'All' else 'all_frozen'}()")
    most, slowest, rows = page.page.evaluate(SCROLL, [2])
    page.screenshot("picker-scale")
    tell("layer_tree(model)", trees)
    tell("LayerPicker(model), the tree included", pickers, 1)
    tell("display(picker), to the first frame with rows", paints, 0.5)
    tell("click on All or None, to the frame that shows it", toggles, 0.1)
    tell("the same with every block unfolded", unfolded, 0.1)
    kept = "yes" if most <= 200 else "NO"
    print(f"  scrolled through {rows} rows, {most} of them in the page at most (at most 200: {kept}), "
          f"slowest step {slowest:.3f} s; structure {sent / 1e3:.0f} kB", flush=True)  # fmt: skip


def measure_naive(page, number: int) -> None:
    selector = f'[data-windowed-list-index="{3 + number}"] input[type=checkbox]'
    page.run_cell(3 + number)
    layers = page.page.evaluate("([i]) => Number(window.labPage.panel.content.widgets[i].model.sharedModel.source"
                                ".match(/\\[:(\\d+)\\]/)[1])", [3 + number])  # fmt: skip
    painted = page.page.evaluate(UNTIL, [selector, layers])
    page.wait_idle(600)
    make, at = page.evaluate("[to_picker, at]")
    page.execute(TOGGLE_NAIVE, 600)
    toggled = page.page.evaluate(UNTIL, [selector + ":checked", layers])
    began = page.evaluate("at")
    rows = page.page.evaluate("([selector]) => document.querySelectorAll(selector).length", [selector])
    print(f"  {layers:>6} layers: made in {make:.2f} s, painted {painted - at:.2f} s after, all ticked in "
          f"{toggled - began:.2f} s; {rows} rows in the page", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--layers", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--naive", default="100,300,1000")
    options = parser.parse_args()
    sizes = [int(size) for size in options.naive.split(",") if size]
    cells = [SETUP, MODEL.format(stages=options.layers // 400), MEASURE, *(NAIVE.format(layers=size) for size in sizes)]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(CHROMIUM_FLAGS))
        server = LabServer(Path(folder))
        lab = Lab(lambda _: server, browser)
        try:
            page = lab.open(cells)
            for cell in (0, 1):
                page.run_cell(cell)
            page.wait_idle(1800)
            took, layers = page.evaluate("[to_make_model, len(tl.layer_tree(model))]")
            print(f"a model of {layers:,} layers in nested stages; Keras makes it in {took:.0f} s")
            print(f"  {'':<50}{'fastest':>10}{'median':>10}")
            measure_picker(page, options.repeats)
            print("the same picker made of ipywidgets' checkboxes")
            for number in range(len(sizes)):
                measure_naive(page, number)
        finally:
            lab.close()
            server.stop()
            browser.close()


if __name__ == "__main__":
    main()
