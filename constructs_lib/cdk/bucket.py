"""The bucket of artifacts where the user names none: one for each stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk.answers import account_of, child_of, is_token, path_of, stack_of
from constructs_lib.cdk.nag import acknowledge

if TYPE_CHECKING:
    from constructs import Construct

BUCKET_ID = "ConstructsLibArtifacts"
"""Part of the bucket's logical id: with another id, a stack would get a new bucket without its records."""


def default_bucket(scope: Construct) -> s3.IBucket:
    """Return the stack's artifact bucket: private, versioned, TLS only, kept when the stack is deleted.

    It is kept because functions of older templates may still be rolled back to its artifacts; so is its policy, which
    refuses requests without TLS.
    """
    stack = stack_of(scope)
    existing = child_of(stack, BUCKET_ID)
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
            # Only layer/layer.zip is ever overwritten; a published version holds its own copy of it.
            s3.LifecycleRule(
                noncurrent_version_expiration=cdk.Duration.days(30),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            )
        ],
    )
    cast("s3.BucketPolicy", bucket.policy).apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    acknowledge(
        bucket,
        "AwsSolutions-S1",
        "Holds build artifacts that the handler alone writes and logs; access logs would need a second bucket "
        "in every stack. A bucket with access logs can be given: bucket=...",
    )
    return bucket


def bucket_properties(scope: Construct, bucket: s3.IBucket) -> dict[str, str]:
    """Return the handler's properties of a bucket; its owner only if that is known to be another account.

    S3 refuses a bucket of any other account, as one whose name was given up and taken again.
    """
    owner = account_of(bucket)
    is_foreign = not is_token(owner) and owner != stack_of(scope).account
    return {"Bucket": bucket.bucket_name, **({"BucketOwner": owner} if is_foreign else {})}


def is_stack_bucket(scope: Construct, bucket: s3.IBucket) -> bool:
    """Return whether it is the `default_bucket` of the stack of `scope`; that of another stack is a given bucket."""
    return path_of(bucket) == "/".join(filter(None, (path_of(stack_of(scope)), BUCKET_ID)))


def check_bucket(scope: Construct, bucket: s3.IBucket | None) -> None:
    """Refuse a bucket of another region; warn of one whose settings the app does not make."""
    if bucket is None:
        return
    region = stack_of(scope).region
    if not is_token(region + bucket.env.region) and bucket.env.region != region:
        raise ValueError(
            f"{path_of(scope)}: bucket {path_of(bucket)} is in {bucket.env.region}, the stack in {region}: "
            f"Lambda reads artifacts from its own region only"
        )
    if not cdk.Resource.is_owned_resource(bucket):
        cdk.Annotations.of(scope).add_warning_v2(
            "constructs-lib:imported-bucket",
            f"bucket {path_of(bucket)} is not made by this app: whether it refuses requests without TLS and "
            f"keeps versions cannot be checked here. Publishing works without both; require TLS in its policy",
        )
