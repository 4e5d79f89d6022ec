"""Mutations of a text, as an editor's slip, a bad merge or an attacker would make them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_TOKEN = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[\w.+/:@%-]+|\S")
_ODD = (
    *("", '""', '"a\\u0000b"', "'\\'", "9" * 5000, "-1", "1e400", "nan", "true", "[]", "{}", "1979-05-27", '"'),
    *('"' + "x" * 4000 + '"', '"../../victim"', '"/dev/zero"', '"http://[x"', '"https://h:port/"', '"file:///x.whl"'),
    *('"six @ x"', "\"python_version > '3'\"", "\"extra == 'x'\"", "\"sys_platform === 'linux'\"", '"∞"', "\ufeff"),
    *('"' + "(" * 3000 + '"', "[" * 3000, "{a=" * 500, '"sha256:"', '"sha256:../x"', '"\\ud800"', "\x00", "\r", "\u2028"),
    *('"1.0.dev999999999999999999999"', '"' + "1." * 2000 + '0"', '"~=1"', '"==1.*"', '"@"', '"🦀"', "\\", "#", ";", "--hash="),
)  # fmt: skip


def _spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _TOKEN.finditer(text)] or [(0, 0)]


def _replace(text: str, chance: random.Random) -> str:
    start, end = chance.choice(_spans(text))
    return text[:start] + chance.choice(_ODD) + text[end:]


def _swap(text: str, chance: random.Random) -> str:
    """Put one token in the place of another."""
    spans = _spans(text)
    (start, end), (first, last) = chance.choice(spans), chance.choice(spans)
    return text[:start] + text[first:last] + text[end:]


def _delete(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[start + chance.choice((1, 2, 10, 200)) :]


def _repeat(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = chance.randrange(len(lines))
    return "".join(lines[:at] + lines[at : at + 1] * chance.choice((2, 3, 50)) + lines[at + 1 :])


def _drop_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    del lines[chance.randrange(len(lines))]
    return "".join(lines)


def _insert(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(_ODD) + text[at:]


def _character(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return (
        text[:at]
        + chr(chance.choice((0, 9, 10, 13, 27, 34, 61, 91, 123, 0x7F, 0xE9, 0x202E)))
        + text[at + 1 :]
    )


_MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    *(_replace, _replace, _replace, _swap, _swap, _delete, _repeat, _drop_line, _insert, _character),
)


def mutated(text: str, chance: random.Random) -> bytes:
    """Return the text after one to three mutations; one time in fifty as bytes that are no text."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = chance.choice(_MUTATIONS)(text, chance)
    content = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.02:
        at = chance.randrange(len(content) + 1)
        content = content[:at] + bytes([chance.randrange(128, 256)]) + content[at:]
    return content
