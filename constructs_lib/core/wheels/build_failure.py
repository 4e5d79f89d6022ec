"""The reason of a failed build: the backend's own last lines, with the project's own paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import ToolError
from constructs_lib.core.log import log
from constructs_lib.core.wheels.work_tree import TREE

if TYPE_CHECKING:
    from pathlib import Path

_LINES_QUOTED = 3
_LONGEST = 500
_UV_ERROR = "error: Failed to build"
_FRAME = re.compile(r'\s*File "([^"]*)", line \d+')
_CARETS = re.compile(r"\s*[~^]+\s*")
_OF_UV = ("hint: ", "Building wheel", "Building source distribution")


class BuildPlace(NamedTuple):
    """A build that failed."""

    source: Path
    """What was built: the project, its copy, or an archive."""
    scratch: Path
    """The temporary folder, in which a copy and what the backend wrote are."""
    shown: Path
    """The name for messages: the project's own folder, or the archive's name."""

    def with_own_paths(self, text: str) -> str:
        """Return `text` with the project's paths in place of its copy's."""
        copies = self.scratch / TREE
        if self.source.is_relative_to(copies):
            top, *below = self.source.relative_to(copies).parts
            root = self.shown.parents[len(below) - 1] if below else self.shown
            # The root of the work tree may be `/`, which ends with the separator itself.
            text = text.replace(f"{copies / top}/", f"{str(root).rstrip('/')}/")
            text = text.replace(str(copies / top), str(root)).replace(str(copies), str(root.parent))
        return text.replace(str(self.source), str(self.shown))


def build_error(text: str, place: BuildPlace) -> ToolError:
    """Return the error of a failed build from what uv and the backend wrote; the log gets all of it."""
    text = place.with_own_paths(text)
    log.debug("%s", text)
    quoted = " | ".join(_cut(line.strip()) for line in _reason(text.splitlines(), place))
    return ToolError("build-failed", f"{place.shown} cannot be built: {quoted}")


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _reason(lines: list[str], place: BuildPlace) -> list[str]:
    """Return the lines that give the reason, those of the backend before those of uv."""
    lines = [line for line in lines if line.strip() and not line.startswith(_OF_UV)]
    end = next((number for number, line in enumerate(lines) if line.startswith(_UV_ERROR)), len(lines))
    backend_lines = [line for line in lines[:end] if not _CARETS.fullmatch(line)]
    # What was written into the temporary folder is gone with it.
    last = [line for line in backend_lines if str(place.scratch) not in line][-_LINES_QUOTED:]
    return _exception(backend_lines, place) or last or (lines[end + 1 :] or lines)[-_LINES_QUOTED:]


def _exception(lines: list[str], place: BuildPlace) -> list[str]:
    """Return the exception of the last traceback, after the line of the project's own code on the way to it."""
    frames = [number for number, line in enumerate(lines) if _FRAME.match(line)]
    if not frames:
        return []
    start = next(
        (number for number in range(frames[-1] + 1, len(lines)) if not lines[number].startswith(" ")), None
    )
    if start is None:
        return []
    matches = [match for number in frames if (match := _FRAME.match(lines[number]))]
    project_frames = [match[0] for match in matches if match[1].startswith(f"{place.shown}/")]
    return [*project_frames[-1:], *lines[start : start + _LINES_QUOTED]]
