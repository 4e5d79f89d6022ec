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


class S3MetadataKeyEnum(str, Enum):
    """Names of metadata on objects in S3."""

    manifest_md5 = "manifest_md5"
    """Hex MD5 of the lock file a layer was built from."""
    layer_sha256 = "layer_sha256"
    """Hex SHA-256 of a layer's zip."""
    source_version = "source_version"
    source_sha256 = "source_sha256"


default_ignore_package_list = [
    "boto3",
    "botocore",
    "s3transfer",
    "urllib3",
    "setuptools",
    "pip",
    "wheel",
    "twine",
    "_pytest",
    "pytest",
]
"""Distributions left out of a layer: Lambda's runtime brings them, or they are tools for building and testing."""

LAYER_ROOT = "python/"
"""Lambda unpacks a layer into /opt and has /opt/python on `sys.path`."""
