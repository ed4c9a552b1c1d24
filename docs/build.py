"""Build the documentation into _docs/html/: the notebooks as a book, and a page of reference for each module.

Pages are gathered in _run/docs, laid out as in the repository so that links between notebooks and pictures hold. The
site needs no network to be built or read. With `--execute`, notebooks are run first (and again only when they change).
"""

import pkgutil
import shutil
import sys
from pathlib import Path

import nbformat
from readable import make_readable
from sphinx.cmd.build import main as sphinx

import tl_toolkit

ROOT = Path(__file__).resolve().parents[1]
SOURCE, SITE = ROOT / "_run" / "docs", ROOT / "_docs" / "html"
REFERENCE = """# {name}

```{{eval-rst}}
.. automodule:: tl_toolkit.{name}
   :members:
   :member-order: bysource
```
"""


def gather() -> None:
    """Lay the pages out in `SOURCE`."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "images", SOURCE / "docs" / "images")
    for page in (ROOT / "docs").glob("*.md"):
        shutil.copy(page, SOURCE)
    shutil.copy(ROOT / "CONTRIBUTING.md", SOURCE)
    for path in sorted((ROOT / "nbs").rglob("*.ipynb")):
        if not any(part.startswith((".", "_")) for part in path.relative_to(ROOT).parts):
            page = SOURCE / path.relative_to(ROOT)
            page.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(make_readable(nbformat.read(path, as_version=4)), page)
    shutil.copy(ROOT / "CHANGELOG.md", SOURCE)
    for name in ("README.md", "README.zh.md"):  # what the first page says, where a link leads to it
        (SOURCE / name).write_text(f"---\norphan: true\n---\n\n{(ROOT / name).read_text('utf-8')}", "utf-8")
    (SOURCE / "reference").mkdir()
    for module in pkgutil.walk_packages(tl_toolkit.__path__, "tl_toolkit."):
        name = module.name.removeprefix("tl_toolkit.")
        if not module.ispkg and not name.startswith("_"):
            (SOURCE / "reference" / f"{name}.md").write_text(REFERENCE.format(name=name), "utf-8")


def promise(path: Path) -> tuple[str, str]:
    """Title and first quoted line of a notebook or of a page of Markdown."""
    if path.suffix == ".ipynb":
        text = next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    else:
        text = path.read_text("utf-8")
    lines = text.splitlines()
    title = next(line.removeprefix("# ") for line in lines if line.startswith("# "))
    return title, next((line.removeprefix("> ") for line in lines if line.startswith("> ")), "")


def llms_text() -> str:
    """The site in one page for programs that read: see llmstxt.org."""
    title, about = promise(ROOT / "nbs" / "index.ipynb")
    parts = {
        "Learn": sorted((ROOT / "nbs" / "tutorials").glob("*.ipynb")),
        "Understand": [ROOT / "docs" / "concepts.md", ROOT / "docs" / "front_ends.md"],
        "The library": sorted((ROOT / "nbs").glob("[0-9]*.ipynb")),
    }
    lines = [f"# {title}", "", f"> {about}", ""]
    for name, paths in parts.items():
        lines += [f"## {name}", ""]
        for path in paths:
            page = path.relative_to(ROOT if path.suffix == ".ipynb" else ROOT / "docs").with_suffix(".html").as_posix()
            head, text = promise(path)
            lines.append(f"- [{head}]({page})" + (f": {text}" if text else ""))
        lines.append("")
    lines += ["## Reference", ""]
    for path in sorted((SOURCE / "reference").glob("*.md")):
        lines.append(f"- [{path.stem}](reference/{path.stem}.html)")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    gather()
    execute = ["-D", "nb_execution_mode=cache"] if "--execute" in sys.argv else []
    options = ["-b", "html", "-W", "--keep-going", "-q", "-E", "-c", str(ROOT / "docs"), *execute]
    failed = sphinx([*options, str(SOURCE), str(SITE)])
    (SITE / "llms.txt").write_text(llms_text(), "utf-8")
    sys.exit(failed)
