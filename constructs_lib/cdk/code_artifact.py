"""A zip of a function's code as a construct: what sources and functions in one zip have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.cdk import policy
from constructs_lib.cdk.arguments import check_entry, claim_prefix, removal, s3_prefix, unique_name
from constructs_lib.cdk.bucket import bucket_properties, check_bucket, default_bucket
from constructs_lib.cdk.code import LaidOutCode, StagedCode, UnbuiltCode
from constructs_lib.cdk.publisher import Publisher
from constructs_lib.cdk.reference import refer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import aws_cdk as cdk
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_s3_assets as s3_assets

    from constructs_lib.core.inspect.function_checks import UsedCode


class CodeArtifact(Construct):
    """A zip that is built at synth and laid out in S3 on deploy.

    `code` goes into `Function(code=…)`; `laid_out_code` is the copy in the artifact bucket.
    """

    bucket: s3.IBucket
    """The artifact bucket, which holds the laid out zip."""
    publisher: Publisher

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        entry: str | Path,
        place: tuple[s3.IBucket | None, str | None],
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        """Check the arguments; `place` is bucket and prefix."""
        super().__init__(scope, construct_id)
        check_entry(self, entry)
        self._given_bucket, prefix = place
        self._removal_policy, self._removal = removal_policy, removal(self, removal_policy)
        check_bucket(self, self._given_bucket)
        self.prefix = s3_prefix(self, prefix, unique_name(self))

    def _make_surroundings(self) -> None:
        self.bucket = self._given_bucket or default_bucket(self)
        claim_prefix(self, self.bucket, self.prefix)
        self.publisher = Publisher.of(self)
        self.publisher.follow(self.bucket)

    def _lay_out(
        self,
        resource_type: str,
        properties: Mapping[str, object],
        assets: Sequence[s3_assets.Asset],
        sha256: str,
        used: UsedCode | None,
    ) -> None:
        """Make the resource; the first of `assets` is the zip, and there is none where nothing was built."""
        self._zip, self._sha256, self._used = next(iter(assets), None), sha256, used
        self._resource = self.publisher.custom_resource(
            self,
            resource_type,
            properties={
                "SchemaVersion": "1",
                **bucket_properties(self, self.bucket),
                "Prefix": self.prefix,
                **properties,
                "RemovalPolicy": self._removal,
            },
            rights=[
                *policy.read_assets(assets),
                *policy.lay_out(
                    self, self.bucket, self.prefix, destroy=self._removal != "retain", layer=False
                ),
            ],
            removal_policy=self._removal_policy,
        )

    @property
    def code(self) -> lambda_.Code:
        """The zip as a staged asset, for `Function(code=…)`."""
        if self._zip is None:
            return UnbuiltCode(type(self).__name__)
        return StagedCode(self._zip, self._sha256, self._used)

    @property
    def laid_out_code(self) -> lambda_.Code:
        """The zip that was laid out in `bucket`, for functions that must run from there.

        It is known when the stack is deployed, so `cdk deploy --hotswap`, `cdk watch` and SAM cannot follow it.
        """
        return LaidOutCode(self.laid_out_location, self._used)

    @property
    def laid_out_location(self) -> s3.Location:
        """Bucket and key of the zip that was laid out, for resources that take no `Code`, as Lambda Web Functions.

        The key contains the hash of the zip, so no other object takes its place.
        """
        bucket_name = self._resource.get_att_string("Bucket")
        key = refer(self._resource, "Key", self._sha256)
        return s3.Location(bucket_name=bucket_name, object_key=key)

    @property
    def s3_uri(self) -> str:
        """The address of the zip that was laid out."""
        return self._resource.get_att_string("S3Uri")
