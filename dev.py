#!/usr/bin/env python3
"""The one door to every chore of this repository. Needs Python 3.11 to 3.13 with pip, and git; the rest it gets itself.

  python3 dev.py demo               run the quickstart notebook; print how well transfer did, and where to look
  python3 dev.py lab [NOTEBOOK]     open the quickstart, or another notebook, in JupyterLab
  python3 dev.py test [STEP ...]    every check there is, or the steps named; see `python3 dev.py test --list`
  python3 dev.py check              those of the checks that take seconds
  python3 dev.py build              write what is generated: modules from notebooks, bundles from js/, README.md
  python3 dev.py browser [ARG ...]  the browser tests; arguments go to pytest
  python3 dev.py kernels [VERSION]  make environments of other kernels, for `browser --kernels all`
  python3 dev.py colab              install the wheel among Colab's pinned packages, and see that none of them changes
  python3 dev.py newcomer [ARG ...] the quickstart and Studio in a browser, with nothing installed but the wheel
  python3 dev.py docs [--execute]   build the documentation into _docs/; with --execute, notebooks are run first
  python3 dev.py bench [NAME ...]   run a benchmark (with its arguments), or without a name, list them
  python3 dev.py break [NAME ...]   break the repository in known ways, in copies, and see that the checks notice
  python3 dev.py lock               resolve the development requirements anew into requirements-dev.lock

The environment is made in .venv/ the first time and again when a requirement changes. Nothing outside this folder is
written but the usual download caches of pip, uv and npm. One exception: where no Chromium is found for the browser
tests, and this is Debian and you are root, the package `chromium` is installed.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV, BOOT, RUN, JS = ROOT / ".venv", ROOT / ".boot", ROOT / "_run", ROOT / "js"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PY = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements-dev.lock"
QUICKSTART = ROOT / "nbs" / "tutorials" / "quickstart.ipynb"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Skipped(Exception):
    """A step that could not run here; the message says what to do about it."""


# ---------------------------------------------------------------------------------------------- running a command


def environment() -> dict:
    """The environment of every command: the one in .venv, and nothing of the user's Python or Jupyter set-up."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "CONDA_PREFIX")}
    env |= {
        "VIRTUAL_ENV": str(VENV),
        "PATH": os.pathsep.join((str(BIN), str(BOOT / "bin"), os.environ.get("PATH", ""))),
        "PYTHONNOUSERSITE": "1",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        # git may refuse a clone that belongs to someone else than who runs this, as on a build machine.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(ROOT),
    }
    env.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    env.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(BOOT / "browsers"))
    return env


def sh(*command, cwd=ROOT, quiet=False, show="(?!)", **more) -> bool:
    """Run a command and say whether it succeeded. If quiet, only a failure's output is shown, and lines like `show`."""
    command = [str(part) for part in command]
    shown = " ".join(os.path.relpath(part, ROOT) if part.startswith(str(ROOT) + os.sep) else part for part in command)
    print("+", shown, flush=True)
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} if quiet else {}
    try:
        done = subprocess.run(command, cwd=cwd, env=environment() | more, **output)
    except FileNotFoundError:
        print(f"{command[0]} does not exist")
        return False
    for line in done.stdout.splitlines() if quiet else ():
        if done.returncode or re.search(show, line):
            print(line)
    return done.returncode == 0


def ask(*command, cwd=ROOT) -> str:
    """The standard output of a command that must succeed."""
    command = [str(part) for part in command]
    return subprocess.run(command, cwd=cwd, env=environment(), check=True, stdout=subprocess.PIPE, text=True).stdout


# ------------------------------------------------------------------------------------------------- the environment


def fingerprint(*files: Path) -> str:
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return hashlib.sha256(content + str(ROOT).encode()).hexdigest()


def uv() -> str | None:
    """The path of uv, fetched into .boot when it is not installed, or None where that fails."""
    if found := shutil.which("uv"):
        return found
    own = BOOT / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    # `--target` is allowed even where the system marks its Python as externally managed.
    command = (sys.executable, "-m", "pip", "install", "--quiet", "--target", BOOT, "uv")
    if own.exists() or sh(*command, PIP_REQUIRE_VIRTUALENV="0", PIP_ROOT_USER_ACTION="ignore"):
        return str(own)
    print("uv could not be fetched; venv and pip do it too, more slowly")
    return None


def make_environment(folder: Path, *requirements, python=sys.executable) -> bool:
    """Install requirements into an environment in a folder, which is made when it is not there."""
    python_there = folder / BIN.name / PY.name
    constraints = ("--constraint", LOCK) if LOCK.exists() else ()
    loud = () if sys.stdout.isatty() else ("--quiet",)
    if tool := uv():
        make = (tool, "venv", "--quiet", "--clear", "--python", python, folder)
        install = (tool, "pip", "install", *loud, "--python", python_there, *requirements, *constraints)
    else:
        make = (python, "-m", "venv", "--clear", folder)
        install = (python_there, "-m", "pip", "install", *loud, *requirements, *constraints)
    return (python_there.exists() or sh(*make)) and sh(*install, VIRTUAL_ENV=str(folder))


def setup() -> None:
    """Make .venv what settings.ini asks for. When it is already, this takes no time."""
    stamp = VENV / ".stamp"
    wanted = fingerprint(*(ROOT / name for name in ("settings.ini", "pyproject.toml", "setup.py")), LOCK)
    if stamp.exists() and stamp.read_text() == wanted and PY.exists():
        return
    version = tuple(sys.version_info)[:2]
    if version < (3, 11):
        sys.exit(f"This is Python {version[0]}.{version[1]}; 3.11 to 3.13 is needed: python3.12 dev.py {sys.argv[1]}")
    if version > (3, 13):
        print(f"Python {version[0]}.{version[1]} has not been tried; 3.11 to 3.13 have")
    start = time.monotonic()
    print("Updating .venv" if PY.exists() else "Making the environment in .venv (about 2 GB, once)", flush=True)
    if not make_environment(VENV, "--editable", ".[dev]"):
        sys.exit("The environment could not be made: the lines above say why. To begin afresh, remove .venv and .boot")
    if (ROOT / ".git").exists():
        driver = f"{os.path.relpath(BIN, ROOT)}/nbdev_merge %O %A %B %P"
        sh("git", "config", "--local", "merge.nbdev-merge.driver", driver)
    stamp.write_text(wanted)
    print(f"The environment took {time.monotonic() - start:.0f} s", flush=True)


def setup_javascript() -> bool:
    """Install what js/package-lock.json names, with the Node of the environment."""
    stamp = JS / "node_modules" / ".stamp"
    wanted = fingerprint(JS / "package.json", JS / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    done = sh(BIN / "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", cwd=JS)
    if done:
        stamp.write_text(wanted)
    return done


def find_browser() -> str | None:
    own = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    for found in (os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES)):
        if found and Path(found).exists():
            return found
    found = ask(PY, "-c", own).strip()
    return found if Path(found).exists() else None


def setup_browser() -> str:
    """The path of a Chromium: the machine's, else Debian's package where it may be installed, else Playwright's."""
    if found := find_browser():
        return found
    packages = ("chromium", "fonts-liberation", "fonts-dejavu-core")
    if Path("/etc/debian_version").exists() and shutil.which("apt-get") and os.geteuid() == 0:
        sh("apt-get", "update", "--quiet", quiet=True, DEBIAN_FRONTEND="noninteractive")
        install = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages)
        sh(*install, quiet=True, DEBIAN_FRONTEND="noninteractive")
    else:
        sh(PY, "-m", "playwright", "install", "chromium")
    if found := find_browser():
        return found
    raise Skipped(f"no Chromium. Install one: apt-get install {' '.join(packages)}; or set CHROMIUM to its path")


# ------------------------------------------------------------------------------------------------------- the steps


def tracked_files() -> list[Path]:
    listed = ask("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    return sorted({Path(name) for name in listed if name and (ROOT / name).is_file()})


def copy_of_repository(name: str) -> Path:
    """The files of the repository, uncommitted ones too but none that git ignores, in `_run/NAME`."""
    folder = RUN / name
    shutil.rmtree(folder, ignore_errors=True)
    for file in tracked_files():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, folder / file)
    return folder


def differences(made: Path, here: Path, pattern: str) -> list[str]:
    """What differs between the files of two folders, as lines to print."""
    ours, theirs = ({p.relative_to(f) for p in f.rglob(pattern)} for f in (here, made))
    lines = [f"{here.name}/{name} is made, but is not here" for name in sorted(theirs - ours)]
    lines += [f"{here.name}/{name} is here, but nothing makes it" for name in sorted(ours - theirs)]
    for name in sorted(ours & theirs):
        a, b = (here / name).read_text("utf-8"), (made / name).read_text("utf-8")
        if a != b:
            diff = [*difflib.unified_diff(a.splitlines(), b.splitlines(), "as it is", "as made", lineterm="", n=1)]
            lines += [f"{here.name}/{name} differs:", *(f"    {line}" for line in diff[:30])]
    return lines


def report(problems: list[str], advice: str) -> bool:
    """Print problems, and what to do about them. True if there are none."""
    for line in [*problems, advice] if problems else ():
        print(line)
    return not problems


def step_clean() -> bool:
    """Notebooks carry no execution counts and no stray metadata."""
    copy = copy_of_repository("clean")
    if not sh(BIN / "nbdev_clean", cwd=copy, quiet=True):
        return False
    found = differences(copy / "nbs", ROOT / "nbs", "*.ipynb")
    return report(found, "Clean them: python3 dev.py build")


def export_into(folder: Path) -> bool:
    """Write every module of a copy of the repository anew, so that those which no notebook makes are gone."""
    package = folder / "tl_toolkit"
    for file in package.rglob("*.py"):
        if file != package / "__init__.py":
            file.unlink()
    return sh(BIN / "nbdev_export", cwd=folder, quiet=True)


def step_export() -> bool:
    """Modules are what the notebooks export, and each has a notebook."""
    copy = copy_of_repository("export")
    if not export_into(copy):
        return False
    found = differences(copy / "tl_toolkit", ROOT / "tl_toolkit", "*.py")
    return report(
        found, "Nothing was changed. Edit the notebook that a module names in its head, then: python3 dev.py build"
    )


def step_readme() -> bool:
    """README.md is what nbs/index.ipynb makes."""
    return sh(PY, "docs/make_readme.py", "--check")


def step_ruff() -> bool:
    """Lint of notebooks, modules, tests and scripts."""
    return sh(PY, "-m", "ruff", "check", "--quiet", "--output-format=concise")


def step_layers() -> bool:
    """Modules import downward only; only widgets import widget libraries."""
    return sh(BIN / "lint-imports", "--no-cache", "--no-logo", quiet=True)


def step_bundles() -> bool:
    """The committed JavaScript and CSS are what js/ builds, within their size."""
    return setup_javascript() and sh(BIN / "node", "build.mjs", "--check", cwd=JS)


def step_javascript() -> bool:
    """node --test and the types of js/."""
    if not any(p for p in JS.rglob("*.test.*js") if "node_modules" not in p.parts):
        print("js/ has no test")
        return False
    if not setup_javascript():
        return False
    types = sh(BIN / "npm", "run", "--silent", "types", cwd=JS)
    return sh(BIN / "node", "--test", "--test-reporter=dot", cwd=JS) and types


def step_notebooks() -> bool:
    """Every cell of every notebook runs (nbdev_test)."""
    options = ("--n_workers", min(os.cpu_count() or 1, 4), "--do_print", "--timing")
    return sh(BIN / "nbdev_test", *options, quiet=True, show=r"^\S+: \d\d+ secs$")


def step_pytest() -> bool:
    """The tests in tests/, but for the browser's."""
    return sh(PY, "-m", "pytest", "-q", "-rfEs", "--ignore=tests/browser", "--durations=5", "tests")


def step_browser(*arguments) -> bool:
    """The widgets in a real JupyterLab, clicked in a real Chromium."""
    chromium = setup_browser()
    return sh(PY, "-m", "pytest", "-q", "-rfEs", "--durations=5", "tests/browser", *arguments, CHROMIUM=chromium)


def step_docs() -> bool:
    """The site of the documentation builds without a warning."""
    return sh(PY, "docs/build.py", quiet=True)


IMPORT_EVERYTHING = """
import importlib, json, pkgutil, sys
from importlib.resources import files
import tl_toolkit
for module in pkgutil.walk_packages(tl_toolkit.__path__, "tl_toolkit."):
    importlib.import_module(module.name)
folders = [folder for name in ("static", "assets", "tutorials") if (folder := files("tl_toolkit") / name).is_dir()]
data = {f"{folder.name}/{file.name}": len(file.read_bytes()) for folder in folders for file in folder.iterdir()}
print(json.dumps({"file": tl_toolkit.__file__, "data": data}))
"""


def step_wheel() -> bool:
    """A release: sdist and wheel pass twine; the wheel installs alone, imports with its data files, runs the demo."""
    copy, clean = copy_of_repository("wheel"), RUN / "wheel-environment"
    shutil.rmtree(clean, ignore_errors=True)
    if not sh(PY, "-m", "build", "--no-isolation", "--outdir", copy / "dist", copy, quiet=True):
        return False
    (wheel,) = (copy / "dist").glob("*.whl")
    if not sh(PY, "-m", "twine", "check", "--strict", *(copy / "dist").iterdir(), quiet=True):
        return False
    if not make_environment(clean, wheel, python=PY.resolve()):
        return False
    # Away from the clone, so that nothing but the wheel can be imported.
    command = [clean / BIN.name / PY.name, "-I", "-c", IMPORT_EVERYTHING]
    done = subprocess.run([str(c) for c in command], cwd=clean, env=environment(), capture_output=True, text=True)
    door = clean / BIN.name / "tl-toolkit"
    has_door = sh(door, "--version", cwd=clean)
    tried = has_door and sh(door, "demo", "--labels", 3, "--epochs", 4, cwd=clean, quiet=True, show="accuracy")
    tried = tried and sh(door, "tutorials", clean / "tutorials", cwd=clean, quiet=True)
    shutil.rmtree(clean)
    if done.returncode:
        print(done.stderr)
        return False
    found = json.loads(done.stdout.splitlines()[-1])
    file, sizes = Path(found["file"]), found["data"]
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.2f} MB, {len(sizes)} data files")
    parts = [f.parts for f in tracked_files()]
    wanted = {"/".join(p[1:]) for p in parts if p[0] == "tl_toolkit" and p[1] in ("static", "assets")}
    wanted |= {"/".join(p[1:]) for p in parts if p[:2] == ("nbs", "tutorials")}
    problems = [f"the wheel lacks tl_toolkit/{name}" for name in sorted(wanted) if not sizes.get(name)]
    if not any(name.endswith(".js") for name in sizes):
        problems.append("the wheel has no widget's JavaScript")
    if not has_door:
        problems.append("the wheel has no command tl-toolkit")
    elif not tried:
        problems.append("the demo or the tutorials of the installed wheel do not run")
    if not file.is_relative_to(clean):
        problems.append(f"what was imported is not the wheel but {file}")
    return report(problems, "See MANIFEST.in, and package-data in pyproject.toml")


QUICK = ("clean", "export", "readme", "ruff", "layers", "bundles", "javascript")
STEPS = (*QUICK, "notebooks", "pytest", "browser", "docs", "wheel")


BESIDE_BROWSER = ("docs", "wheel")  # the browser's tests mostly wait


def run_step(name: str) -> tuple[str, str, float, str]:
    """Run a step; return its name, what became of it, how long it took, and why or what it is."""
    step = globals()[f"step_{name}"]
    print(f"\n=== {name}: {step.__doc__}", flush=True)
    start = time.monotonic()
    try:
        result = "ok" if step() else "FAILED"
        reason = ""
    except Skipped as why:
        result, reason = ("FAILED" if os.environ.get("CI") else "SKIPPED"), str(why)
        print(result, reason)
    except Exception as error:
        result, reason = "FAILED", f"{type(error).__name__}: {error}"
        print(reason)
    seconds = time.monotonic() - start
    print(f"=== {name}: {result} in {seconds:.1f} s", flush=True)
    return name, result, seconds, reason or step.__doc__


def run_beside(names, name: str) -> list:
    """Run a step while a second process runs others; what those print comes after it."""
    log = RUN / "beside.log"
    RUN.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        others = subprocess.Popen([sys.executable, __file__, "test", *names], stdout=file, stderr=subprocess.STDOUT)
        results = [run_step(name)]
        others.wait()
    text = log.read_text("utf-8", errors="replace")
    print(text.partition("\n\n  ")[0])
    found = {line[1]: line for line in re.finditer(r"^  (\w+) +(ok|FAILED|SKIPPED) +([\d.]+) s +(.*)$", text, re.M)}
    for other in names:
        line = found.get(other)
        results.append((other, line[2], float(line[3]), line[4]) if line else (other, "FAILED", 0.0, "it broke off"))
    return results


def run_steps(names) -> int:
    """Run each step, whatever became of the one before, and print what became of all."""
    results = []
    beside = [name for name in names if name in BESIDE_BROWSER] if "browser" in names else []
    for name in names:
        if name == "browser" and beside:
            results += run_beside(beside, name)
        elif name not in beside:
            results.append(run_step(name))
    print()
    for name, result, seconds, text in results:
        print(f"  {name:<11}{result:<8}{seconds:7.1f} s   {text}")
    named = {state: [name for name, result, *_ in results if result == state] for state in ("ok", "FAILED", "SKIPPED")}
    print("\n" + "; ".join(f"{len(names)} {state}: {', '.join(names)}" for state, names in named.items() if names))
    return 1 if named["FAILED"] else 0


# ---------------------------------------------------------------------------------------------------- the commands


def demo(rest) -> int:
    summary = RUN / "quickstart.json"
    RUN.mkdir(exist_ok=True)
    summary.unlink(missing_ok=True)
    start = time.monotonic()
    done = sh(PY, "docs/run_notebook.py", QUICKSTART, RUN, TL_DEMO_SUMMARY=str(summary))
    print()
    if done and summary.exists():
        found = json.loads(summary.read_text("utf-8"))
        lines = found if isinstance(found, list) else [f"{name}: {value}" for name, value in found.items()]
        print(*lines, "", sep="\n")
    print(f"The notebook took {time.monotonic() - start:.0f} s.")
    print(f"  with its outputs:  {os.path.relpath(RUN / 'quickstart.ipynb')}")
    print(f"  to read:           {os.path.relpath(RUN / 'quickstart.html')}")
    print("  to use it live:    python3 dev.py lab")
    return 0 if done else 1


def lab(rest) -> int:
    notebooks = [Path(word).resolve().relative_to(ROOT) for word in rest if word.endswith(".ipynb")]
    first = (notebooks or [QUICKSTART.relative_to(ROOT)])[0]
    options = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/{first.as_posix()}"]
    # Notebooks are cleaned as they are saved, so that their diffs show what was changed.
    options += ["--FileContentsManager.pre_save_hook=nbdev.clean.clean_jupyter"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options += ["--allow-root"]
    return 0 if sh(PY, "-m", "jupyterlab", *options, *(word for word in rest if not word.endswith(".ipynb"))) else 1


def test(rest) -> int:
    if rest == ["--list"]:
        print(*(f"  {name:<11} {globals()[f'step_{name}'].__doc__}" for name in STEPS), sep="\n")
        return 0
    if unknown := [name for name in rest if name not in STEPS]:
        sys.exit(f"There is no step {', '.join(unknown)}. The steps: {', '.join(STEPS)}")
    return run_steps(rest or STEPS)


def check(rest) -> int:
    return run_steps(QUICK)


def build(rest) -> int:
    copy = copy_of_repository("build")
    if not (sh(BIN / "nbdev_clean") and export_into(copy)):
        return 1
    for name in differences(copy / "tl_toolkit", ROOT / "tl_toolkit", "*.py"):
        print(name)
    made = {p.relative_to(copy) for p in (copy / "tl_toolkit").rglob("*.py")}
    for file in (ROOT / "tl_toolkit").rglob("*.py"):
        if file.relative_to(ROOT) not in made:
            file.unlink()
    for file in made:
        (ROOT / file).parent.mkdir(parents=True, exist_ok=True)
        if not (ROOT / file).exists() or (ROOT / file).read_bytes() != (copy / file).read_bytes():
            shutil.copyfile(copy / file, ROOT / file)
    done = setup_javascript() and sh(BIN / "node", "build.mjs", cwd=JS)
    return 0 if sh(PY, "docs/make_readme.py") and done else 1


def browser(rest) -> int:
    try:
        return 0 if step_browser(*rest) else 1
    except Skipped as why:
        print("SKIPPED:", why)
        return 1 if os.environ.get("CI") else 0


def kernels(rest) -> int:
    return 0 if uv() and sh(PY, "tests/browser/kernel_environments.py", *rest) else 1


def colab(rest) -> int:
    """Installs Colab's pinned packages, then the wheel, and tells what that has changed; then runs the demo there."""
    tool, pins = (
        uv() or sys.exit("uv is needed, for a Python of Colab's version"),
        ROOT / "tests" / "colab_constraints.txt",
    )
    version = re.search(r"Python (\d+\.\d+)", pins.read_text("utf-8"))[1]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    python = next(iter(sorted(pyenv.glob(f"{version}.*/bin/python"))), version)  # else one that uv finds or fetches
    copy, folder = copy_of_repository("colab"), RUN / "colab-environment"
    inside = folder / BIN.name / PY.name
    if not sh(PY, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "dist", copy, quiet=True):
        return 1
    (wheel,) = (copy / "dist").glob("*.whl")
    install = (tool, "pip", "install", "--quiet", "--python", inside)
    if not (sh(tool, "venv", "--quiet", "--clear", "--python", python, folder) and sh(*install, "-r", pins)):
        return 1
    before = _installed(inside)
    if not sh(*install, wheel):
        return 1
    after = _installed(inside)
    changed = [f"{name} {before[name]} -> {after.get(name)}" for name in before if before[name] != after.get(name)]
    print(f"{len(before)} packages as on Colab; {len(changed)} changed by the wheel", *changed, sep="\n  ")
    print("new:", *(f"{name}=={after[name]}" for name in after if name not in before))
    ran = sh(folder / BIN.name / "tl-toolkit", "demo", "--labels", 3, "--epochs", 4, cwd=folder, quiet=True, show="acc")
    return 0 if ran and not changed else 1


def newcomer(rest) -> int:
    """What a newcomer does, with the wheel alone: copies the tutorials, runs the quickstart, uses Studio."""
    copy, folder = copy_of_repository("newcomer"), RUN / "newcomer-environment"
    here = RUN / "newcomer-folder"
    shutil.rmtree(here, ignore_errors=True)
    if not sh(PY, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "dist", copy, quiet=True):
        return 1
    (wheel,) = (copy / "dist").glob("*.whl")
    browser_tools = ("jupyterlab", "ipykernel", "pytest", "playwright", "nbformat")
    if not make_environment(folder, wheel, *browser_tools, python=PY.resolve()):
        return 1
    python, door = folder / BIN.name / PY.name, folder / BIN.name / "tl-toolkit"
    shutil.copytree(ROOT / "tests" / "browser", here / "tests" / "browser")
    if not sh(door, "tutorials", here / "nbs" / "tutorials", cwd=folder, quiet=True):
        return 1
    chosen = rest or ["-k", "quickstart or mouse"]
    return 0 if sh(python, "-m", "pytest", "-q", "tests/browser", *chosen, cwd=here, CHROMIUM=setup_browser()) else 1


def _installed(python: Path) -> dict[str, str]:
    listed = json.loads(ask(uv(), "pip", "list", "--format", "json", "--python", python))
    return {one["name"]: one["version"] for one in listed}


def docs(rest) -> int:
    done = sh(PY, "docs/build.py", *rest, quiet=True)
    print(f"The site: {os.path.relpath(ROOT / '_docs' / 'html' / 'index.html')}")
    return 0 if done else 1


def bench(rest) -> int:
    there = {file.stem: file for file in sorted((ROOT / "benchmarks").glob("[!_]*.py"))}
    name, *arguments = rest or [None]
    if name not in there:
        print("The benchmarks:")
        for name, file in there.items():
            print(f"  {name:<24} {(ast.get_docstring(ast.parse(file.read_text('utf-8'))) or '').partition(chr(10))[0]}")
        return 1 if rest else 0
    return 0 if sh(PY, there[name], *arguments) else 1


def break_(rest) -> int:
    return 0 if sh(PY, "tests/break_the_gate.py", *rest) else 1


def lock(rest) -> int:
    tool = uv() or sys.exit("uv is needed to resolve the requirements")
    command = (tool, "pip", "compile", "--universal", "--upgrade", "--python-version", "3.11", "--extra", "dev")
    command += ("--no-annotate", "--no-header", "--no-emit-index-url", "--quiet", "--output-file", LOCK, "setup.py")
    return 0 if sh(*command) else 1


_ALL = (demo, lab, test, check, build, browser, kernels, colab, newcomer, docs, bench, break_, lock)
COMMANDS = {command.__name__.strip("_"): command for command in _ALL}


def main() -> int:
    name, *rest = sys.argv[1:] or ["--help"]
    if name not in COMMANDS:
        print(__doc__)
        return 0 if name in ("--help", "-h", "help") else f"There is no command {name!r}"
    setup()
    return COMMANDS[name](rest)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nInterrupted")
