"""The errors that this library raises on purpose.

`ArtifactError` is the base of all. Below it: `ProjectError` (the project, its lock file or an argument), `ToolError`
(an outside program), `FetchError` (a download), `StoreError` (the wheel store or an output folder), `WheelError` (a
wheel or archive), `InspectionError` (an artifact that would fail in Lambda), `ReportError` (a report or comparison)
and `PublishError` (preflight, upload or publishing).
"""

from __future__ import annotations


class ArtifactError(Exception):
    """One line that says what is wrong, where, with which value, and how to mend it.

    `id` names the kind of error (`lock-stale`); the page "Messages" has a paragraph for each.
    """

    def __init__(self, error_id: str, text: str) -> None:
        super().__init__(error_id, text)
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
