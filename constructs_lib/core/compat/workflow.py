"""The four steps of the tree route in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.manifest import built_from, read_manifest
from constructs_lib.core.compat.tree.zipper import create_layer_zip_file, move_to_dir_python
from constructs_lib.core.compat.uploads import upload_layer_zip_to_s3
from constructs_lib.core.compat.version_publisher import wanted_tree
from constructs_lib.core.deploy.clients import script_services
from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.target import MACHINES, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.compat.builders.base import T_BUILDER
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
    from constructs_lib.core.publish.layout import HasUri


@dataclass(frozen=True)
class LayerDeploymentWorkflow(BaseLogger):
    """Builds with any builder, zips, uploads and publishes; does neither of the last two if nothing changed."""

    builder: T_BUILDER
    path_manifest: Path
    s3dir_lambda: str | HasUri
    layer_name: str
    s3_client: S3Client
    lambda_client: LambdaClient
    ignore_package_list: Sequence[str] | None = None
    """Distributions to leave out; None is `default_ignore_package_list`."""
    publish_layer_version_kwargs: Mapping[str, Any] | None = None
    """`CompatibleRuntimes`, `CompatibleArchitectures`, `Description`, `LicenseInfo`."""
    smoke_test: bool = False
    """Import the packages; `publish_layer_version_kwargs` has to name one Python and one CPU."""
    compression: Compression = "standard"
    """Another one is another version: what this route publishes is known by its bytes."""

    def run(self) -> LayerDeployment:
        """All four steps. `is_new` says whether a version was published."""
        attributes = layer_attributes(self.layer_name, self.publish_layer_version_kwargs)
        target = _target(attributes)
        if self.smoke_test and target is None:
            msg = "smoke_test needs one of CompatibleRuntimes and one of CompatibleArchitectures: what imports the packages"
            raise ProjectError(msg)
        manifest = read_manifest(self.path_manifest)
        self.builder.run()
        self._refuse_change(manifest)
        archive = self._zip(target)
        wanted = wanted_tree(
            self.layer_name,
            S3Location.parse(self.s3dir_lambda),
            self.path_manifest.name,
            manifest,
            archive.sha256,
            attributes,
        )
        with self.printed_lines(), script_services(self.s3_client, self.lambda_client) as services:
            return ensure_layer(services, wanted, upload=self._upload)

    def _refuse_change(self, manifest: bytes) -> None:
        found = {read_manifest(self.path_manifest), built_from(self.builder.path_layout, self.path_manifest)}
        if found != {manifest}:
            msg = f"{self.path_manifest} changed while the layer was built from it: run again"
            raise ProjectError(msg)

    def _zip(self, target: Target | None) -> Archive:
        layout = self.builder.path_layout
        if not layout.dir_python.is_dir() or not any(layout.dir_python.iterdir()):
            move_to_dir_python(layout.dir_build_lambda_layer_repo_venv_site_packages, layout.dir_python)
        return create_layer_zip_file(
            layout.dir_python,
            layout.path_build_lambda_layer_zip,
            self.ignore_package_list,
            self.verbose,
            target=target,
            smoke_test=self.smoke_test,
            compression=self.compression,
            printer=self.printer,
        )

    def _upload(self) -> S3Location:
        return upload_layer_zip_to_s3(
            self.s3_client,
            self.builder.path_layout.path_pyproject_toml,
            self.s3dir_lambda,
            self.path_manifest,
            self.verbose,
            self.printer,
        )


def _target(attributes: LayerAttributes) -> Target | None:
    """What the layer is said to be for, if that is one Python and one CPU: then the zip is checked for it."""
    runtimes, cpus = attributes.compatible_runtimes, attributes.compatible_architectures
    if len(runtimes) != 1 or len(cpus) != 1:
        return None
    python = runtimes[0].removeprefix("python")
    return Target(python, cpus[0]) if python in RUNTIMES and cpus[0] in MACHINES else None
