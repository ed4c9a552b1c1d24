"""Execute a notebook, telling how far it is, and leave it with its outputs as .ipynb and .html.

    python docs/run_notebook.py nbs/tutorials/quickstart.ipynb _run
"""

import sys
import threading
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter


def headline(source: str, width: int = 76) -> str:
    """The first line of a cell that says something."""
    lines = [line.strip() for line in source.splitlines()]
    line = next((line for line in lines if line and not line.startswith(("#|", "# |", "%"))), "")
    return line if len(line) <= width else line[: width - 1] + "…"


class CellLine:
    """The line of a running cell. In a terminal it counts the seconds; when the cell ends, it says how many it took."""

    def __init__(self, text: str):
        self.text, self.start, self.ended = text, time.monotonic(), threading.Event()
        print(text, end="", flush=True)
        self.clock = threading.Thread(target=self.count, daemon=True)
        self.clock.start()

    def count(self) -> None:
        while not self.ended.wait(1):
            if sys.stdout.isatty():
                print(f"\r{self.text}{time.monotonic() - self.start:6.0f} s", end="", flush=True)

    def end(self) -> None:
        self.ended.set()
        self.clock.join()
        back = f"\r{self.text}" if sys.stdout.isatty() else ""
        print(f"{back}{time.monotonic() - self.start:6.1f} s", flush=True)


def run(path: Path, folder: Path) -> bool:
    """Execute the notebook at `path` into `folder`, and say whether every cell went through."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["language_info"] = {"name": "python"}
    lines = {}
    count = sum(cell.cell_type == "code" for cell in notebook.cells)

    def before(cell, cell_index):
        if cell.cell_type == "code":
            lines[cell_index] = CellLine(f"  [{len(lines) + 1:2}/{count}] {headline(cell.source):<78}")

    def after(cell, cell_index, **_):
        if cell_index in lines:
            lines[cell_index].end()

    # The state of widgets is left out: with it, a page opened without the network shows nothing where a widget stood.
    client = NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=40"],
        on_cell_execute=before,
        on_cell_executed=after,
    )
    problem = ""
    folder.mkdir(parents=True, exist_ok=True)
    # What TensorFlow says about the machine would run through the lines that tell how far the notebook is.
    with (folder / "kernel.log").open("w") as log:
        try:
            client.execute(stderr=log)
        except CellExecutionError as error:
            problem = str(error)
    nbformat.write(notebook, folder / path.name)
    html, _ = HTMLExporter(require_js_url="", exclude_input_prompt=True, exclude_output_prompt=True).from_notebook_node(
        notebook, {"metadata": {"name": path.stem}}
    )
    (folder / path.name).with_suffix(".html").write_text(html, "utf-8")
    if problem:
        print(f"\n{problem}")
    return not problem


if __name__ == "__main__":
    sys.exit(0 if run(Path(sys.argv[1]).resolve(), Path(sys.argv[2])) else 1)
