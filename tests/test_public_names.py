"""Every public name says what it does, takes, gives and refuses, and is shown at work in a notebook that runs."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import nbformat
import pytest

import tl_toolkit as tl

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(tl._HOME)
MADE_BY = {"Evaluation": "evaluate"}  # nobody makes one by hand


def code_that_runs() -> str:
    """The code of all notebooks that is run by the tests, but for what is exported."""
    cells = []
    for path in sorted((ROOT / "nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            cells += [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    return "\n".join(c for c in cells if not re.search(r"^#\|\s*(export|exporti|eval: false)", c, re.MULTILINE))


EXAMPLES = code_that_runs()


def parts_of(name: str):
    """A public name's own doc, and those of its public methods: `(label, object)`."""
    found = getattr(tl, name)
    yield name, found
    if inspect.isclass(found):
        for key, member in vars(found).items():
            inner = getattr(member, "__func__", getattr(member, "fget", member))
            new = not any(hasattr(base, key) for base in found.__mro__[1:])
            if new and not key.startswith("_") and (inspect.isfunction(inner) or isinstance(member, property)):
                yield f"{name}.{key}", inner


def documented(label: str, found) -> list[str]:
    """What a docstring lacks."""
    doc = inspect.getdoc(found) or ""
    lacks = [] if doc else ["a docstring"]
    if inspect.isclass(found) or "." not in label:
        takes = arguments(found)
        lacks += [f"argument {p}" for p in takes if not re.search(rf"^\s+\**{re.escape(p)}:", doc, re.MULTILINE)]
    if inspect.isfunction(found) and "." not in label:
        returns = inspect.signature(found).return_annotation
        lacks += ["Returns"] if returns not in (None, "None", inspect.Signature.empty) and "Returns:" not in doc else []
        lacks += ["Raises"] if raises(found) and "Raises:" not in doc else []
    return [f"{label} lacks {what}" for what in lacks]


def arguments(found) -> list[str]:
    """What is written in the definition, which a signature may be made to hide."""
    if inspect.isfunction(found):
        code = found.__code__
        count = code.co_argcount + code.co_kwonlyargcount
        return [*code.co_varnames[:count]]
    return [p for p in inspect.signature(found).parameters if p not in ("self", "args", "kwargs")]


def raises(function) -> bool:
    source = inspect.getsource(function)
    return any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(ast.parse(source)))


def test_every_public_name_is_documented():
    lacking = [line for name in NAMES for label, found in parts_of(name) for line in documented(label, found)]
    assert not lacking, "\n".join(lacking)
    print(f"{len(NAMES)} public names, {sum(1 for name in NAMES for _ in parts_of(name))} with their methods")


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_shown_at_work(name):
    maker = MADE_BY.get(name, name)
    assert re.search(rf"\b{maker}\s*[(.]", EXAMPLES), f"no notebook calls {maker}"


def test_every_public_module_has_a_docstring():
    for name in tl._MODULES:
        assert importlib.import_module(f"tl_toolkit.{name}").__doc__, name
