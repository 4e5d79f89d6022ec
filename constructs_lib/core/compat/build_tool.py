"""Closed sets of names that callers and files share."""

from __future__ import annotations

from enum import Enum


class LayerBuildToolEnum(str, Enum):
    """The tools whose lock files have a builder."""

    pip = "pip"
    poetry = "poetry"
    uv = "uv"

    @property
    def manifest_name(self) -> str:
        """The file that this tool installs from, exactly."""
        return _MANIFESTS[self]

    @property
    def installs_into_venv(self) -> bool:
        """Whether it fills a virtual environment, from which the packages have to be moved."""
        return self is not LayerBuildToolEnum.pip


_MANIFESTS = {
    LayerBuildToolEnum.pip: "requirements.txt",
    LayerBuildToolEnum.poetry: "poetry.lock",
    LayerBuildToolEnum.uv: "uv.lock",
}
