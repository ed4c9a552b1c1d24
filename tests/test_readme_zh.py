"""README.zh.md says what README.md says: the same sections, pictures, links and code, in the same order.

The map of the notebooks is shorter in Chinese: it has the tutorials, all of them.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAP = 5  # the section of the map, counted from 0 with what stands before the first one


def sections(name: str) -> list[str]:
    text = re.sub(r"<!--.*?-->", "", (ROOT / name).read_text("utf-8"))
    return re.split(r"^## ", text, flags=re.MULTILINE)


def without_comments(code: str) -> str:
    return re.sub(r" *#.*$", "", code, flags=re.MULTILINE)


ENGLISH, CHINESE = sections("README.md"), sections("README.zh.md")


def test_it_has_the_same_sections():
    assert len(ENGLISH) == len(CHINESE) == 7
    assert ENGLISH[MAP].startswith("The map") and CHINESE[MAP].startswith("地图")


@pytest.mark.parametrize("number", [i for i in range(7) if i != MAP])
def test_a_section_has_the_same_parts(number):
    ours, theirs = CHINESE[number], ENGLISH[number]
    code = [[(kind, without_comments(body)) for kind, body in FENCE.findall(text)] for text in (ours, theirs)]
    assert code[0] == code[1]
    bare = [FENCE.sub("", text) for text in (ours, theirs)]
    links = [re.findall(r"\]\(([^)]+)\)", text) for text in bare]
    assert [link for link in links[0] if link != "README.md"] == [link for link in links[1] if link != "README.zh.md"]
    rows = [
        [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")] for text in bare
    ]
    assert rows[0] == rows[1]
    inline = [sorted(re.findall(r"`([^`\n]+)`", text)) for text in bare]
    assert inline[0] == inline[1]
    paragraphs = [len([part for part in text.split("\n\n") if part.strip()]) for text in bare]
    assert paragraphs[0] == paragraphs[1]


def test_its_map_has_every_tutorial():
    named = set(re.findall(r"\((nbs/tutorials/[^)]+)\)", CHINESE[MAP]))
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "nbs" / "tutorials").glob("*.ipynb")}
    assert named == there


def test_it_is_chinese_throughout():
    text = re.sub(r"`[^`]*`|\([^)]*\)", "", FENCE.sub("", "".join(CHINESE)))
    paragraphs = [part for part in text.split("\n\n") if len(part) > 60 and not part.startswith("|")]
    assert paragraphs and all(len(re.findall(r"[一-鿿]", part)) > 0.1 * len(part) for part in paragraphs)
