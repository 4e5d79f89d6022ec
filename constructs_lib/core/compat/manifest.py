"""The manifest of a layer: the lock file it is built from, here and beside each published version."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.publish.layout import HasUri, LayerS3Layout, S3Location
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_GIVEN = Path()


@dataclass(frozen=True)
class LayerManifestManager(BaseLogger):
    """Where the manifest of a project's layer lies.

    One of `layer_build_tool` and `path_manifest` is given, the other is derived; a ProjectError where neither
    is, or where they contradict each other. A manifest of another name belongs to no tool.
    """

    path_pyproject_toml: Path
    s3dir_lambda: str | HasUri
    layer_build_tool: LayerBuildToolEnum | str | None = None
    s3_client: S3Client | None = None
    """Not used here; accepted so that one set of arguments serves each step."""
    path_manifest: Path = _NOT_GIVEN

    def __post_init__(self) -> None:
        tool, path = self.layer_build_tool, self.path_manifest
        if tool is not None:
            tool = LayerBuildToolEnum(tool)
            path = self.path_layout.get_path_manifest(tool) if path == _NOT_GIVEN else path
            if Path(path).name != tool.manifest_name:
                msg = f"path_manifest {path} is not the manifest of {tool.value}, {tool.manifest_name}: give only one"
                raise ProjectError(msg)
        elif path == _NOT_GIVEN:
            msg = f"nothing says what the manifest of {self.path_pyproject_toml} is: give layer_build_tool or path_manifest"
            raise ProjectError(msg)
        else:
            tool = next((each for each in LayerBuildToolEnum if each.manifest_name == Path(path).name), None)
        object.__setattr__(self, "layer_build_tool", tool)
        object.__setattr__(self, "path_manifest", Path(path))

    @property
    def path_layout(self) -> LayerPathLayout:
        return LayerPathLayout(self.path_pyproject_toml)

    @property
    def s3_layout(self) -> LayerS3Layout:
        return LayerS3Layout(self.s3dir_lambda)

    @property
    def manifest_md5(self) -> str:
        """Hex, of the file as it is now."""
        return md5(read_manifest(self.path_manifest))

    def get_versioned_manifest(self, version: int) -> S3Location:
        """Where the manifest of a published version lies."""
        return self.s3_layout.get_s3path_layer_manifest(version, self.path_manifest.name)


def read_manifest(path: Path) -> bytes:
    """The bytes of a manifest; a ProjectError where it is missing or carries a user name and password."""
    try:
        content = path.read_bytes()
    except OSError as error:
        what = (
            "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        )
        msg = f"{path} {what}: path_manifest is the lock file that the layer is built from"
        raise ProjectError(msg) from None
    refuse_credentials(content.decode("utf-8", "replace"), path)
    return content


def built_from(layout: LayerPathLayout, path_manifest: Path) -> bytes:
    """The manifest as it was when the packages were installed.

    The builders here keep a copy of it in `repo`, which is cleared before the next build together with the
    zip. Where another builder keeps none, the file as it is now.
    """
    with suppress(FileNotFoundError):
        return (layout.dir_repo / path_manifest.name).read_bytes()
    return read_manifest(path_manifest)


def md5(content: bytes) -> str:
    """Hex, as the metadata in S3 spells it."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
