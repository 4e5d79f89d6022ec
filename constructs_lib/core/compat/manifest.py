"""The manifest of a layer: the lock file it is built from, in the project and beside each published version."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.compat.required import REQUIRED, refuse_missing
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.publish.layout import HasUri, LayerS3Layout, S3Location
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from constructs_lib.core.compat.session import S3Access

DERIVED: Any = None
"""The default of `path_manifest`, which follows from the build tool if it is not given."""


class ManifestPaths:
    """The paths and the hash of a layer's manifest, for classes that hold its place."""

    path_pyproject_toml: Path
    s3dir_lambda: str | HasUri
    layer_build_tool: LayerBuildToolEnum | str | None
    path_manifest: Path

    def _derive_manifest(self) -> None:
        """Derive the missing one of `layer_build_tool` and `path_manifest`."""
        tool, path = find_manifest(self.path_layout, self.layer_build_tool, self.path_manifest)
        object.__setattr__(self, "layer_build_tool", tool)
        object.__setattr__(self, "path_manifest", path)

    @property
    def path_layout(self) -> LayerPathLayout:
        return LayerPathLayout(self.path_pyproject_toml)

    @property
    def s3_layout(self) -> LayerS3Layout:
        return LayerS3Layout(self.s3dir_lambda)

    @property
    def manifest_md5(self) -> str:
        """The hex MD5 of the file as it is now."""
        return md5(read_manifest(self.path_manifest))

    def get_versioned_manifest(self, version: int) -> S3Location:
        """Return the place in S3 of the manifest of a published version."""
        return self.s3_layout.get_s3path_layer_manifest(version, self.path_manifest.name)


@dataclass(frozen=True)
class LayerManifestManager(ManifestPaths, BaseLogger):
    """The manifest of a project's layer.

    One of `layer_build_tool` and `path_manifest` is given, the other is derived. Raises a ProjectError if neither is
    given, or if they contradict each other. A manifest of another name belongs to no tool.
    """

    path_pyproject_toml: Path = REQUIRED
    s3dir_lambda: str | HasUri = REQUIRED
    layer_build_tool: LayerBuildToolEnum | str | None = None
    s3_client: S3Access | None = None
    """Not used here; accepted so that the same arguments fit each step."""
    path_manifest: Path = DERIVED

    def __post_init__(self) -> None:
        refuse_missing(self)
        self._derive_manifest()


def find_manifest(
    layout: LayerPathLayout,
    layer_build_tool: LayerBuildToolEnum | str | Path | None,
    path_manifest: str | Path | LayerBuildToolEnum | None,
) -> tuple[LayerBuildToolEnum | None, Path]:
    """Return a manifest's tool and path, of which one is given.

    `aws_lambda_artifact_builder` has the tool at the position where `aws_lbd_art_builder_core` has the path, so each
    may stand in the other's place.
    """
    if isinstance(path_manifest, LayerBuildToolEnum):
        layer_build_tool, path_manifest = path_manifest, None
    if isinstance(layer_build_tool, Path):
        layer_build_tool, path_manifest = None, layer_build_tool
    if layer_build_tool is not None:
        tool = LayerBuildToolEnum(layer_build_tool)
        path = layout.get_path_manifest(tool) if path_manifest is None else Path(path_manifest)
        if path.name != tool.manifest_name:
            raise ProjectError(
                "manifest-ambiguous",
                f"path_manifest {path} is not the manifest of {tool.value}, {tool.manifest_name}: give only one",
            )
        return tool, path
    if path_manifest is None:
        raise ProjectError(
            "manifest-ambiguous",
            f"the manifest of {layout.path_pyproject_toml} is not known: give layer_build_tool or path_manifest",
        )
    path = Path(path_manifest)
    return next((tool for tool in LayerBuildToolEnum if tool.manifest_name == path.name), None), path


def read_manifest(path: Path) -> bytes:
    """Return the bytes of a manifest; a ProjectError if it is missing or carries a user name and password."""
    with reading(path, "path_manifest is the lock file that the layer is built from"):
        content = path.read_bytes()
    refuse_credentials(content.decode("utf-8", "replace"), path)
    return content


def built_from(layout: LayerPathLayout, path_manifest: Path) -> bytes:
    """Return the manifest as it was when the packages were installed.

    The builders here keep a copy of it in `repo`, which is cleared before the next build together with the zip.
    If another builder keeps none, it is the file as it is now.
    """
    with suppress(FileNotFoundError):
        return (layout.dir_repo / path_manifest.name).read_bytes()
    return read_manifest(path_manifest)


def md5(content: bytes) -> str:
    """Return the hex MD5, as the metadata in S3 spells it."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
