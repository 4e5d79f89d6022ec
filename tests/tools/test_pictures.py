"""The committed drawings are those that the tool draws."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tools.pictures import IMAGES, pictures, terminal


@pytest.mark.parametrize("name", sorted(pictures()))
def test_a_drawing_is_current(name: str) -> None:
    """`python -m tools.pictures` would change nothing, and a browser can read the file."""
    text = (IMAGES / name).read_text(encoding="utf-8")
    assert text == pictures()[name]
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own file


def test_a_transcript_is_text() -> None:
    """What a program prints is no markup in the drawing."""
    [line] = [
        row
        for row in ET.fromstring(terminal("$ echo '<b> & c'\n")).iter()  # noqa: S314 - our own text
        if row.tag.endswith("text")
    ]
    assert line.text == "$ echo '<b> & c'"
