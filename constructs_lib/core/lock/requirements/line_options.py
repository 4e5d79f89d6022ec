"""The options of a requirements file: which there are, and those of one line."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.lock.requirements.logical_lines import quoted

if TYPE_CHECKING:
    from constructs_lib.core.lock.requirements.logical_lines import LogicalLine

_BEGIN = re.compile(r"(?:^|(?<=\s))-")

_QUOTES = re.compile(r"[\"'\\]")
_SHORT = {
    "-c": "--constraint",
    "-C": "--config-settings",
    "-e": "--editable",
    "-f": "--find-links",
    "-i": "--index-url",
    "-r": "--requirement",
}
_ALIASES = {"--pypi-url": "--index-url", "--config-setting": "--config-settings"}
_WITH_VALUE = frozenset(
    {
        "--constraint",
        "--editable",
        "--extra-index-url",
        "--find-links",
        "--hash",
        "--index-url",
        "--no-binary",
        "--only-binary",
        "--requirement",
        "--trusted-host",
        "--use-feature",
    }
)
_FLAGS = frozenset({"--no-index", "--pre", "--prefer-binary", "--require-hashes"})
_REFUSED = {
    "--all-releases": "uv, which resolves the file, has no such option: use --pre",
    "--config-settings": "a build backend gets no settings from here: write them into its own project",
    "--global-option": "pip no longer has this option: remove it",
    "--install-option": "pip no longer has this option: remove it",
    "--no-require-hashes": "a check of hashes is not switched off: remove the option, or the hashes",
    "--only-final": "uv, which resolves the file, has no such option: remove it",
    "--process-dependency-links": "pip no longer has this option: remove it",
}


class LineOption(NamedTuple):
    """An option with its value, empty for one that takes none; the name is its long one."""

    name: str
    value: str


class LineParts(NamedTuple):
    """A line parted into the requirement before its options, which may be empty, and the options."""

    requirement: str
    options: tuple[LineOption, ...]


def parse_line(line: LogicalLine) -> LineParts:
    """Part a line into its requirement and its options; raise a ProjectError for an option that is not understood."""
    begin = _BEGIN.search(line.text)
    if begin is None:
        return LineParts(line.text, ())
    requirement, text = line.text[: begin.start()].strip(), line.text[begin.start() :]
    if not requirement and (editable := re.match(r"(?:-e|--editable)(?:\s*=\s*|\s+|(?=[^\s-]))", text)):
        # Its marker holds quotes, which shlex would remove.
        return _editable(line, text[editable.end() :])
    return LineParts(requirement, _parse_options(line, text))


def _editable(line: LogicalLine, text: str) -> LineParts:
    begin = _BEGIN.search(text)
    options = _parse_options(line, text[begin.start() :]) if begin else ()
    value = text[: begin.start()].strip() if begin else text.strip()
    if value[:1] in "\"'" and value[:1] == value[-1:] and len(value) > 1:
        value = value[1:-1]
    if not value:
        raise line.refusal("-e has no value: name the folder behind it")
    return LineParts("", (LineOption("--editable", value), *options))


def _parse_options(line: LogicalLine, text: str) -> tuple[LineOption, ...]:
    try:
        # shlex takes a third of a second for two thousand hashes.
        words = shlex.split(text) if _QUOTES.search(text) else text.split()
    except ValueError as error:
        raise line.refusal(f"{quoted(text)} cannot be read: {error}") from None
    options: list[LineOption] = []
    while words:
        word = words.pop(0)
        name, has_value, value = _split(word)
        if name in _REFUSED:
            raise line.refusal(f"{name} is not allowed: {_REFUSED[name]}")
        if name in _FLAGS and not has_value:
            options.append(LineOption(name, ""))
        elif name in _WITH_VALUE:
            if not has_value:
                value = words.pop(0) if words else ""
            if not value:
                raise line.refusal(f"{name} has no value: write it behind the option")
            options.append(LineOption(name, value))
        else:
            raise line.refusal(f"{quoted(word)} is not understood: {_advice(word, options)}")
    return tuple(options)


def _split(word: str) -> tuple[str, bool, str]:
    """Return the long name of an option, whether a value is joined to it, and that value."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return _ALIASES.get(name, name), bool(equals), value
    value = word[2:].removeprefix("=")
    return _SHORT.get(word[:2], word), bool(value), value


def _advice(word: str, options: list[LineOption]) -> str:
    if word.startswith("-"):
        return "pip has no such option for a requirements file, or it has no value; remove it"
    if options:
        return f"it stands behind {options[-1].name}; put a value with spaces into quotes, all else on a line of its own"
    return "remove it"
