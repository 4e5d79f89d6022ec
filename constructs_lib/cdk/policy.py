"""The rights that the publisher needs for one artifact: each names its resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from constructs_lib.cdk.answers import address_of, stack_of
from constructs_lib.cdk.bucket import is_stack_bucket
from constructs_lib.cdk.rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct


def read_assets(assets: Sequence[s3_assets.Asset]) -> list[Right]:
    """Allow to read staged files; no right where nothing was built.

    All files of the staging bucket, as CDK's own `Asset.grant_read` allows: a policy that named the files would change
    with each change of code, and `cdk deploy` asks for an approval when a policy changes.
    """
    # All files of a stack are staged in one bucket.
    return [Right(("s3:GetObject",), (asset.bucket.arn_for_objects("*"),)) for asset in assets[:1]]


def lay_out(scope: Construct, bucket: s3.IBucket, prefix: str, *, destroy: bool, layer: bool) -> list[Right]:
    """Allow to read and write the artifact's place in the bucket, and to delete there if `destroy`.

    In the stack's own bucket that is every key, since nothing else is in it; elsewhere those below the prefix. Lambda
    reads the staged zip of a layer by its version, with the caller's rights.
    """
    every_key = is_stack_bucket(scope, bucket)
    below = "*" if every_key else f"{prefix}/*"
    actions = (
        *(["s3:DeleteObject"] if destroy else []),
        "s3:GetObject",
        *(["s3:GetObjectVersion"] if layer else []),
        "s3:PutObject",
    )
    key = bucket.encryption_key
    owner = _other_stack(scope, bucket)
    bucket_arn = bucket.bucket_arn
    return [
        *(use_key(scope, bucket, key.key_arn) if key is not None else []),
        Right(actions, (f"{bucket_arn}/{below}",), owner=owner),
        # Without it S3 answers 403 for a missing object too, and an error could not tell the two apart.
        Right(("s3:ListBucket",), (bucket_arn,), () if every_key else (below,), owner=owner),
    ]


def use_key(scope: Construct, bucket: s3.IBucket, key_arn: str) -> list[Right]:
    """Allow the use of the bucket's own key, through S3 alone."""
    # The domain after the region differs from partition to partition.
    through_s3 = ("kms:ViaService", f"s3.{stack_of(bucket).region}.*")
    owner = _other_stack(scope, bucket)
    return [Right(("kms:Decrypt", "kms:GenerateDataKey"), (key_arn,), condition=through_s3, owner=owner)]


def _other_stack(scope: Construct, bucket: s3.IBucket) -> str:
    stack = address_of(stack_of(bucket))
    return "" if stack == address_of(stack_of(scope)) else stack


def list_functions() -> Right:
    """Allow to see which versions are in use: an action without resources (Service Authorization Reference)."""
    return Right(("lambda:ListFunctions",), ("*",))


def publish_layer(scope: Construct, layer_name: str) -> list[Right]:
    """Allow to publish, list and read versions of one layer, and to delete one with wrong bytes."""
    layer = stack_of(scope).format_arn(
        service="lambda",
        resource="layer",
        resource_name=layer_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    return [
        Right(("lambda:PublishLayerVersion", "lambda:ListLayerVersions"), (layer,)),
        Right(("lambda:GetLayerVersion", "lambda:DeleteLayerVersion"), (f"{layer}:*",)),
    ]
