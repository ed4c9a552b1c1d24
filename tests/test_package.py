"""What can only be seen of the package as a whole: what an import loads, and what it needs."""

import ast
import importlib
import re
import subprocess
import sys
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import tl_toolkit

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"keras", "tensorflow", "anywidget", "ipywidgets", "traitlets", "IPython", "numpy", "pandas", "matplotlib"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def settings(key: str) -> str:
    parser = ConfigParser(delimiters=["="])
    parser.read(ROOT / "settings.ini", encoding="utf-8")
    return parser["DEFAULT"][key]


def loaded_after(code: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after running some code."""
    told = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_import_is_lazy():
    assert not loaded_after("import tl_toolkit") & HEAVY


def test_the_engine_loads_no_widget():
    loaded = loaded_after("import tl_toolkit; tl_toolkit.fine_tune")
    assert "keras" in loaded
    assert not loaded & {"anywidget", "ipywidgets"}


@pytest.mark.parametrize("name", tl_toolkit.__all__)
def test_every_public_name_is_there(name):
    assert getattr(tl_toolkit, name) is not None
    assert name in dir(tl_toolkit)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        tl_toolkit.no_such_name


def test_the_version_is_written_once():
    assert tl_toolkit.__version__ == settings("version")


def test_modules_import_nothing_but_requirements():
    allowed = {normal(re.split(r"[<>=!~\[;]", requirement)[0]) for requirement in settings("requirements").split()}
    # ipywidgets requires the first, scikit-learn the second; the others are imported only where they are in use
    allowed |= {"ipython", "threadpoolctl", "jax", "keras-hub", "keras_hub"}
    imported = {}
    for module in (ROOT / "tl_toolkit").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0]: module.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported[node.module.partition(".")[0]] = module.name
    from_outside = imported.keys() - sys.stdlib_module_names - {"tl_toolkit"}
    owners = packages_distributions()
    unasked = {
        f"{name} (in {imported[name]})"
        for name in from_outside
        if not allowed & {normal(owner) for owner in owners.get(name, [name])}
    }
    assert not unasked, "add them to `requirements` in settings.ini, or do without"


def test_every_module_imports():
    for module in sorted((ROOT / "tl_toolkit").rglob("*.py")):
        dotted = ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        assert importlib.import_module(dotted).__name__ == dotted
