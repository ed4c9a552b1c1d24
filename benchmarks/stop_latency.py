"""From a click on Stop to the end of the fit, in a real JupyterLab, on the kernels that `dev.py kernels` makes.

    python3 dev.py bench stop_latency [--kernels 6.17.1,7.4.0] [--clicks 20]

Every click hits a running `model.fit` with batches of 20 ms. The page and the kernel share one clock. A click counts as
*stopped* when fit returned by itself with every batch in its history, before its planned end. *Heard* is when Python
had the request; a click that took longer than a second is told in full.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from kernel_environments import ENVIRONMENTS, KernelEnvironment  # noqa: E402
from lab_page import CHROMIUM_FLAGS, TIMEOUT, Lab, LabServer, find_chromium  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

SETUP = """
import threading, time, numpy as np, keras
import tl_toolkit as tl
x, y = np.random.normal(size=(3200, 8)).astype("float32"), np.ones((3200, 1), "float32")

class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None): time.sleep(0.02)

layers = [keras.layers.Dense(4, name="body"), keras.layers.Dense(1, name="head")]
model = keras.Sequential([keras.Input((8,)), *layers])
model.compile(keras.optimizers.SGD(0.001), "mse")
monitor, heard = tl.TrainingMonitor("slow"), []
stop = monitor.control.stop
monitor.control.stop = lambda by="user": (heard.append([time.time(), threading.current_thread().name]), stop(by))
"""
FIT = """
model.optimizer.iterations.assign(0)
heard.clear()
model.fit(x, y, batch_size=8, epochs=50, callbacks=[monitor, Slow()])
ended, done = time.time(), int(model.optimizer.iterations)
"""
# Waits until the run is some batches on, clicks, and says when.
CLICK = """([after]) => new Promise((resolve) => {
    const look = () => {
        const button = [...document.querySelectorAll('.tlm-stop')].find((b) => b.checkVisibility());
        const text = document.querySelector('.tlm-progress-labels span')?.textContent ?? '';
        const training = document.querySelector('.tlm-state')?.textContent === 'Training';
        if (button && training && parseInt(text.replace('batch ', '')) >= after) {
            const at = Date.now();
            button.click();
            resolve([at / 1000, Date.now() / 1000, text]);
        } else requestAnimationFrame(look);
    };
    look();
})"""
RESULT = "[ended, done, monitor.run.batches['loss'].count, monitor.run.stopped_by, *heard[0]]"


def measure(page, clicks: int) -> tuple[list[float], list[float], int]:
    page.run_cell(0)
    latencies, heard, stopped = [], [], 0
    for click in range(clicks):
        page.run_cell(1)
        at, sent, batch = page.page.evaluate(CLICK, [10 + 3 * click % 40])
        page.wait_idle(TIMEOUT)
        ended, done, drawn, by, heard_at, thread = page.evaluate(RESULT)
        latencies.append(ended - at)
        heard.append(heard_at - at)
        stopped += by == "user" and done == drawn < 20_000
        if ended - at > 1:
            print(f"click {click} at {batch}: sent after {sent - at:.3f} s, heard by {thread} after "
                  f"{heard_at - at:.3f} s, over after {ended - at:.3f} s with {done} batches", flush=True)  # fmt: skip
    return latencies, heard, stopped


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernels", default=",".join(ENVIRONMENTS))
    parser.add_argument("--clicks", type=int, default=20)
    options = parser.parse_args()
    print(f"{'ipykernel':<11}{'stopped':>9}{'median':>9}{'slowest':>9}{'heard':>9}   environment")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(CHROMIUM_FLAGS))
        for kernel in options.kernels.split(","):
            server = LabServer(Path(folder) / kernel, kernel)
            lab = Lab(lambda _, server=server: server, browser)
            try:
                latencies, heard, stopped = measure(lab.open([SETUP, FIT]), options.clicks)
            finally:
                lab.close()
                server.stop()
            median, slowest = statistics.median(latencies), max(latencies)
            environment = KernelEnvironment(kernel).describe()
            share = f"{stopped}/{options.clicks}"
            figures = f"{median:>7.3f} s{slowest:>7.3f} s{statistics.median(heard):>7.3f} s"
            print(f"{kernel:<11}{share:>9}{figures}   {environment}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
