"""The page of messages quotes what the library says, and has every error that a construct raises."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import constructs_lib

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(constructs_lib.__file__).parent
PAGE = (LIBRARY.parent / "docs" / "guides" / "messages.md").read_text()
CELLS = re.findall(r"^\| (`.*?) \| ", PAGE, re.MULTILINE)
QUOTES = [quote for cell in CELLS for quote in re.findall(r"`(.+?)`", cell)]
VALUE = "…"


def _nodes(folder: Path) -> Iterator[ast.AST]:
    return (node for path in sorted(folder.rglob("*.py")) for node in ast.walk(ast.parse(path.read_text())))


def _text(node: ast.AST) -> str:
    """A string of the code, with `…` for the values that are put into it; empty where it is none."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or VALUE for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _says(text: str, quote: str) -> bool:
    return re.search(".*".join(map(re.escape, quote.split(VALUE))), text) is not None


TEXTS = [text for node in _nodes(LIBRARY) if (text := _text(node))]
# Errors are worded in a variable of this name, as ruff's EM102 asks.
ERRORS = [
    _text(node.value)
    for node in _nodes(LIBRARY / "cdk")
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "msg"
]


@pytest.mark.parametrize("quote", QUOTES)
def test_every_quoted_line_is_said_somewhere(quote: str) -> None:
    """A line that was worded anew is worded anew on the page too."""
    assert any(_says(text, quote) for text in TEXTS)


@pytest.mark.parametrize("text", ERRORS)
def test_every_error_of_a_construct_is_on_the_page(text: str) -> None:
    """Misuse is explained where people look for what a line means."""
    assert any(_says(text, quote) for quote in QUOTES)
