"""A Lambda layer from a project's lock file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from aws_cdk.interfaces.aws_lambda import LayerVersionReference

from constructs_lib.cdk import policy
from constructs_lib.cdk.bucket import default_bucket
from constructs_lib.cdk.build import NOT_BUILT, build_at_synth, file_asset, scratch_folder
from constructs_lib.cdk.options import (
    DESCRIPTION_LIMIT,
    check_layer_name,
    check_length,
    removal,
    s3_prefix,
    unique_name,
)
from constructs_lib.cdk.publisher import Publisher
from constructs_lib.cdk.target import cdk_runtime, resolve_target
from constructs_lib.core.lock import LockOptions
from constructs_lib.core.package import LayerArtifact, build_layer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct

    from constructs_lib.core.credentials import Credentials
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.wheels import Container

RESOURCE_TYPE = "Custom::PythonLayerArtifact"


@jsii.implements(lambda_.ILayerVersion)
class PythonLayerArtifact(cdk.Resource):
    """Builds a layer at synth from the lock file in `entry` and publishes it when the stack is deployed.

    It is a layer version itself: `Function(layers=[artifact])`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        entry: str | Path,
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        layer_version_name: str | None = None,
        description: str | None = None,
        license: str | None = None,  # noqa: A002 - CDK's name for it
        build_tool: str | None = None,
        extras: Sequence[str] = (),
        groups: Sequence[str] = (),
        only_groups: Sequence[str] = (),
        allow_extra_index_url: bool = False,
        ignore_package_list: Sequence[str] | None = None,
        container: Container | bool | str | None = None,
        credentials: Sequence[Credentials] = (),
        bucket: s3.IBucket | None = None,
        prefix: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        """Build and publish.

        :param entry: folder with `pyproject.toml` and a lock file; a relative path is relative to the working
            directory, which under the CDK CLI is the folder of `cdk.json`.
        :param runtime: the functions' Python. Default: the newest Lambda runtime that `requires-python` allows.
        :param architecture: the functions' CPU. Default: x86_64.
        :param layer_version_name: the layer's name. Default: made of the construct's path.
        :param description: of each layer version, up to 256 characters; with DESTROY the handler needs 25 of
            them for the mark that says who may delete the version. Default: none.
        :param license: of the layer's content, up to 512 characters. Default: none.
        :param build_tool: whose lock file decides: `uv`, `poetry`, `pip` or `pylock`. Default: the one that is
            in `entry`; two of them are an error.
        :param extras: extras of the project to add. Default: none.
        :param groups: dependency groups to add, `dev` for instance. Default: none.
        :param only_groups: dependency groups to take instead of the main dependencies. Default: none.
        :param allow_extra_index_url: accept `--extra-index-url` in a `requirements.txt`. Default: refuse it.
        :param ignore_package_list: distributions to leave out. Default: `default_ignore_package_list`, what
            Lambda's runtime brings and tools for building and testing.
        :param container: where wheels are built that the index lacks for the target: True for the SAM build
            image of runtime and architecture, or an image's name, best with its digest (`…@sha256:…`). Needs
            Docker the first time. Default: none, and a package without a fitting wheel is an error.
        :param credentials: for private indexes; used while the app synthesizes and in no output. Default: what
            environment, netrc and keyring know.
        :param bucket: where artifacts are laid out. Default: one private, versioned bucket for each stack.
        :param prefix: folder in the bucket, for this layer alone. Default: `lambda/{layer_version_name}`.
        :param removal_policy: of published versions that are no longer used: RETAIN (the default) keeps them,
            so that a rollback finds its version; DESTROY deletes those that this construct published.
        """
        super().__init__(scope, construct_id)
        self.layer_version_name = check_layer_name(self, layer_version_name or unique_name(self))
        self._entry = entry
        self._target = resolve_target(self, entry, runtime, architecture)
        self._runtime = runtime or cdk_runtime(self._target)
        self._lock_options = LockOptions(
            build_tool, tuple(extras), tuple(groups), tuple(only_groups), allow_extra_index_url
        )
        self._ignore = ignore_package_list
        self._container = container
        self._removal = removal(self, removal_policy)
        self._description = check_length(self, "description", description, DESCRIPTION_LIMIT[self._removal])
        self._license = check_length(self, "license", license, 512)
        self.bucket = bucket or default_bucket(self)
        self.prefix = s3_prefix(self, prefix, self.layer_version_name)
        properties, assets = self._build(credentials)
        self._resource = Publisher.of(self).custom_resource(
            self,
            RESOURCE_TYPE,
            properties={**self._fixed_properties(), **properties},
            statements=[
                *policy.read_assets(assets),
                *policy.lay_out(self.bucket, self.prefix, destroy=self._removal == "destroy"),
                *policy.publish_layer(self, self.layer_version_name),
            ],
            removal_policy=removal_policy,
        )

    @property
    def layer_version_arn(self) -> str:
        """The ARN of the published version, known when the stack is deployed."""
        return self._resource.get_att_string("LayerVersionArn")

    @property
    def layer_version_ref(self) -> LayerVersionReference:
        """The same as a reference, for constructs that take one."""
        return LayerVersionReference(layer_version_arn=self.layer_version_arn)

    @property
    def compatible_runtimes(self) -> list[lambda_.Runtime]:
        """The one runtime the layer was built for: wheels of another Python would not load."""
        return [self._runtime]

    def add_permission(
        self,
        id: str,  # noqa: A002 - the name in ILayerVersion
        *,
        account_id: str,
        organization_id: str | None = None,
    ) -> None:
        """Let another account, or with `*` and an organization its accounts, use the published version."""
        lambda_.CfnLayerVersionPermission(
            self,
            id,
            action="lambda:GetLayerVersion",
            layer_version_arn=self.layer_version_arn,
            principal=account_id,
            organization_id=organization_id,
        )

    def _build(self, credentials: Sequence[Credentials]) -> tuple[dict[str, str], list[s3_assets.Asset]]:
        """Build, or not; the properties that depend on it, and the staged files."""
        with scratch_folder() as folder:

            def build(progress: Progress) -> LayerArtifact:
                path = folder / "layer.zip"
                return build_layer(
                    self._entry,
                    path,
                    self._target,
                    lock_options=self._lock_options,
                    ignore_package_list=self._ignore,
                    container=self._container,
                    credentials=credentials,
                    progress=progress,
                )

            artifact = build_at_synth(self, build)
            if artifact is None:
                return {"LayerSha256": NOT_BUILT}, []
            for finding in artifact.warnings:
                cdk.Annotations.of(self).add_warning_v2(f"constructs-lib:{finding.id}", finding.text)
            return self._staged(artifact, folder)

    def _staged(self, artifact: LayerArtifact, folder: Path) -> tuple[dict[str, str], list[s3_assets.Asset]]:
        manifest = folder / artifact.manifest.name
        manifest.write_bytes(artifact.manifest.content)
        layer_asset = file_asset(self, "LayerZip", artifact.archive.path, artifact.archive.sha256)
        manifest_asset = file_asset(
            self, "Manifest", manifest, hashlib.sha256(artifact.manifest.content).hexdigest()
        )
        return {
            "AssetBucket": layer_asset.s3_bucket_name,
            "AssetKey": layer_asset.s3_object_key,
            "LayerSha256": artifact.archive.sha256,
            "ManifestName": artifact.manifest.name,
            "ManifestAssetBucket": manifest_asset.s3_bucket_name,
            "ManifestAssetKey": manifest_asset.s3_object_key,
            "ManifestMd5": artifact.manifest_md5,
            "Fingerprint": artifact.fingerprint,
        }, [layer_asset, manifest_asset]

    def _fixed_properties(self) -> dict[str, object]:
        optional = {"Description": self._description, "LicenseInfo": self._license}
        return {
            "SchemaVersion": "1",
            "LayerName": self.layer_version_name,
            "Bucket": self.bucket.bucket_name,
            "Prefix": self.prefix,
            "CompatibleRuntimes": [f"python{self._target.python_version}"],
            "CompatibleArchitectures": [self._target.architecture],
            "RemovalPolicy": self._removal,
            **{name: value for name, value in optional.items() if value is not None},
        }
