"""Write README.md from nbs/index.ipynb, or with `--check` tell whether it is what the notebook makes."""

import posixpath
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter
from readable import make_readable

ROOT = Path(__file__).resolve().parents[1]
INDEX, README = ROOT / "nbs" / "index.ipynb", ROOT / "README.md"
HEAD = "<!-- Made from nbs/index.ipynb by `python3 dev.py build`: edit the notebook. -->\n\n"
FENCE = re.compile(r"(^```.*?^```[^\n]*$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"""(\]\(\s*<?|\b(?:src|href|srcset)=["'])([^)"'>\s]+)""")


def from_root(target: str) -> str:
    """A link's target as seen from the repository's root, given as seen from nbs/."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//|/|#", target, re.IGNORECASE):
        return target
    return posixpath.normpath(posixpath.join("nbs", target))


def move_links(markdown: str) -> str:
    """Markdown of nbs/ with its relative links and pictures as seen from the root; code is left alone."""
    parts = FENCE.split(markdown)
    parts[::2] = [TARGET.sub(lambda match: match[1] + from_root(match[2]), part) for part in parts[::2]]
    return "".join(parts)


def readme() -> str:
    """README.md as nbs/index.ipynb makes it."""
    notebook = make_readable(nbformat.read(INDEX, as_version=4))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = move_links(cell.source)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    body, resources = MarkdownExporter().from_notebook_node(notebook)
    if resources["outputs"]:
        sys.exit("nbs/index.ipynb has a picture among its outputs: keep pictures in docs/images and refer to them")
    return HEAD + re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        README.write_text(readme(), "utf-8")
    elif README.read_text("utf-8") != readme():
        sys.exit("README.md is not what nbs/index.ipynb makes. Edit the notebook, then: python3 dev.py build")
