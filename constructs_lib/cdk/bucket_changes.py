"""Changes that aspects make to an artifact's bucket: another key, or its deletion with the stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk.answers import child_of, path_of, stack_of
from constructs_lib.cdk.aspects import after_aspects
from constructs_lib.cdk.bucket import BUCKET_ID, is_stack_bucket
from constructs_lib.cdk.policy import use_key
from constructs_lib.cdk.rights import Right

if TYPE_CHECKING:
    from constructs import IConstruct

    from constructs_lib.cdk.publisher import Publisher

CONTENT_TYPE = "Custom::ConstructsLibBucketContent"
_CONTENT_ID = "BucketContent"


def follow_bucket(publisher: Publisher, bucket: s3.IBucket) -> None:
    """Follow what aspects change of the bucket, where this app makes it."""
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        return
    follow = publisher.reads.add if is_stack_bucket(publisher, bucket) else after_aspects
    follow(resource, lambda: _follow_key(publisher, bucket, resource))


def empty_at_the_end(publisher: Publisher) -> None:
    """Empty the stack's own bucket before CloudFormation deletes it, after the artifacts that are deleted in it."""
    stack = stack_of(publisher)
    bucket = cast("s3.IBucket | None", child_of(stack, BUCKET_ID))
    if bucket is None or not _is_deleted(bucket):
        return
    retained = [path_of(resource) for resource in publisher.artifacts_in(bucket) if not _is_deleted(resource)]
    if retained:
        cdk.Annotations.of(bucket).add_warning_v2(
            "constructs-lib:kept-in-bucket",
            f"this bucket is deleted with its stack, and {', '.join(retained)} in it is kept: so the bucket is not emptied, "
            f"and its deletion fails. Give both the same removal policy",
        )
        return
    content = child_of(publisher, _CONTENT_ID) or publisher.custom_resource(
        publisher,
        CONTENT_TYPE,
        construct_id=_CONTENT_ID,
        properties={"SchemaVersion": "1", "Bucket": bucket.bucket_name},
        rights=[
            Right(("cloudformation:DescribeStacks",), (stack.stack_id,)),
            Right(("s3:ListBucketVersions",), (bucket.bucket_arn,)),
            Right(("s3:DeleteObject", "s3:DeleteObjectVersion"), (bucket.arn_for_objects("*"),)),
        ],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    for artifact in publisher.artifacts_in(bucket):
        artifact.node.add_dependency(content)


def _is_deleted(construct: IConstruct) -> bool:
    """Return whether CloudFormation deletes it with its stack."""
    resource = cast("cdk.CfnResource", construct.node.default_child)
    return resource.cfn_options.deletion_policy == cdk.CfnDeletionPolicy.DELETE


def _follow_key(publisher: Publisher, bucket: s3.IBucket, resource: s3.CfnBucket) -> None:
    """Allow the use of a key that the bucket had not when the artifact was made."""
    key = _key_of(resource)
    if key is None or (bucket.encryption_key is not None and key == bucket.encryption_key.key_arn):
        return
    stack = stack_of(resource)
    match stack.resolve(key):
        case {"Fn::GetAtt": [_, "Arn"]}:
            arn = key
        case {"Ref": _} if _is_key(key):
            arn = _arn(stack, key)
        case str(text) if re.fullmatch(r"arn:[^:]+:kms:[^:]+:[^:]+:key/.+", text):
            arn = key
        case str(text) if re.fullmatch(r"(mrk-)?[0-9a-f-]{32,36}", text):
            arn = _arn(stack, key)
        case _:
            cdk.Annotations.of(publisher).add_warning_v2(
                "constructs-lib:bucket-key",
                f"the key of bucket {path_of(bucket)} is not named by its ARN or id, so the publisher gets no right to "
                f"use it: add key.grant_encrypt_decrypt(artifact.publisher.role)",
            )
            return
    publisher.allow_all(use_key(publisher, bucket, arn))


def _arn(stack: cdk.Stack, key_id: str) -> str:
    return stack.format_arn(service="kms", resource="key", resource_name=key_id)


def _is_key(reference: str) -> bool:
    """Return whether it refers to a key of this app, whose value is the key's id; a parameter may be anything."""
    token = cdk.Tokenization.reverse(reference)
    return (
        isinstance(token, cdk.Reference)
        and isinstance(token.target, cdk.CfnResource)
        and token.target.cfn_resource_type == "AWS::KMS::Key"
    )


def _key_of(resource: s3.CfnBucket) -> str | None:
    """Return the key that the bucket's template names; None where it has none, or an override names it."""
    encryption = resource.bucket_encryption
    if not isinstance(encryption, s3.CfnBucket.BucketEncryptionProperty):
        return None
    rules = encryption.server_side_encryption_configuration
    for rule in rules if isinstance(rules, list) else []:
        default = getattr(rule, "server_side_encryption_by_default", None)
        key = getattr(default, "kms_master_key_id", None)
        if key is not None:
            return str(key)
    return None
