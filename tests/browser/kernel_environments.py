#!/usr/bin/env python3
"""Makes environments with other versions of the kernel than this one's, for tests in a real JupyterLab.

    python3 dev.py kernels              make them all in _run/kernels, and say what each holds
    python3 dev.py kernels 6.17.1       make one

A kernel reads its requests in a way of its own, and `tl_toolkit` lets clicks through while it is busy. So this is
tried on the oldest kernel supported (Google Colab's) and on those where the way has changed. Needs uv, which also
fetches Python 3.12 where there is none.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "_run" / "kernels"
PYTHON = "3.12"
_LIBRARIES = ("tensorflow==2.20.*", "numpy", "pandas", "scikit-learn", "matplotlib", "pillow")
_NEWEST = ("keras>=3.15", "ipywidgets>=8.1.9", "anywidget>=0.11", "ipython>=8,<9.6", *_LIBRARIES)
ENVIRONMENTS = {
    "6.17.1": (
        "ipykernel==6.17.1", "ipywidgets==7.7.1", "ipython==7.34.*", "jupyter_client==7.4.9", "traitlets==5.7.1",
        "anywidget==0.9.21", "keras==3.13.2", "setuptools<81", *_LIBRARIES,
    ),
    "6.29.5": ("ipykernel==6.29.5", *_NEWEST),
    "7.3.0": ("ipykernel==7.3.0", *_NEWEST),
    "7.4.0": ("ipykernel==7.4.0", *_NEWEST),
}  # fmt: skip


def find_python() -> str:
    """A Python of the version wanted: one that pyenv has, else what uv finds or fetches."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return next((str(path) for path in sorted(pyenv.glob(f"versions/{PYTHON}.*/bin/python"))), PYTHON)


class KernelEnvironment:
    """A Python with its own version of ipykernel and of the widget libraries.

    Attributes:
        version: of ipykernel; `"current"` is the Python that runs the tests.
        python: path of its interpreter.
    """

    def __init__(self, version: str):
        self.version = version
        self.folder = Path(sys.prefix) if version == "current" else FOLDER / version
        below = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        self.python = self.folder.joinpath(*below)

    def make(self) -> "KernelEnvironment":
        """Installs it, unless it is there already."""
        if self.version == "current":
            return self
        requirements = ENVIRONMENTS[self.version]
        stamp = self.folder / ".stamp"
        wanted = hashlib.sha256("\n".join((PYTHON, *requirements)).encode()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted and self.python.exists():
            return self
        uv = shutil.which("uv") or shutil.which("uv", path=ROOT / ".boot" / "bin")
        if uv is None:
            raise RuntimeError("uv is needed to make kernel environments: https://docs.astral.sh/uv")
        print(f"Making the environment of ipykernel {self.version} in {os.path.relpath(self.folder)}", flush=True)
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", find_python(), self.folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", self.python, *requirements], check=True)
        stamp.write_text(wanted)
        return self

    def install_spec(self, data: Path, name: str = "python3") -> None:
        """Writes its kernelspec, and the page's half of its anywidget, into a Jupyter data directory.

        An anywidget is drawn by a page extension of its own version (0.9 asks for `~0.9`), so a server for this
        kernel must offer that one.
        """
        spec = {
            "argv": [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": f"ipykernel {self.version}",
            "language": "python",
            "env": {"PYTHONPATH": str(ROOT)},
            "metadata": {"debugger": False},
        }
        folder = data / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))
        extension = self.folder / "share" / "jupyter" / "labextensions" / "anywidget"
        if self.version != "current" and extension.exists():
            shutil.copytree(extension, data / "labextensions" / "anywidget")

    def describe(self) -> str:
        """The versions that it holds, as one line."""
        names = ("ipykernel", "ipywidgets", "anywidget", "ipython", "traitlets", "jupyter_client", "keras")
        code = f"from importlib.metadata import version as v; print(', '.join(f'{{n}} {{v(n)}}' for n in {names!r}))"
        return subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def main(versions: list[str]) -> None:
    if unknown := [version for version in versions if version not in ENVIRONMENTS]:
        sys.exit(f"There is no environment {', '.join(unknown)}. There are {', '.join(ENVIRONMENTS)}.")
    for version in versions or ENVIRONMENTS:
        print(f"{version}: {KernelEnvironment(version).make().describe()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
