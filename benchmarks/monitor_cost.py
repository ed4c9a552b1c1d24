"""What watching costs: time in batch hooks, a whole fit, memory after a million batches, size of the notebook.

    python3 dev.py bench monitor_cost [--repeats 7] [--only hooks,fit,watch,eta,million,notebook]

All of it runs in a real kernel, since that is where messages are sent; side by side in one process, in turn, with
Keras' own progress bar and, where they can be fetched (into _run/), tqdm.keras and livelossplot.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
OTHERS = ROOT / "_run" / "monitor_cost"

COMMON = """
import contextlib, statistics, sys, time, tracemalloc
sys.path[:0] = [ROOT, *sys.path_of_others]
import keras, numpy as np
import tl_toolkit as tl

def spin(seconds):
    until = time.perf_counter() + seconds
    while time.perf_counter() < until: pass

def small_model():
    layers = [keras.layers.Dense(4), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((8,)), *layers])
    model.compile("sgd", "mse", metrics=["mae"])
    return model
"""

# A thousand batches of 1 ms, of which only the time within the hooks is counted; livelossplot draws once an epoch.
HOOKS = """
model = small_model()

def hooks(make, batches=1000):
    callback = make()
    callback.set_params({"verbose": 1, "epochs": 1, "steps": batches})
    callback.set_model(model)
    model.stop_training = False
    clock, spent = time.perf_counter, 0.0
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    for batch in range(batches):
        logs = {"loss": 1 / (batch + 1), "mae": 0.5}
        began = clock()
        callback.on_train_batch_begin(batch)
        spent += clock() - began
        spin(0.001)
        began = clock()
        callback.on_train_batch_end(batch, logs)
        spent += clock() - began
    began = clock()
    callback.on_epoch_end(0, logs)
    epoch = clock() - began
    callback.on_train_end()
    return 1e6 * spent / batches, 1e3 * epoch

makers = {"no callback": keras.callbacks.Callback, "tl.TrainingMonitor": tl.TrainingMonitor,
          "keras ProgbarLogger": keras.callbacks.ProgbarLogger}
with contextlib.suppress(ImportError):
    from tqdm.keras import TqdmCallback
    makers["tqdm.keras"] = lambda: TqdmCallback(verbose=1)
    makers["tqdm.keras, verbose=2"] = lambda: TqdmCallback(verbose=2)
with contextlib.suppress(ImportError):
    from livelossplot import PlotLossesKeras
    makers["livelossplot"] = PlotLossesKeras
found = {name: [] for name in makers}
for repeat in range(REPEATS + 1):
    for name, make in makers.items():
        result = hooks(make)
        if repeat: found[name].append(result)
"""
TELL_HOOKS = """
print(f"{'in batch hooks, 1 ms batches':<32}{'median':>10}{'from':>9}{'to':>9}   at the end of the epoch")
for name, results in found.items():
    batch, epoch = zip(*results)
    middle, end = statistics.median(batch), statistics.median(epoch)
    print(f"{name:<32}{middle:>7.1f} us{min(batch):>9.1f}{max(batch):>9.1f}{end:>10.1f} ms")
"""

# Counted in processor time, of every thread of the kernel, so that other programs on the machine do not disturb it.
FIT = """
class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        until = time.thread_time() + 0.005
        while time.thread_time() < until: pass

x, y = np.ones((8 * 1200, 8), "float32"), np.ones((8 * 1200, 1), "float32")
model = small_model()
def seconds(callbacks):
    began = time.process_time()
    model.fit(x, y, batch_size=8, verbose=0, callbacks=[Slow(), *callbacks])
    return time.process_time() - began
seconds([]), seconds([tl.TrainingMonitor()])
pairs = [(seconds([]), seconds([tl.TrainingMonitor()]), seconds([])) for _ in range(REPEATS)]
"""
TELL_FIT = """
ratios = sorted(2 * with_it / (before + after) - 1 for before, with_it, after in pairs)
noise = sorted(abs(2 * (before - after) / (before + after)) for before, _, after in pairs)
print(f"a fit of 1200 batches of 5 ms, {len(pairs)} times between two without: {statistics.median(ratios):+.2%} in the "
      f"median ({ratios[0]:+.2%} to {ratios[-1]:+.2%}); two fits without it differ by {statistics.median(noise):.2%}")
"""

# What is watched on request, in processor time as well: two steps that differ only by it, and one reading of distances.
WATCH = """
from tl_toolkit.weight_watch import WeightWatch

class Watch(keras.callbacks.Callback):
    def __init__(self, watch): super().__init__(); self.watch = watch
    def on_train_begin(self, logs=None): self.watch.begin(self.model)
    def on_train_batch_end(self, batch, logs=None): self.watch.norm()
    def on_train_end(self, logs=None): self.watch.end()

def network():
    model = keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None, classes=5)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model

def wide():
    layers = [keras.layers.Dense(256, "relu"), keras.layers.Dense(256, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((64,)), *layers])
    model.compile("adam", "mse")
    return model

def cost(make, x, y, batches):
    model, size = make(), len(x) // batches
    watch = Watch(WeightWatch(gradient_norm=True))
    def spent(callbacks):
        began = time.process_time()
        model.fit(x, y, batch_size=size, verbose=0, callbacks=callbacks)
        return (time.process_time() - began) / batches
    spent([]), spent([watch])
    pairs = [(spent([]), spent([watch]), spent([])) for _ in range(REPEATS)]
    extra = statistics.median(w - (a + b) / 2 for a, w, b in pairs)
    distance = WeightWatch(block_distance=True)
    distance.begin(model)
    distance.distances(now=True)
    began = time.perf_counter()
    distance.distances(now=True)
    reading = time.perf_counter() - began
    return statistics.median((a + b) / 2 for a, _, b in pairs), extra, reading, model.count_params()

draw = np.random.default_rng(0).normal
found = {"three dense layers, batches of 32": cost(wide, draw(size=(32 * 800, 64)), draw(size=(32 * 800, 1)), 800),
         "MobileNetV2 (0.35, 96 pixels), batches of 16": cost(
             network, draw(size=(16 * 12, 96, 96, 3)), np.arange(16 * 12) % 5, 12)}
"""
TELL_WATCH = """
print("watched on request:")
for name, (step, extra, reading, weights) in found.items():
    print(f"  {name}: a step takes {1e3 * step:.2f} ms; "
          f"with the gradient norm {1e6 * extra:+.0f} us ({extra / step:+.1%}); "
          f"distances of {weights:,} weights {1e3 * reading:.1f} ms a reading, at most 1 % of the time")
"""

# How good the time that is left is guessed, once a tenth of a phase has run: two phases that take different times.
ETA = """
from tl_toolkit.events import BatchEnded
from tl_toolkit.progress import RunProgress

class Guesses(RunProgress):
    def __init__(self): super().__init__(); self.guesses = []
    def __call__(self, event):
        super().__call__(event)
        if type(event) is BatchEnded and (low_high := self.remaining_range()):
            sure = low_high[1] - low_high[0] < 1e-9
            self.guesses.append((event.phase, event.time, sum(low_high) / 2, sure))

split = tl.samples.digits_split(labels_per_class=50)
model = tl.replace_head(tl.samples.source_model(), num_outputs=10)
errors = []
for _ in range(max(1, REPEATS // 3)):
    guesses = Guesses()
    tl.fine_tune(model, split.train, epochs=24, monitor=guesses)
    errors += [(phase, abs(left / (guesses.ended - at) - 1)) for phase, at, left, sure in guesses.guesses
               if sure and guesses.ended - at > 0.05 * guesses.elapsed()]
"""
TELL_ETA = """
for phase in sorted({phase for phase, _ in errors}):
    off = sorted(error for one, error in errors if one == phase)
    print(f"time left, phase {phase + 1} of 2 after its first tenth: {statistics.median(off):.0%} off in the median of "
          f"{len(off)} guesses, {off[int(0.9 * len(off))]:.0%} at most in nine of ten")
"""

MILLION = """
from tl_toolkit.events import *
monitor = tl.TrainingMonitor("long")
outline = PhaseOutline("Training", 10, 100_000)
for event in (RunStarted("long", (outline,)), PhaseStarted(0, outline)): monitor(event)
tracemalloc.start()
began = time.perf_counter()
for batch in range(1_000_000):
    loss = 9.0 if batch == 617_283 else 1.0
    if batch % 100_000 == 0: monitor(EpochStarted(0, batch // 100_000, 0.1))
    monitor(BatchEnded(0, batch // 100_000, batch % 100_000, 8, loss, {"loss": loss, "mae": loss}, 0.1))
    if batch == 100_000: early = tracemalloc.get_traced_memory()[0]
held = tracemalloc.get_traced_memory()[0]
took = time.perf_counter() - began
tracemalloc.stop()
for event in (EpochEnded(0, 9, {"loss": 1.0}, 0.1), PhaseEnded(0), RunEnded()): monitor(event)
from tl_toolkit.curves import unpack_curves
curve = unpack_curves(monitor.widget._curves)["batch", "loss"]
"""
TELL_MILLION = """
print(f"a million batches: {len(curve[0])} points are sent, the highest is {curve[1].max():.1f} (one batch of 9.0); "
      f"memory {early / 1e6:.2f} MB after a tenth, {held / 1e6:.2f} MB at the end")
"""

NOTEBOOK = """
x = np.random.default_rng(0).normal(size=(2000, 8)).astype("float32")
model = small_model()
model.fit(x, x[:, :1], validation_split=0.2, epochs=30, callbacks=[tl.TrainingMonitor("digits")]);
"""


def fetch_others() -> list[str]:
    """The folder of the packages compared with, or nothing where they cannot be had."""
    uv = shutil.which("uv") or shutil.which("uv", path=ROOT / ".boot" / "bin")
    if not OTHERS.exists() and uv:
        command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", OTHERS, "tqdm", "livelossplot", "bokeh",
                   "xyzservices", "narwhals", "contourpy"]  # fmt: skip
        if subprocess.run(command, check=False).returncode:
            print("tqdm and livelossplot could not be fetched, and are left out")
    return [str(OTHERS)] if OTHERS.exists() else []


def head(options) -> str:
    code = COMMON.replace("*sys.path_of_others", ", ".join(map(repr, fetch_others())))
    return f"ROOT, REPEATS = {str(ROOT)!r}, {options.repeats}\n{code}"


def run_in_kernel(*codes: str) -> None:
    """Runs each code in one kernel, and prints what the last one prints."""
    manager, client = start_new_kernel(kernel_name="python3", env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"})
    try:
        for code in codes:
            lines = []

            def hear(message, lines=lines):
                if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                    lines.append(message["content"]["text"])

            reply = client.execute_interactive(code, output_hook=hear, store_history=True, timeout=900)["content"]
            if reply["status"] != "ok":
                sys.exit("\n".join(reply["traceback"]))
        print("".join(lines), flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def notebook_size(options) -> None:
    """How much larger a finished run makes its notebook, without and with the state of its widget."""
    cells = [nbformat.v4.new_code_cell(code) for code in (head(options), NOTEBOOK)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    before = len(nbformat.writes(notebook))
    NotebookClient(notebook, kernel_name="python3", store_widget_state=True).execute()
    notebook.cells[0].outputs = []
    with_state = len(nbformat.writes(notebook)) - before
    notebook.metadata.pop("widgets", None)
    plain = len(nbformat.writes(notebook)) - before
    print(f"a run of 30 epochs adds {plain / 1e3:.1f} kB to its notebook, {with_state / 1e3:.1f} kB with widget state")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", default="hooks,fit,watch,eta,million,notebook")
    options = parser.parse_args()
    parts = {
        "hooks": (HOOKS, TELL_HOOKS),
        "fit": (FIT, TELL_FIT),
        "watch": (WATCH, TELL_WATCH),
        "eta": (ETA, TELL_ETA),
        "million": (MILLION, TELL_MILLION),
    }
    for name in options.only.split(","):
        if name == "notebook":
            notebook_size(options)
        else:
            run_in_kernel(head(options), *parts[name])


if __name__ == "__main__":
    main()
