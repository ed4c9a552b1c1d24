"""Reads the package's metadata from settings.ini, the one place where it is written."""
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
parser = ConfigParser(delimiters=["="])
parser.read(here / "settings.ini", encoding="utf-8")
settings = parser["DEFAULT"]



class BuildWithTutorials(build_py):
    """Puts the tutorials into the package, from where `tl-toolkit tutorials` copies them."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, settings["lib_path"], "tutorials")
        target.mkdir(parents=True, exist_ok=True)
        for notebook in sorted((here / "nbs" / "tutorials").glob("*.ipynb")):
            self.copy_file(str(notebook), str(target / notebook.name))


setup(
    cmdclass={"build_py": BuildWithTutorials},
    version=settings["version"],
    description=settings["description"],
    keywords=settings["keywords"].split(),
    author=settings["author"],
    author_email=settings["author_email"],
    license="Apache-2.0",
    url=settings["git_url"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Framework :: Jupyter",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    python_requires=">=" + settings["min_python"],
    long_description=(here / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    install_requires=settings["requirements"].split(),
    extras_require={"dev": settings["dev_requirements"].split()},
    entry_points={
        "nbdev": [f"{settings['lib_path']}={settings['lib_path']}._modidx:d"],
        "console_scripts": ["tl-toolkit = tl_toolkit.cli:main"],
    },
    zip_safe=False,
)
