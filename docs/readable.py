"""What a reader sees of a notebook: no hidden cells, no lines that speak to nbdev."""

import re

DIRECTIVE = re.compile(r"^\s*#\s*\|\s*(\w+)\s*:?\s*(.*?)\s*$")


def directives(source: str) -> dict[str, str]:
    """The nbdev directives of a code cell, such as `{"export": "", "echo": "false"}`."""
    return {match[1]: match[2] for line in source.splitlines() if (match := DIRECTIVE.match(line))}


def make_readable(notebook):
    """Take hidden cells and directives out of an nbformat notebook, in place, and return it.

    Cells marked `hide` or `default_exp` go, and so does what `echo: false` or `output: false` asks to leave out.
    """
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            told = directives(cell.source)
            if told.keys() & {"hide", "default_exp"} or told.get("include") == "false":
                continue
            lines = [line for line in cell.source.splitlines() if not DIRECTIVE.match(line)]
            cell.source = "" if told.get("echo") == "false" else "\n".join(lines).strip()
            if told.get("output") == "false":
                cell.outputs = []
            if not cell.source and not cell.outputs:
                continue
        cells.append(cell)
    notebook.cells = cells
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    return notebook
