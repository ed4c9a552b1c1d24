"""Options of the tests.

`pytest --full` (or `python3 dev.py test pytest`, with `TL_FULL=1` in the environment) also runs what is marked `full`:
the same checks on every network of `keras.applications` instead of a few, which takes most of an hour.
"""

import os


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", default=bool(os.environ.get("TL_FULL")), help="every network")


def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes long; run with --full")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--full"):
        full = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=full)
        items[:] = [item for item in items if item not in full]
