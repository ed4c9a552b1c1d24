"""A real JupyterLab, driven by a real browser: what the fixture `lab` in `conftest.py` is made of."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import nbformat
import pytest
from kernel_environments import KernelEnvironment

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "_run" / "screenshots"
TIMEOUT = 90.0
INSTALL = "`apt-get install chromium` (Debian) or `python -m playwright install chromium`, or set CHROMIUM to its path"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
KERNEL_NAME = "tl-toolkit-test"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def find_chromium(playwright) -> str:
    """The browser's executable. Without one: a failure when `CI` is set, else a skip that says how to get it."""
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES), playwright.chromium.executable_path]
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return candidate
    message = f"no Chromium found, so no browser test ran. Install it: {INSTALL}"
    if os.environ.get("CI"):
        raise pytest.fail.Exception(message, pytrace=False)
    raise pytest.skip.Exception(message)


class LabServer:
    """A JupyterLab on a free port of 127.0.0.1, with settings, data and notebooks of its own under `folder`.

    Its notebooks run in the environment `kernel`, whose page extension it offers.
    """

    def __init__(self, folder: Path, kernel: str = "current"):
        KernelEnvironment(kernel).make().install_spec(folder / "data", KERNEL_NAME)
        self.root = folder / "notebooks"
        self.root.mkdir(parents=True)
        self._runtime = folder / "runtime"
        self._log = folder / "jupyterlab.log"
        notifications = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        notifications.parent.mkdir(parents=True)
        notifications.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
        places = {
            "JUPYTER_CONFIG_DIR": folder / "config",
            "JUPYTER_DATA_DIR": folder / "data",
            "JUPYTER_RUNTIME_DIR": self._runtime,
            "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
            "IPYTHONDIR": folder / "ipython",
        }
        for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_TOKEN"):
            places[name] = ""
        env = {**os.environ, **{name: str(place) for name, place in places.items()}}
        env |= {"JUPYTER_PLATFORM_DIRS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        env["JUPYTER_PREFER_ENV_PATH"] = "1" if kernel == "current" else "0"  # else its anywidget comes before ours
        env.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
        command += ["--IdentityProvider.token=", "--PasswordIdentityProvider.password_required=False"]
        command += ["--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={self.root}"]
        command += ["--LabApp.expose_app_in_browser=True"]
        command += ["--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=self.root, env=env, stdout=log, stderr=subprocess.STDOUT)
        self.url = self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> str:
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            for file in self._runtime.glob("jpserver-*.json"):
                try:
                    url = json.loads(file.read_text())["url"]
                    urllib.request.urlopen(url + "api", timeout=5).close()
                    return url
                except (OSError, ValueError):  # the file is half written, or the server does not listen yet
                    pass
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start. Its log:\n{self._log.read_text(errors='replace')[-4000:]}")

    def delete_sessions(self) -> None:
        """End every kernel, so that the next test has the memory."""
        with urllib.request.urlopen(self.url + "api/sessions", timeout=TIMEOUT) as answer:
            sessions = json.load(answer)
        for session in sessions:
            request = urllib.request.Request(f"{self.url}api/sessions/{session['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=TIMEOUT).close()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Lab:
    """Opens notebooks in JupyterLab. One for each test; it closes what the test opened."""

    def __init__(self, server_for: Callable[[str], LabServer], browser):
        self._server_for, self._browser = server_for, browser
        self._used: list[LabServer] = []
        self.pages: list[LabPage] = []

    def open(self, notebook, theme: str = "light", width: int = 1280, height: int = 900,
             kernel: str = "current") -> "LabPage":
        """Open a copy of a notebook, its kernel started and idle.

        Args:
            notebook: Path of an `.ipynb` file (absolute, or from the repository's root), or a list of cells. A cell is
                a string of code, or a cell made by `nbformat.v4`. The copy is what is opened: no file of the
                repository is written.
            theme: `"light"`, `"dark"`, or a theme's full name.
            width: Width of the window in pixels.
            height: Height of the window in pixels.
            kernel: Version of ipykernel, one of `kernel_environments.ENVIRONMENTS`, or `"current"`.
        """
        server = self._server_for(kernel)
        self._used.append(server)
        number = len(list(server.root.iterdir()))
        folder = server.root / str(number)
        folder.mkdir()
        if isinstance(notebook, (str, os.PathLike)):
            source = ROOT / notebook
            path = folder / source.name
            path.write_bytes(source.read_bytes())
        else:
            path = folder / "cells.ipynb"
            cells = [nbformat.v4.new_code_cell(c.strip()) if isinstance(c, str) else c for c in notebook]
            spec = {"name": KERNEL_NAME, "display_name": "Python 3", "language": "python"}
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
        context = self._browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        page = LabPage(context, server.url, path.relative_to(server.root).as_posix(), path)
        self.pages.append(page)
        page._start(f"{server.url}lab/workspaces/{number}/tree/{quote(page.name)}", THEMES.get(theme, theme))
        return page

    def close(self) -> None:
        for page in self.pages:
            page.page.context.close()
        for server in self._used:
            server.delete_sessions()


_START = """async ([name, theme]) => {
    const app = window.jupyterapp;
    await app.restored;
    if (document.body.dataset.jpThemeName !== theme) await app.commands.execute('apputils:change-theme', {theme});
    app.shell.collapseLeft();
    app.shell.collapseRight();
    const panel = await app.commands.execute('docmanager:open', {path: name});
    await panel.context.ready;
    await panel.revealed;
    await panel.sessionContext.ready;
    app.shell.activateById(panel.id);
    window.labPage = {app, panel, running: 0, kernel: () => panel.sessionContext.session.kernel};
}"""
_RUN = """([command, index]) => {
    const {app, panel} = window.labPage;
    app.shell.activateById(panel.id);
    if (index !== null) { panel.content.deselectAll(); panel.content.activeCellIndex = index; }
    window.labPage.running += 1;
    app.commands.execute(command).catch(() => null).finally(() => { window.labPage.running -= 1; });
}"""
_IDLE = "() => window.labPage.running === 0 && window.labPage.kernel()?.status === 'idle'"
_EXECUTE = """async ([code, expression, milliseconds]) => {
    const request = {code, store_history: false, allow_stdin: false, stop_on_error: false,
                     user_expressions: expression === null ? {} : {value: expression}};
    const answer = window.labPage.kernel().requestExecute(request, true).done.then(reply => reply.content);
    const late = new Promise(resolve => setTimeout(() => resolve({status: 'late'}), milliseconds));
    return await Promise.race([answer, late]);
}"""


class LabPage:
    """One notebook open in JupyterLab.

    Attributes:
        page: The Playwright page.
        name: The notebook's path on the server.
        path: The notebook's copy on disk.
        outside_requests: Addresses the page asked for outside 127.0.0.1. All are refused, and a test that made one
            fails when it ends.
        console: Errors the page wrote to its console, and uncaught exceptions.
    """

    def __init__(self, context, server_url: str, name: str, path: Path):
        self.outside_requests: list[str] = []
        self.console: list[str] = []
        self.name, self.path = name, path
        self._here = urlsplit(server_url).netloc
        context.set_default_timeout(TIMEOUT * 1000)
        context.route(lambda url: not self._is_local(url), lambda route: route.abort())
        self.page = context.new_page()
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda socket: self._note(socket.url))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("console", lambda m: self.console.append(m.text) if m.type == "error" else None)

    def _is_local(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("data", "blob", "about") or parts.netloc == self._here

    def _note(self, url: str) -> None:
        if not self._is_local(url):
            self.outside_requests.append(url)

    def _start(self, address: str, theme: str, idle: bool = True) -> None:
        self._address, self._theme = address, theme
        self.page.goto(address)
        self.page.wait_for_function("() => window.jupyterapp !== undefined")
        self.page.evaluate(_START, [self.name, theme])
        if idle:
            self.page.wait_for_function(_IDLE)

    def reload(self, idle: bool = True) -> None:
        """Save the notebook and load the page again; the kernel lives on, and may be busy if `idle` is false."""
        self.page.evaluate("() => window.labPage.panel.context.save()")
        self._start(self._address, self._theme, idle)

    def interrupt(self) -> None:
        """Press the square button of the notebook."""
        self.page.evaluate("() => window.labPage.kernel().interrupt()")

    def status(self) -> str:
        """What the indicator of the notebook says of the kernel: `"idle"`, `"busy"` or another word."""
        return self.page.evaluate("() => window.labPage.kernel().status")

    def run_all(self) -> None:
        """Start every cell, and return at once."""
        self.page.evaluate(_RUN, ["notebook:run-all-cells", None])

    def run_cell(self, index: int) -> None:
        """Start one cell (counted from 0, text cells too), and return at once."""
        self.page.evaluate(_RUN, ["notebook:run-cell", index])

    def wait_idle(self, timeout: float = TIMEOUT, errors: bool = False) -> None:
        """Wait until the cells started have ended.

        Args:
            timeout: Seconds.
            errors: Whether cells may end with an error. If not, an error's traceback fails the test.
        """
        self.page.wait_for_function(_IDLE, timeout=timeout * 1000)
        if not errors and (tracebacks := self.errors()):
            raise AssertionError("cells ended with an error:\n" + "\n".join(tracebacks))

    def errors(self) -> list[str]:
        """The tracebacks that the cells have put out."""
        outputs = self.page.evaluate(
            "() => [...window.labPage.panel.content.widgets].flatMap(c => c.model.toJSON().outputs ?? [])"
        )
        return [_plain("\n".join(o["traceback"])) for o in outputs if o["output_type"] == "error"]

    def execute(self, code: str, timeout: float = TIMEOUT) -> None:
        """Run statements in the notebook's kernel, without a cell. A running cell ends first."""
        self._request(code, None, timeout)

    def evaluate(self, expression: str, timeout: float = TIMEOUT):
        """The value of a Python expression in the notebook's kernel. It travels as JSON; arrays become lists."""
        text = f"__import__('json').dumps(({expression}), default=lambda value: value.tolist())"
        return json.loads(ast.literal_eval(self._request("", text, timeout)))

    def wait_until(self, expression: str, timeout: float = TIMEOUT):
        """Wait until a Python expression is true in the kernel, and return its value."""
        deadline = time.monotonic() + timeout
        while not (value := self.evaluate(expression, timeout)):
            if time.monotonic() > deadline:
                raise AssertionError(f"after {timeout:g} s, {expression} is still {value!r}")
            self.page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
        return value

    def _request(self, code: str, expression: str | None, timeout: float):
        reply = self.page.evaluate(_EXECUTE, [code, expression, timeout * 1000])
        if reply["status"] == "late":
            raise TimeoutError(f"the kernel did not answer within {timeout:g} s to: {expression or code}")
        if expression is not None and reply["status"] == "ok":
            reply = reply["user_expressions"]["value"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{reply.get('ename')}: {reply.get('evalue')}, from: {expression or code}")
        return reply["data"]["text/plain"] if expression is not None else None

    def cell(self, index: int):
        """Playwright locator of one cell (counted from 0, text cells too)."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def output(self, index: int):
        """Playwright locator of one cell's output area."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def screenshot(self, name: str, locator=None) -> Path:
        """Save a picture of the page (or of one locator) as `_run/screenshots/NAME.png`."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        (locator or self.page).screenshot(path=path, animations="disabled")
        return path

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme: `"light"`, `"dark"`, or a full name such as `"JupyterLab Dark"`."""
        self._theme = THEMES.get(name, name)
        self.page.evaluate(
            "theme => window.labPage.app.commands.execute('apputils:change-theme', {theme})", self._theme
        )
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=self._theme)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
