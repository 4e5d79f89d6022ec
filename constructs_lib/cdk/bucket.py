"""The bucket that artifacts are laid out in where the user names none: one for each stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk.nag import acknowledge

if TYPE_CHECKING:
    from constructs import Construct

BUCKET_ID = "ConstructsLibArtifacts"
"""Part of the bucket's logical id: another one would be another bucket, without the records of this one."""


def default_bucket(scope: Construct) -> s3.IBucket:
    """The stack's artifact bucket: private, versioned, TLS only, kept when the stack is deleted.

    It is kept because functions of older templates may still be rolled back to what lies in it.
    """
    stack = cdk.Stack.of(scope)
    existing = stack.node.try_find_child(BUCKET_ID)
    if existing is not None:
        return cast("s3.IBucket", existing)
    bucket = s3.Bucket(
        stack,
        BUCKET_ID,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        lifecycle_rules=[
            # Only layer/layer.zip is ever overwritten; what a version was published from is in the version.
            s3.LifecycleRule(
                noncurrent_version_expiration=cdk.Duration.days(30),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            )
        ],
    )
    acknowledge(
        bucket,
        "AwsSolutions-S1",
        "Holds build artifacts that the handler alone writes and logs; access logs would need a second bucket "
        "in every stack. A bucket with access logs can be given: bucket=...",
    )
    return bucket


def check_bucket(scope: Construct, bucket: s3.IBucket | None) -> None:
    """Say what cannot be seen of a bucket that the app does not make, and refuse one of another region."""
    if bucket is None:
        return
    here = cdk.Stack.of(scope).region
    if not cdk.Token.is_unresolved(here + bucket.env.region) and bucket.env.region != here:
        msg = (
            f"{scope.node.path}: bucket {bucket.node.path} is in {bucket.env.region}, the stack in {here}: "
            f"Lambda reads artifacts from its own region only"
        )
        raise ValueError(msg)
    if not cdk.Resource.is_owned_resource(bucket):
        cdk.Annotations.of(scope).add_warning_v2(
            "constructs-lib:imported-bucket",
            f"bucket {bucket.node.path} is not made by this app: whether it refuses requests without TLS and "
            f"keeps versions cannot be seen here. Publishing works without both; see to TLS in its policy",
        )
