"""The code of a function: a staged zip, or one that was laid out in the artifact bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk.answers import address_of, child_of, stack_of
from constructs_lib.cdk.stage_checks import StageChecks
from constructs_lib.cdk.synth import file_asset, staged_file
from constructs_lib.core.publish.layout import NOT_BUILT

if TYPE_CHECKING:
    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct

    from constructs_lib.core.inspect.function_checks import UsedCode


class _CodeInBucket(lambda_.Code):
    """A zip in S3 under a key that is named by its content.

    `Code.from_bucket` would warn that CDK cannot see a change of the object; here a change is another key.
    """

    def __init__(self, used: UsedCode | None) -> None:
        super().__init__()
        self._used = used

    def bind_to_resource(self, resource: cdk.CfnResource, *, resource_property: str | None = None) -> None:
        """Note the function for the checks of its stage."""
        del resource_property
        if self._used is not None:
            StageChecks.of(resource).add_use(resource, self._used)

    @property
    def is_inline(self) -> bool:
        return False


class LaidOutCode(_CodeInBucket):
    """The zip that the handler lays out, in the artifact bucket."""

    def __init__(self, location: s3.Location, used: UsedCode | None) -> None:
        super().__init__(used)
        self._location = location

    def bind(self, scope: Construct) -> lambda_.CodeConfig:
        del scope  # needs no construct of its own
        return lambda_.CodeConfig(s3_location=self._location)


class StagedCode(_CodeInBucket):
    """The staged zip itself, as `Code.from_asset` has it: `cdk deploy --hotswap`, `cdk watch` and SAM read it."""

    def __init__(self, asset: s3_assets.Asset, sha256: str, used: UsedCode | None) -> None:
        super().__init__(used)
        self._asset = asset
        self._sha256 = sha256

    def bind(self, scope: Construct) -> lambda_.CodeConfig:
        """Return the place of the asset; a function of another stack gets an asset of its own stack."""
        asset = self._asset_for(scope)
        location = s3.Location(bucket_name=asset.s3_bucket_name, object_key=asset.s3_object_key)
        return lambda_.CodeConfig(s3_location=location)

    def bind_to_resource(self, resource: cdk.CfnResource, *, resource_property: str | None = None) -> None:
        """Add the metadata by which SAM and editors find the files of the function."""
        super().bind_to_resource(resource)
        self._asset_for(resource).add_resource_metadata(resource, resource_property or "Code")

    def _asset_for(self, scope: Construct) -> s3_assets.Asset:
        stack = stack_of(scope)
        if address_of(stack) == address_of(stack_of(self._asset)):
            return self._asset
        construct_id = f"SourceZip{self._sha256[:16]}"
        copy = cast("s3_assets.Asset | None", child_of(stack, construct_id))
        return copy or file_asset(stack, construct_id, staged_file(self._asset), self._sha256)


class UnbuiltCode(_CodeInBucket):
    """No zip, since the stack of the artifact was not selected: a function that is deployed has an error."""

    def __init__(self, artifact: str) -> None:
        super().__init__(None)
        self._artifact = artifact

    def bind(self, scope: Construct) -> lambda_.CodeConfig:
        if stack_of(scope).bundling_required:
            cdk.Annotations.of(scope).add_error(
                f"the code of this function was not built, since the stack of its {self._artifact} is not selected: "
                "select both stacks, leave --exclusively out, or make the artifact in the function's stack"
            )
        return lambda_.CodeConfig(s3_location=s3.Location(bucket_name=NOT_BUILT, object_key=NOT_BUILT))
