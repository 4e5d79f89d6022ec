"""The text of a requirements file: its encoding, continued lines, comments and variables, as pip reads them.

https://pip.pypa.io/en/stable/reference/requirements-file-format/ describes the format.
"""

from __future__ import annotations

import codecs
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_QUOTE = 120
"""Letters of a file's line that an error quotes."""

# The mark of UTF-32 begins with that of UTF-16: the longer ones come first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_COMMENT = re.compile(r"(?:^|\s)#")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff\ufeff]")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


@dataclass(frozen=True)
class LogicalLine:
    """A line without its comment, joined with those that continue it."""

    where: str
    """File and number of its first line."""
    text: str

    def refusal(self, problem: str) -> ProjectError:
        """Return the error for this line: `problem` names what is wrong and the remedy."""
        return ProjectError("requirements-invalid", f"{self.where}: {problem}")


def quoted(text: str) -> str:
    """Return `text` as an error quotes it: on one line, without passwords, cut to a readable length."""
    safe = redact(text)
    return repr(safe if len(safe) <= LONGEST_QUOTE else f"{safe[:LONGEST_QUOTE]}…")


def read_text(path: Path) -> str:
    """Return the text of a file by its byte order mark, else by the coding line of PEP 263, else as UTF-8."""
    with reading(path):
        # A pipe would be waited for without end, and a device need not have one.
        if path.exists() and not path.is_file():
            raise ProjectError("file-unreadable", f"{path} cannot be read: it is not a regular file")
        content = path.read_bytes()
    mark, encoding = next((row for row in _BYTE_ORDER_MARKS if content.startswith(row[0])), (b"", ""))
    encoding = encoding or _coding(content)
    try:
        return content[len(mark) :].decode(encoding)
    except LookupError:
        raise ProjectError(
            "requirements-invalid",
            f"{path}: its coding line names {quoted(encoding)}, which is no encoding: save it as UTF-8",
        ) from None
    except UnicodeError as error:
        byte = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise ProjectError(
            "file-not-utf8", f"{path} is not {encoding.upper()} at byte {byte}: save it as UTF-8"
        ) from None


def _coding(content: bytes) -> str:
    for line in content.split(b"\n", 2)[:2]:
        if line.startswith(b"#") and (match := _CODING.search(line)):
            return match[1].decode("ascii", "replace")
    return "utf-8"


def logical_lines(text: str, path: Path) -> Iterator[LogicalLine]:
    """Yield the lines that hold something, with the values of the `${VARIABLES}` that are set."""
    parts: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}"
        if control := _CONTROL.search(line):
            raise ProjectError(
                "requirements-invalid",
                f"{where}: the line has the control character U+{ord(control[0]):04X}: remove it",
            )
        first = first or number
        comment = _COMMENT.search(line)
        if line.endswith("\\") and comment is None:
            parts.append(line[:-1])
            continue
        if comment is not None and line.endswith("\\") and line[: comment.start()].strip():
            # pip takes the next line for a part of the comment, uv does not.
            raise ProjectError(
                "requirements-invalid",
                f"{where}: the comment ends with a backslash, behind which tools read different things: remove the "
                f"backslash",
            )
        parts.append(line[: comment.start()] if comment else line)
        yield from _logical_line("".join(parts), f"{path}:{first}")
        parts, first = [], 0
    yield from _logical_line("".join(parts), f"{path}:{first}")


def _logical_line(text: str, where: str) -> Iterator[LogicalLine]:
    if not text.strip():
        return
    line = LogicalLine(where, VARIABLE.sub(_value, text.strip()))
    # A line of a variable's value must not become a line of the file.
    if line.text.splitlines() != [line.text] or _CONTROL.search(line.text):
        raise line.refusal("the value of a variable has a line end or a control character: set it anew")
    yield line


def _value(variable: re.Match[str]) -> str:
    """Return the value of a variable; one that is not set stays as it is written, as for pip."""
    return os.environ.get(variable[1]) or variable[0]
