"""Execute a notebook, telling how far it is, and leave it with its outputs as .ipynb and .html.

    python docs/run_notebook.py nbs/tutorials/quickstart.ipynb _run
"""

import sys
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


def run(path: Path, folder: Path) -> bool:
    """Execute the notebook at `path` into `folder`, and say whether every cell went through."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["language_info"] = {"name": "python"}
    started = {}
    count = sum(cell.cell_type == "code" for cell in notebook.cells)

    def before(cell, cell_index):
        if cell.cell_type == "code":
            started[cell_index] = time.monotonic()
            print(f"  [{len(started):2}/{count}] {headline(cell.source):<78}", end="", flush=True)

    def after(cell, cell_index, **_):
        if cell_index in started:
            print(f"{time.monotonic() - started[cell_index]:6.1f} s", flush=True)

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
