"""A Lambda layer from a project's lock file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from aws_cdk.interfaces.aws_lambda import LayerVersionReference

from constructs_lib.cdk import policy
from constructs_lib.cdk.answers import stack_of
from constructs_lib.cdk.arguments import (
    check_entry,
    check_keep_versions,
    check_layer_name,
    check_length,
    check_parameter_name,
    claim_prefix,
    removal,
    s3_prefix,
    typed,
    unique_name,
)
from constructs_lib.cdk.bucket import bucket_properties, check_bucket, default_bucket
from constructs_lib.cdk.layer_assets import LayerRequest, build_staged
from constructs_lib.cdk.permission import LayerPermission
from constructs_lib.cdk.publisher import Publisher
from constructs_lib.cdk.reference import refer
from constructs_lib.cdk.runtime import cdk_runtime, resolve_target, spellings
from constructs_lib.cdk.stage_checks import StageChecks
from constructs_lib.core.aws_facts import LICENSE_LENGTH
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.publish.layers.content_name import content_name
from constructs_lib.core.publish.ownership import description_limit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct

    from constructs_lib.cdk.rights import Right
    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.wheels.container import Container

RESOURCE_TYPE = "Custom::PythonLayerArtifact"


@jsii.implements(lambda_.ILayerVersion)
class PythonLayerArtifact(cdk.Resource):
    """A layer, built at synth from the lock file in `entry` and published when the stack is deployed.

    It is a layer version itself: `Function(layers=[artifact])`.
    """

    @typed
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
        exclude_files: Sequence[str] = (),
        container: Container | bool | str | None = None,
        compression: Compression = "standard",
        compile_bytecode: bool = False,
        smoke_test: bool = False,
        credentials: Sequence[Credentials] = (),
        bucket: s3.IBucket | None = None,
        prefix: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        keep_versions: int | None = None,
        ssm_parameter_name: str | None = None,
        report: str | Path | None = None,
        acknowledge: Sequence[str] = (),
    ) -> None:
        """Build the layer, and make the resource that publishes it.

        :param entry: folder with a lock file; a relative path is relative to the working
            directory, which under the CDK CLI is the folder of `cdk.json`.
        :param runtime: the functions' Python. Default: the newest Lambda runtime that `requires-python` allows.
        :param architecture: the functions' CPU. Default: x86_64.
        :param layer_version_name: the layer's name. Default: made of the construct's path.
        :param description: of each layer version, up to 231 characters, or 208 where a version may be deleted
            (DESTROY, RETAIN_ON_UPDATE_OR_DELETE): the rest is for the mark of the version. Default: none.
        :param license: of the layer's content, up to 512 characters. Default: none.
        :param build_tool: whose lock file decides: `uv`, `poetry`, `pdm`, `pipenv`, `pip` or `pylock`. Default:
            the one that is in `entry`; two of them are an error.
        :param extras: extras of the project to add. Default: none.
        :param groups: dependency groups to add, `dev` for instance. Default: none.
        :param only_groups: dependency groups to take instead of the main dependencies. Default: none.
        :param allow_extra_index_url: accept `--extra-index-url` in a `requirements.txt`. Default: refuse it.
        :param ignore_package_list: distributions to leave out. Default: `default_ignore_package_list`, what
            Lambda's runtime has and tools for building and testing.
        :param exclude_files: `.gitignore` patterns of files of the wheels to leave out, `tests/` or `*.pyi` for instance;
            `.dist-info` folders always stay. With `smoke_test` every module that imported before still does, or
            the build stops. Default: none.
        :param container: where wheels are built that the index lacks for the target: True for the SAM build
            image of runtime and architecture, or an image's name, best with its digest (`…@sha256:…`). Needs
            Docker the first time. Default: none, and a package without a fitting wheel is an error.
        :param compression: `smallest` makes the zip about 5 % smaller, and takes several seconds the first time
            that a wheel is seen. It publishes no new version by itself. Default: `standard`.
        :param compile_bytecode: add bytecode, for shorter cold starts and a larger zip. Needs a Python of the
            runtime's version on this machine, or `container`. Default: False.
        :param smoke_test: import what was built, with a Python of the runtime's version on this machine, and warn of
            what fails; runs the packages' code. Default: False.
        :param credentials: for private indexes; used while the app synthesizes and in no output. Default: those in
            environment, netrc and keyring.
        :param bucket: where artifacts are laid out. Default: one private, versioned bucket for each stack.
        :param prefix: folder in the bucket, for this layer alone. Default: `lambda/{layer_version_name}`.
        :param removal_policy: of published versions that are no longer used: RETAIN (the default) keeps them,
            so that a rollback finds its version; DESTROY deletes those that this construct published;
            RETAIN_ON_UPDATE_OR_DELETE deletes one only if the deployment that first made it fails.
        :param keep_versions: with DESTROY, how many versions stay, the one in use among them; at least 2.
            A version that a function of this account and region uses stays too. Default: the one in use.
        :param ssm_parameter_name: of a parameter in the SSM parameter store that holds the version's ARN.
            Default: none.
        :param report: file for an HTML page of the layer's contents, `build/layer.html` for instance, written
            when the layer is built; needs the extra `report`. Default: none.
        :param acknowledge: findings to accept, each for one distribution: with `wrong-cpu:demo` that error does not
            stop the build, and the construct gets an info instead. Default: none.
        """
        super().__init__(scope, construct_id)
        self.layer_version_name = check_layer_name(self, layer_version_name or unique_name(self))
        self._target = resolve_target(self, check_entry(self, entry), runtime, architecture)
        self._runtime = runtime or cdk_runtime(self._target)
        self._removal = removal(self, removal_policy)
        self._description = check_length(self, "description", description, description_limit(self._removal))
        self._license = check_length(self, "license", license, LICENSE_LENGTH)
        self._keep_versions = check_keep_versions(self, keep_versions, self._removal)
        check_parameter_name(self, ssm_parameter_name)
        check_bucket(self, bucket)
        self.prefix = s3_prefix(self, prefix, self.layer_version_name)
        options = LayerOptions(
            lock=LockOptions(
                build_tool, tuple(extras), tuple(groups), tuple(only_groups), allow_extra_index_url
            ),
            ignore_package_list=ignore_package_list,
            exclude_files=exclude_files,
            container=container,
            credentials=credentials,
            smoke_test=smoke_test,
            compression=compression,
            compile_bytecode=compile_bytecode,
            acknowledge=acknowledge,
        )
        request = LayerRequest(entry, self._target, options, report)
        built = build_staged(self, request, meanwhile=lambda: self._make_surroundings(bucket))
        properties = {**self._fixed_properties(), **built.properties}
        self._resource = self.publisher.custom_resource(
            self,
            RESOURCE_TYPE,
            properties=properties,
            rights=self._rights(built.assets),
            removal_policy=removal_policy,
        )
        content = content_name(stack_of(self).resolve(properties))
        self._arn = refer(self._resource, "LayerVersionArn", content)
        if built.artifact is not None:
            StageChecks.of(self).add_layer(self, content, built.artifact)
        if ssm_parameter_name is not None:
            self._publish_parameter(ssm_parameter_name)

    def _rights(self, assets: Sequence[s3_assets.Asset]) -> list[Right]:
        return [
            *policy.read_assets(assets),
            *policy.lay_out(self, self.bucket, self.prefix, destroy=self._removal != "retain", layer=True),
            *policy.publish_layer(self, self.layer_version_name),
            *([policy.list_functions()] if self._keep_versions else []),
        ]

    def _make_surroundings(self, bucket: s3.IBucket | None) -> None:
        self.bucket = bucket or default_bucket(self)
        claim_prefix(self, self.bucket, self.prefix)
        self.publisher = Publisher.of(self)
        self.publisher.follow(self.bucket)

    def apply_removal_policy(self, policy: cdk.RemovalPolicy) -> None:
        """Change the removal policy of published versions, as `removal_policy` sets it."""
        self._removal = removal(self, policy)
        self._resource.apply_removal_policy(policy)

    @property
    def layer_version_arn(self) -> str:
        """The ARN of the published version, known when the stack is deployed."""
        return self._arn

    @property
    def layer_version_ref(self) -> LayerVersionReference:
        """The ARN as a reference, for constructs that take one."""
        return LayerVersionReference(layer_version_arn=self.layer_version_arn)

    @property
    def compatible_runtimes(self) -> list[lambda_.Runtime]:
        """The one runtime the layer was built for: wheels of another Python would not load."""
        return spellings(self._runtime)

    @typed
    def add_permission(
        self,
        id: str,  # noqa: A002 - the name in ILayerVersion
        *,
        account_id: str,
        organization_id: str | None = None,
    ) -> None:
        """Allow another account, or with `*` an organization's accounts, to use the version, and each new one.

        Versions that stay keep their permission, so that functions of other accounts can still be
        deployed and rolled back with them.
        """
        LayerPermission(
            self,
            id,
            layer_version_arn=self._resource.get_att_string("LayerVersionArn"),
            account_id=account_id,
            organization_id=organization_id,
            keep_on_old_versions=self._removal != "destroy" or self._keep_versions is not None,
        )

    def _publish_parameter(self, name: str) -> None:
        from aws_cdk import aws_ssm as ssm

        ssm.CfnParameter(
            self,
            "ArnParameter",
            type="String",
            name=name,
            value=self._resource.get_att_string("LayerVersionArn"),
            description=f"ARN of the newest version of the Lambda layer {self.layer_version_name}",
        )

    def _fixed_properties(self) -> dict[str, object]:
        optional = {
            "Description": self._description,
            "LicenseInfo": self._license,
            "KeepVersions": self._keep_versions,
        }
        return {
            "SchemaVersion": "1",
            "LayerName": self.layer_version_name,
            **bucket_properties(self, self.bucket),
            "Prefix": self.prefix,
            "CompatibleRuntimes": [f"python{self._target.python_version}"],
            "CompatibleArchitectures": [self._target.architecture],
            "RemovalPolicy": self._removal,
            **{name: value for name, value in optional.items() if value is not None},
        }
