"""The build tools that have a builder, and the lock file of each."""

from __future__ import annotations

from enum import Enum


class LayerBuildToolEnum(str, Enum):
    """A tool that installs a layer's dependencies."""

    pip = "pip"
    poetry = "poetry"
    uv = "uv"

    @property
    def manifest_name(self) -> str:
        """The name of the file that this tool installs from."""
        return _MANIFESTS[self]

    @property
    def installs_into_venv(self) -> bool:
        """True for a tool that fills a virtual environment, from which the packages have to be moved."""
        return self is not LayerBuildToolEnum.pip


_MANIFESTS = {
    LayerBuildToolEnum.pip: "requirements.txt",
    LayerBuildToolEnum.poetry: "poetry.lock",
    LayerBuildToolEnum.uv: "uv.lock",
}
