"""How Sphinx builds the site; `docs/build.py` gathers the pages and runs it."""

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
settings = ConfigParser(delimiters=["="])
settings.read(ROOT / "settings.ini", encoding="utf-8")

project = settings["DEFAULT"]["lib_name"]
author = settings["DEFAULT"]["author"]
release = settings["DEFAULT"]["version"]
copyright = settings["DEFAULT"]["copyright"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sphinx = False

nb_execution_mode = "off"
nb_execution_cache_path = str(ROOT / "_run" / "docs-executed")
nb_execution_timeout = 1200
nb_execution_raise_on_error = True
nb_ipywidgets_js = {}
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

default_role = "code"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
