"""The statements that allow the publisher's work on one artifact: each names its resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct


def read_assets(assets: Sequence[s3_assets.Asset]) -> list[iam.PolicyStatement]:
    """Allow to read these staged files; no statement where nothing was built."""
    if not assets:
        return []
    resources = [asset.bucket.arn_for_objects(asset.s3_object_key) for asset in assets]
    return [iam.PolicyStatement(actions=["s3:GetObject"], resources=resources)]


def lay_out(bucket: s3.IBucket, prefix: str, *, destroy: bool) -> list[iam.PolicyStatement]:
    """Allow to read and write below the artifact's own prefix, and to delete there if `destroy`."""
    actions = [
        "s3:GetObject",
        "s3:PutObject",
        *(["s3:DeleteObject"] if destroy else []),
    ]
    return [
        *_use_key(bucket),
        iam.PolicyStatement(actions=actions, resources=[bucket.arn_for_objects(f"{prefix}/*")]),
        # Without it S3 answers 403 for a missing object too, and an error could not tell the two apart.
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{prefix}/*"]}},
        ),
    ]


def _use_key(bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    """Allow the use of the bucket's own key, through S3 alone; no statement where no key is known."""
    key = bucket.encryption_key
    if key is None:
        return []
    # The domain after the region differs from partition to partition.
    through_s3 = {"StringLike": {"kms:ViaService": f"s3.{cdk.Stack.of(bucket).region}.*"}}
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    return [iam.PolicyStatement(actions=actions, resources=[key.key_arn], conditions=through_s3)]


def list_functions() -> iam.PolicyStatement:
    """Allow to see which versions are in use: an action without resources (Service Authorization Reference)."""
    return iam.PolicyStatement(actions=["lambda:ListFunctions"], resources=["*"])


def read_staged_zip(bucket: s3.IBucket, prefix: str) -> list[iam.PolicyStatement]:
    """Allow to read the version of the zip that is published: Lambda reads it with the caller's rights."""
    staged = bucket.arn_for_objects(f"{prefix}/layer/layer.zip")
    return [iam.PolicyStatement(actions=["s3:GetObjectVersion"], resources=[staged])]


def publish_layer(scope: Construct, layer_name: str) -> list[iam.PolicyStatement]:
    """Allow to publish, list and read versions of one layer, and to delete one with wrong bytes."""
    layer = cdk.Stack.of(scope).format_arn(
        service="lambda",
        resource="layer",
        resource_name=layer_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    return [
        iam.PolicyStatement(
            actions=["lambda:PublishLayerVersion", "lambda:ListLayerVersions"], resources=[layer]
        ),
        iam.PolicyStatement(
            actions=["lambda:GetLayerVersion", "lambda:DeleteLayerVersion"], resources=[f"{layer}:*"]
        ),
    ]
