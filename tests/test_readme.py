"""The README follows from nbs/index.ipynb, and what it points to is there."""

import re
from pathlib import Path

import pytest
from make_readme import README, TARGET, from_root, move_links, readme

ROOT = Path(__file__).resolve().parents[1]


def test_the_readme_is_what_the_notebook_makes():
    assert README.read_text("utf-8") == readme()


def test_what_the_readme_points_to_is_in_the_repository():
    text = README.read_text("utf-8")
    targets = [match[2] for match in TARGET.finditer(text)]
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    assert local, "the README shows no picture and links to no notebook"
    assert not [target for target in local if not (ROOT / target).exists()]


def test_the_readme_shows_a_picture_and_names_the_two_commands():
    text = README.read_text("utf-8")
    assert re.search(r"docs/images/[\w-]+\.(png|svg)", text)
    assert "python3 dev.py demo" in text
    assert "python3 dev.py test" in text


@pytest.mark.parametrize(
    ("seen_from_notebook", "seen_from_root"),
    [
        ("../docs/images/picker.png", "docs/images/picker.png"),
        ("tutorials/quickstart.ipynb", "nbs/tutorials/quickstart.ipynb"),
        ("../CONTRIBUTING.md#the-widgets", "CONTRIBUTING.md#the-widgets"),
        ("https://keras.io/", "https://keras.io/"),
        ("#install", "#install"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
    ],
)
def test_links_move_from_the_notebook_to_the_root(seen_from_notebook, seen_from_root):
    assert from_root(seen_from_notebook) == seen_from_root


def test_code_keeps_its_text():
    markdown = "![a](../docs/a.png) `[b](c)`\n\n```python\nf['x'](y)\n```\n\n<img alt='z' src='../docs/z.png'>"
    moved = "![a](docs/a.png) `[b](c)`\n\n```python\nf['x'](y)\n```\n\n<img alt='z' src='docs/z.png'>"
    assert move_links(markdown) == moved
