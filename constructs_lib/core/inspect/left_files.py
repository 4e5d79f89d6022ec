"""The notes about files of a project that stay out of an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.inspect.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.project.source_files import LeftOut


def left_out_findings(left_out: Iterable[LeftOut]) -> list[Finding]:
    """Return a note for each project and reason."""
    return [
        Finding("secret-files", files.text)
        if files.reason == "secret"
        else Finding("ignored-files", files.text)
        for files in left_out
    ]
