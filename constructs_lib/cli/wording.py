"""The library's texts in the words of the command line: options instead of the arguments of Python functions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Replacement = str | Callable[[re.Match[str]], str]


def _patterns(match: re.Match[str]) -> str:
    """Spell `include=('a',), exclude=None leave` as the options that were given."""
    options = [
        f"{option} {pattern}"
        for option, text in (("--include", match[1]), ("--exclude", match[2]))
        for pattern in re.findall(r"'((?:[^'\\]|\\.)*)'", text)
    ]
    return f"{' '.join(options) or 'the patterns'} leave{'' if len(options) > 1 or not options else 's'}"


def _groups(match: re.Match[str]) -> str:
    names = re.findall(r"'([^']*)'", match[1]) or ["…"]
    return " ".join(f"--only-group {name}" for name in names)


_SENTENCES: tuple[tuple[str, Replacement], ...] = (
    (r"include=(None|\(.*?\)|\[.*?\]|…), exclude=(None|\(.*?\)|\[.*?\]|…) leave", _patterns),
    (r"leave include and exclude out", "leave --include and --exclude out"),
    (r"only_groups=(\(.*?\)|\[.*?\]|…): use groups", lambda match: f"{_groups(match)}: use --group"),
    (r"build_tool=(?:'([\w…]+)'|([\w…]+))(?![\w/'])", r"--tool \1\2"),
    (r"build_tool (?='|…)", "--tool "),
    (r"give a container=(?!\w)", "give --container"),
    (r"container=True(?![\w/'])", "--container"),
    (
        r"shorten ignore_package_list\b",
        "name fewer distributions with --ignore, or none with --ignore-nothing",
    ),
    (
        r"take it off ignore_package_list\b",
        "give --ignore-nothing, or --ignore with the other names",
    ),
    (r"with ignore_package_list\b", "with --ignore"),
    (r"^acknowledge has ", "--acknowledge has "),
    (r"(?<=, and )strict makes ", "--strict makes "),
    (r"^entry (?='|…)", "PROJECT "),
    (r"(?:has no|chosen) only_groups\b", "has no groups"),
)
"""Sentences that name arguments. A match may begin neither in a word, a path or a quoted value."""
_ARGUMENTS = {
    "allow_extra_index_url": "--allow-extra-index-url",
    "build_tool": "--tool",
    "bucket_owner": "--bucket-owner",
    "exclude_files": "--exclude-files",
    "compile_bytecode": "--compile-bytecode",
    "ignore_package_list": "--ignore",
    "layer_name": "--layer-name",
    "license_info": "--license",
    "only_groups": "--only-group",
    "s3dir_lambda": "--s3",
    "smoke_test": "--smoke-test",
}
"""Arguments whose names are no words of a sentence: they are replaced wherever they stand alone."""


@lru_cache
def _rules() -> list[tuple[re.Pattern[str], Replacement]]:
    begin, end = r"(?<![\w./'\"-])", r"(?:=True)?(?![\w/'\"=-]|\.\w)"
    return [
        *((re.compile(f"{begin}{pattern}"), replacement) for pattern, replacement in _SENTENCES),
        *((re.compile(f"{begin}{name}{end}"), option) for name, option in _ARGUMENTS.items()),
    ]


def in_options(text: str) -> str:
    """Return a text of the library in which the arguments of Python functions are options."""
    for pattern, replacement in _rules():
        text = pattern.sub(replacement, text)
    return text
