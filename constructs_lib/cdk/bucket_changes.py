"""What aspects change of an artifact's bucket: its key, and whether it goes with its stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk.aspects import after_aspects
from constructs_lib.cdk.bucket import is_own_bucket
from constructs_lib.cdk.policy import use_key
from constructs_lib.cdk.rights import Right
from constructs_lib.core.publish.layout import DELETE_CONTENT_TAG

if TYPE_CHECKING:
    from constructs_lib.cdk.publisher import Publisher

CONTENT_TYPE = "Custom::ConstructsLibBucketContent"


def follow_bucket(publisher: Publisher, bucket: s3.IBucket) -> None:
    """Follow what aspects change of the bucket, where this app makes it."""
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        return

    def read() -> None:
        _follow_key(publisher, bucket, resource)
        if is_own_bucket(bucket) and resource.cfn_options.deletion_policy == cdk.CfnDeletionPolicy.DELETE:
            _delete_content(publisher, bucket, resource)

    after_aspects(resource, read)


def _follow_key(publisher: Publisher, bucket: s3.IBucket, resource: s3.CfnBucket) -> None:
    """Allow the use of a key that the bucket had not when the artifact was made."""
    key = _key_of(resource)
    if key is None or (bucket.encryption_key is not None and key == bucket.encryption_key.key_arn):
        return
    stack = cdk.Stack.of(resource)
    match stack.resolve(key):
        case {"Fn::GetAtt": [_, "Arn"]}:
            arn = key
        case {"Ref": str(name)} if name != "AWS::NoValue":
            arn = _arn(stack, key)
        case str(text) if re.fullmatch(r"arn:[^:]+:kms:[^:]+:[^:]+:key/.+", text):
            arn = key
        case str(text) if re.fullmatch(r"(mrk-)?[0-9a-f-]{32,36}", text):
            arn = _arn(stack, key)
        case _:
            cdk.Annotations.of(publisher).add_warning_v2(
                "constructs-lib:bucket-key",
                f"the key of bucket {bucket.node.path} is not named by its ARN or id, so the publisher gets no right to "
                f"use it: add key.grant_encrypt_decrypt(artifact.publisher.role)",
            )
            return
    publisher.allow_all(use_key(bucket, arn))


def _arn(stack: cdk.Stack, key_id: str) -> str:
    return stack.format_arn(service="kms", resource="key", resource_name=key_id)


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


def _delete_content(publisher: Publisher, bucket: s3.IBucket, resource: s3.CfnBucket) -> None:
    """Let the handler empty the bucket after the artifacts and before the bucket itself.

    The tag tells the end of the stack from a deployment that takes this resource out: CloudFormation removes the tag
    before it deletes the resource.
    """
    resource.tags.set_tag(DELETE_CONTENT_TAG, "true")
    rights = [
        Right(("s3:GetBucketTagging", "s3:ListBucketVersions"), (bucket.bucket_arn,)),
        Right(("s3:DeleteObject", "s3:DeleteObjectVersion"), (bucket.arn_for_objects("*"),)),
    ]
    content = publisher.custom_resource(
        publisher,
        CONTENT_TYPE,
        construct_id="BucketContent",
        properties={"SchemaVersion": "1", "Bucket": bucket.bucket_name},
        rights=rights,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    for artifact in publisher.artifacts:
        artifact.node.add_dependency(content)
