"""What can go wrong, each as one line that says what, where, which value and how to mend it."""

from __future__ import annotations


class ArtifactError(Exception):
    """Base of every error this library raises on purpose; its text is one line for a person."""


class ProjectError(ArtifactError):
    """The project or its lock file cannot be used as it is: missing, stale, invalid, or no wheel fits."""


class ToolError(ArtifactError):
    """An outside program is missing, failed or took too long."""


class FetchError(ArtifactError):
    """A locked file could not be downloaded, or its bytes are not the locked ones."""


class StoreError(ArtifactError):
    """The wheel store or an output folder cannot be read or written."""


class WheelError(ArtifactError):
    """A wheel, or what several wheels bring together, cannot become a sound archive."""


class InspectionError(ArtifactError):
    """The artifact is well formed but would fail in Lambda."""


class PublishError(ArtifactError):
    """Preflight, upload or publishing was refused."""
