"""The four steps of the tree route in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.compat.logger import KeywordLogger
from constructs_lib.core.compat.manifest import built_from, read_manifest
from constructs_lib.core.compat.session import s3_client_of
from constructs_lib.core.compat.tree.zipper import create_layer_zip_file, move_to_dir_python
from constructs_lib.core.compat.uploads import upload_layer_zip_to_s3
from constructs_lib.core.compat.version_publisher import LambdaLayerVersionPublisher, tree_spec
from constructs_lib.core.deploy.clients import script_services
from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.target import MACHINES, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mypy_boto3_lambda import LambdaClient

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.compat.builders.base import T_BUILDER
    from constructs_lib.core.compat.session import S3Access
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
    from constructs_lib.core.publish.layout import HasUri, S3Location


@dataclass(frozen=True)
class LayerDeploymentWorkflow(KeywordLogger):
    """Build with any builder, zip, upload and publish. An unchanged layer is neither uploaded nor published."""

    builder: T_BUILDER
    path_manifest: Path
    s3dir_lambda: str | HasUri
    layer_name: str
    s3_client: S3Access
    lambda_client: LambdaClient
    ignore_package_list: Sequence[str] | None = None
    """Distributions to leave out; None is `default_ignore_package_list`."""
    publish_layer_version_kwargs: Mapping[str, Any] | None = None
    """`CompatibleRuntimes`, `CompatibleArchitectures`, `Description`, `LicenseInfo`."""
    smoke_test: bool = False
    """Import the packages; `publish_layer_version_kwargs` has to name one Python and one CPU."""
    compression: Compression = "standard"
    """Another compression makes another version: this route compares a layer's bytes."""

    def run(self) -> LayerDeployment:
        """Take all four steps; `is_new` of the result is True if a version was published."""
        attributes = self._attributes
        target = _target(attributes)
        if self.smoke_test and target is None:
            raise ProjectError(
                "smoke-test-without-target",
                "smoke_test needs one of CompatibleRuntimes and one of CompatibleArchitectures: they choose the "
                "Python that imports the packages",
            )
        manifest = read_manifest(self.path_manifest)
        self.step_1_build()
        self._refuse_change(manifest)
        archive = self._zip(target)
        spec = tree_spec(
            self.layer_name,
            self.s3dir_lambda,
            self.path_manifest.name,
            manifest,
            archive.sha256,
            attributes,
        )
        s3_client = s3_client_of(self.s3_client)
        with self.printed_lines(), script_services(s3_client, self.lambda_client) as services:
            return ensure_layer(services, spec, upload=self.step_3_upload)

    def step_1_build(self) -> None:
        """Run the builder."""
        self.builder.run()

    def step_2_package(self) -> Archive:
        """Write `layer.zip`, checked for the target that `publish_layer_version_kwargs` names."""
        return self._zip(_target(self._attributes))

    def step_3_upload(self) -> S3Location:
        """Put `layer.zip` to its place and return that place."""
        return upload_layer_zip_to_s3(
            self.s3_client,
            self.builder.path_layout.path_pyproject_toml,
            self.s3dir_lambda,
            self.path_manifest,
            self.verbose,
            self.printer,
        )

    def step_4_publish(self) -> LayerDeployment:
        """Publish the uploaded zip, unless a live version is the same."""
        return LambdaLayerVersionPublisher(
            self.builder.path_layout.path_pyproject_toml,
            self.s3dir_lambda,
            self.path_manifest,
            self.s3_client,
            self.layer_name,
            self.lambda_client,
            self.publish_layer_version_kwargs,
            verbose=self.verbose,
            printer=self.printer,
        ).run()

    @property
    def _attributes(self) -> LayerAttributes:
        return layer_attributes(self.layer_name, self.publish_layer_version_kwargs)

    def _refuse_change(self, manifest: bytes) -> None:
        contents = {
            read_manifest(self.path_manifest),
            built_from(self.builder.path_layout, self.path_manifest),
        }
        if contents != {manifest}:
            raise ProjectError(
                "lock-changed", f"{self.path_manifest} changed while the layer was built from it: run again"
            )

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


def _target(attributes: LayerAttributes) -> Target | None:
    """Return the one Python and CPU that a layer's attributes name; None if they name none or several."""
    runtimes, cpus = attributes.compatible_runtimes, attributes.compatible_architectures
    if len(runtimes) != 1 or len(cpus) != 1:
        return None
    python = runtimes[0].removeprefix("python")
    return Target(python, cpus[0]) if python in RUNTIMES and cpus[0] in MACHINES else None
