"""Break a clone of the repository in known ways, one at a time, and see that the matching check notices.

    python3 dev.py break               all of them
    python3 dev.py break wheel click   those named

Each check first passes on the unbroken clone, or its failure would prove nothing. The clone holds what is committed.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def replace(path: Path, pattern: str, by: str) -> None:
    """Replace the one place where a pattern matches; a pattern that has gone stale is an error."""
    text, count = re.subn(pattern, by, path.read_text("utf-8"))
    if count != 1:
        raise SystemExit(f"{path.name}: {pattern!r} matches {count} places, not one: bring this file up to date")
    path.write_text(text, "utf-8")


def a_module_edited_by_hand(clone: Path) -> None:
    add(clone / "tl_toolkit" / "core.py", "\nEDITED_BY_HAND = True\n")


def a_module_whose_notebook_is_gone(clone: Path) -> None:
    text = (clone / "tl_toolkit" / "markup.py").read_text("utf-8")
    (clone / "tl_toolkit" / "orphan.py").write_text(text.replace("01_markup.ipynb", "01_gone.ipynb"), "utf-8")


def a_notebook_with_execution_counts(clone: Path) -> None:
    notebook = clone / "nbs" / "00_core.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace('"execution_count": null', '"execution_count": 7'), "utf-8")


def a_stale_readme(clone: Path) -> None:
    add(clone / "README.md", "\nOne line more.\n")


def an_upward_import(clone: Path) -> None:
    add(clone / "tl_toolkit" / "core.py", "\nfrom .freeze import FreezePlan\n")


def a_widget_library_in_the_engine(clone: Path) -> None:
    add(clone / "tl_toolkit" / "events.py", "\nimport ipywidgets\n")


def an_unused_import(clone: Path) -> None:
    add(clone / "tests" / "test_readme.py", "\nimport json\n")


def a_script_left_out_of_the_wheel(clone: Path) -> None:
    add(clone / "MANIFEST.in", "exclude tl_toolkit/static/layer_picker.js\n")


def a_script_that_is_not_what_its_source_builds(clone: Path) -> None:
    add(clone / "tl_toolkit" / "static" / "layer_picker.js", "\n// edited by hand\n")


def a_requirement_left_out(clone: Path) -> None:
    replace(clone / "settings.ini", r"(?m)^(requirements = .*) anywidget\S+", r"\1")


def a_heavy_import(clone: Path) -> None:
    add(clone / "tl_toolkit" / "__init__.py", "\nimport keras\n")


def a_failing_cell(clone: Path) -> None:
    replace(clone / "nbs" / "00_core.ipynb", r'"#\| default_exp core"', '"#| default_exp core\\\\n", "assert 1 == 2"')


def a_click_that_does_nothing(clone: Path) -> None:
    replace(clone / "js" / "layer_picker" / "grid.js", r'addEventListener\("click"', 'addEventListener("never"')
    subprocess.run([sys.executable, "dev.py", "build"], cwd=clone, check=True, stdout=subprocess.DEVNULL)


# What is broken, the step of `dev.py test` that must fail, and what it must say.
BREAKAGES = {
    "edited": (a_module_edited_by_hand, "export", r"core\.py differs"),
    "orphan": (a_module_whose_notebook_is_gone, "export", r"orphan\.py is here, but nothing makes it"),
    "counts": (a_notebook_with_execution_counts, "clean", r"00_core\.ipynb differs"),
    "readme": (a_stale_readme, "readme", r"README\.md is not what"),
    "upward": (an_upward_import, "layers", r"tl_toolkit\.core is not allowed to import tl_toolkit\.freeze"),
    "library": (a_widget_library_in_the_engine, "layers", r"tl_toolkit\.events is not allowed to import ipywidgets"),
    "unused": (an_unused_import, "ruff", r"test_readme\.py.*F401"),
    "bundle": (a_script_that_is_not_what_its_source_builds, "bundles", r"layer_picker\.js is not what"),
    "heavy": (a_heavy_import, "pytest", r"FAILED .*test_the_import_is_lazy"),
    "cell": (a_failing_cell, "notebooks", r"assert 1 == 2"),
    "wheel": (a_script_left_out_of_the_wheel, "wheel", r"(static file '|lacks .*)layer_picker\.js"),
    "requirement": (a_requirement_left_out, "wheel", r"No module named 'anywidget'"),
    "click": (a_click_that_does_nothing, "browser", r"FAILED tests/browser"),
}


def passes(clone: Path, step: str) -> tuple[bool, str]:
    """Whether a step passes in the clone, and what it printed. Of the browser tests, the picker's do."""
    arguments = ["browser", "-x", "-k", "layer_picker"] if step == "browser" else ["test", step]
    command = [sys.executable, "dev.py", *arguments]
    done = subprocess.run(command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0, done.stdout


def main(names: list[str]) -> int:
    if unknown := set(names) - set(BREAKAGES):
        sys.exit(f"There is no breakage {', '.join(sorted(unknown))}. The breakages: {', '.join(BREAKAGES)}")
    missed, whole = [], set()
    with tempfile.TemporaryDirectory(prefix="tl_toolkit-") as folder:
        clone = Path(folder) / "clone"
        git = ("git", "-c", "advice.detachedHead=false")
        subprocess.run([*git, "clone", "--quiet", ROOT, clone], check=True)
        for name in names or BREAKAGES:
            breakage, step, words = BREAKAGES[name]
            start = time.monotonic()
            if step not in whole:
                passed, output = passes(clone, step)
                if not passed:
                    sys.exit(f"{output}\n`dev.py test {step}` fails on the repository as it is committed")
                whole.add(step)
            breakage(clone)
            passed, output = passes(clone, step)
            subprocess.run([*git, "checkout", "--quiet", "--", "."], cwd=clone, check=True)
            subprocess.run([*git, "clean", "--quiet", "--force", "-d"], cwd=clone, check=True)
            noticed = not passed and re.search(words, output)
            verdict, what = "noticed" if noticed else "NOT NOTICED", breakage.__name__.replace("_", " ")
            print(f"  {verdict:<12}by {step:<10}{time.monotonic() - start:6.1f} s   {name}: {what}", flush=True)
            if not noticed:
                missed.append(name)
                print(output)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
