"""Browser tests: the widgets in a real JupyterLab, clicked in a real Chromium.

Run them with `python3 dev.py browser` (or `pytest tests/browser`). A test takes the fixture `lab`:

    def test_click(lab):
        notebook = lab.open(["import tl_toolkit as tl", "picker = tl.LayerPicker(model); picker"], theme="dark")
        notebook.run_all()                                  # or run_cell(1); both return at once
        notebook.wait_idle()                                # a cell that failed fails the test
        notebook.output(1).get_by_role("checkbox").first.click()
        notebook.wait_until("picker.plan != before")        # a Python expression, asked in the notebook's kernel
        assert notebook.evaluate("picker.plan.to_dict()")   # its value, as JSON
        notebook.screenshot("picker-dark")                  # _run/screenshots/picker-dark.png

`lab.open` also takes the path of a notebook (`"nbs/tutorials/quickstart.ipynb"`), of which it opens a copy.
`notebook.page` is the Playwright page; `execute` runs statements in the kernel, `theme("dark")` changes the theme and
`reload()` loads the page again. Wait for what must happen (`wait_until`, `locator.wait_for()`, Playwright's `expect`),
with at least 90 seconds of patience, which is the default here; never sleep. A page that asks for anything outside
127.0.0.1 fails its test. A failed test leaves `_run/screenshots/FAILED-NAME.png`.

A test that takes `kernel` and opens `lab.open(..., kernel=kernel)` runs in the environment of the tests, or with
`--kernels all` (or `--kernels 6.17.1,7.3.0`) in those of `kernel_environments.py`, which are made when first needed.

Without a browser the tests are skipped, and say how to install one; when `CI` is set they fail.
"""

import re
from contextlib import suppress

import pytest
from kernel_environments import ENVIRONMENTS
from lab_page import CHROMIUM_FLAGS, TIMEOUT, Lab, LabServer, find_chromium
from playwright.sync_api import Error, expect, sync_playwright


@pytest.fixture(scope="session")
def _launch():
    """Gives the running browser, or a new one where a test has brought it down: the next test is not to blame."""
    with sync_playwright() as playwright:
        executable, running = find_chromium(playwright), []
        expect.set_options(timeout=TIMEOUT * 1000)

        def launch():
            if not running or not running[-1].is_connected():
                running.append(playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS)))
            return running[-1]

        yield launch
        if running:
            running[-1].close()


def pytest_addoption(parser):
    text = "kernels for the tests that take `kernel`: current, all, or versions such as 6.17.1,7.3.0"
    parser.addoption("--kernels", default="current", help=text)


def pytest_generate_tests(metafunc):
    if "kernel" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("kernels")
        metafunc.parametrize("kernel", [*ENVIRONMENTS] if chosen == "all" else chosen.split(","))


@pytest.fixture(scope="session")
def _server_for(_launch, tmp_path_factory):
    servers = {}

    def server_for(kernel):
        if kernel not in servers:
            servers[kernel] = LabServer(tmp_path_factory.mktemp("jupyterlab"), kernel)
        return servers[kernel]

    yield server_for
    for server in servers.values():
        server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.has_failed = report.failed or getattr(item, "has_failed", False)
    return report


@pytest.fixture
def lab(_server_for, _launch, request):
    """Opens notebooks in JupyterLab; see the top of this file."""
    lab = Lab(_server_for, _launch())
    yield lab
    outside = [url for page in lab.pages for url in page.outside_requests]
    for number, page in enumerate(lab.pages if request.node.has_failed else ()):
        print(f"console errors of {page.name}:", *page.console, sep="\n  ")
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        with suppress(Error):  # the page may be what failed
            page.screenshot(f"FAILED-{name}" + (f"-{number}" if number else ""))
    lab.close()
    assert not outside, f"the page asked for addresses outside 127.0.0.1: {outside}"
