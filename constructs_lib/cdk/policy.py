"""What the publisher may do for one artifact: every statement names its resource."""

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
    """Read exactly these staged files; none where nothing was built."""
    if not assets:
        return []
    resources = [asset.bucket.arn_for_objects(asset.s3_object_key) for asset in assets]
    return [iam.PolicyStatement(actions=["s3:GetObject", "s3:GetObjectVersion"], resources=resources)]


def lay_out(bucket: s3.IBucket, prefix: str, *, destroy: bool) -> list[iam.PolicyStatement]:
    """Read and write below the artifact's own prefix, and delete there only if it is asked for."""
    actions = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        *(["s3:DeleteObject"] if destroy else []),
    ]
    return [
        iam.PolicyStatement(actions=actions, resources=[bucket.arn_for_objects(f"{prefix}/*")]),
        # Without it S3 answers 403 for a missing object, and the error could not say which it was.
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{prefix}/*"]}},
        ),
    ]


def publish_layer(scope: Construct, layer_name: str) -> list[iam.PolicyStatement]:
    """Publish, list and read versions of one layer, and delete one whose bytes turn out wrong."""
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
