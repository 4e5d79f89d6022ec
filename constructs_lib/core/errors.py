"""The errors that this library raises on purpose.

`ArtifactError` is the base of all. Below it: `ProjectError` (the project, its lock file or an argument), `ToolError`
(an outside program), `FetchError` (a download), `StoreError` (the wheel store or an output folder), `WheelError` (a
wheel or archive), `InspectionError` (an artifact that would fail in Lambda), `ReportError` (a report or comparison)
and `PublishError` (preflight, upload or publishing).
"""

from __future__ import annotations

import re

_LONGEST = 1500
# Texts, compiled for the first error: importing this module would take 2 ms more.
_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
"""ANSI sequences: colors, moves of the cursor, titles of the window."""
_BREAK = r"\s*[\n\r\v\f\x85\u2028\u2029]\s*"
_INVISIBLE = r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"


def printable(text: str) -> str:
    """Return `text` as one line that a terminal shows as it is: foreign texts may hold anything."""
    if text.isprintable() and len(text) <= _LONGEST:
        return text
    text = re.sub(_BREAK, " | ", re.sub(_ESCAPE, "", text).strip())
    text = re.sub(_INVISIBLE, "\ufffd", text)
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2 - 2
    return f"{text[:half]} … {text[-half:]}"


class ArtifactError(Exception):
    """One line that says what is wrong, where, with which value, and how to mend it.

    The text becomes one printable line here, whatever values it quotes. `id` names the kind of error (`lock-stale`);
    the page "Messages" has a paragraph for each.
    """

    def __init__(self, error_id: str, text: str) -> None:
        super().__init__(error_id, printable(text))
        self.id = error_id

    def __str__(self) -> str:
        text: str = self.args[1]
        return text


class ProjectError(ArtifactError):
    """The project, its lock file or an argument cannot be used as it is."""


class ToolError(ArtifactError):
    """An outside program is missing, failed or took too long."""


class FetchError(ArtifactError):
    """A locked file could not be downloaded, or its bytes are not the locked ones."""


class StoreError(ArtifactError):
    """The wheel store or an output folder cannot be read or written."""


class WheelError(ArtifactError):
    """A wheel, or several wheels merged, cannot become a sound archive."""


class InspectionError(ArtifactError):
    """The artifact is well formed but would fail in Lambda."""


class ReportError(ArtifactError):
    """A report or comparison cannot be made: a library is missing, or a file is no SBOM."""


class PublishError(ArtifactError):
    """Preflight, upload or publishing was refused."""


def render(error: ArtifactError) -> str:
    """Return the line that people read, with the error's id: `error[lock-stale]: …`."""
    return f"error[{error.id}]: {error}"
