"""The statements for one artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk import policy

if TYPE_CHECKING:
    import aws_cdk as cdk


def test_nothing_is_read_where_nothing_was_built() -> None:
    assert policy.read_assets([]) == []


def test_objects_are_deleted_only_if_asked_for(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    for destroy in (False, True):
        actions = {
            action for each in policy.lay_out(bucket, "deps", destroy=destroy) for action in each.actions
        }
        assert ("s3:DeleteObject" in actions) == destroy


def test_a_buckets_own_key_is_used_through_s3_alone(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    [use_key, *_] = policy.lay_out(bucket, "deps", destroy=False)
    assert use_key.actions == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert stack.resolve(use_key.to_json()["Condition"])["StringLike"]["kms:ViaService"]
    keyless = policy.lay_out(s3.Bucket(stack, "Keyless"), "deps", destroy=False)
    assert not any(action.startswith("kms:") for each in keyless for action in each.actions)


def test_only_one_layers_versions_may_be_changed(stack: cdk.Stack) -> None:
    publish, change = policy.publish_layer(stack, "deps")
    assert "lambda:PublishLayerVersion" in publish.actions
    assert "lambda:DeleteLayerVersion" in change.actions
    for statement, end in ((publish, ":layer:deps"), (change, ":layer:deps:*")):
        [resource] = statement.resources
        assert resource.endswith(end)


def test_the_staged_zip_is_read_by_its_version(stack: cdk.Stack) -> None:
    [statement] = policy.read_staged_zip(s3.Bucket(stack, "Bucket"), "deps")
    assert statement.actions == ["s3:GetObjectVersion"]
    assert policy.list_functions().resources == ["*"]
