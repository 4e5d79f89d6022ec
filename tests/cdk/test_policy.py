"""The statements for one artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk import policy
from constructs_lib.cdk.bucket import default_bucket

if TYPE_CHECKING:
    import aws_cdk as cdk

    from constructs_lib.cdk.rights import Right


def test_nothing_is_read_where_nothing_was_built() -> None:
    assert policy.read_assets([]) == []


def actions(rights: list[Right]) -> set[str]:
    return {action for right in rights for action in right.actions}


def test_objects_are_deleted_only_if_asked_for(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    for destroy in (False, True):
        rights = policy.lay_out(stack, bucket, "deps", destroy=destroy, layer=True)
        assert ("s3:DeleteObject" in actions(rights)) == destroy


def test_a_buckets_own_key_is_used_through_s3_alone(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    [use_key, *_] = policy.lay_out(stack, bucket, "deps", destroy=False, layer=False)
    assert use_key.actions == ("kms:Decrypt", "kms:GenerateDataKey")
    assert use_key.condition is not None
    assert use_key.condition[0] == "kms:ViaService"
    keyless = policy.lay_out(stack, s3.Bucket(stack, "Keyless"), "deps", destroy=False, layer=False)
    assert not any(action.startswith("kms:") for action in actions(keyless))


def test_a_given_bucket_is_used_below_the_prefix_alone(stack: cdk.Stack) -> None:
    """Other things may be in it; the stack's own bucket has nothing else, and its rights do not grow."""
    given = policy.lay_out(stack, s3.Bucket(stack, "Bucket"), "deps", destroy=True, layer=True)
    objects, listing = given
    assert objects.resources[0].endswith("/deps/*")
    assert listing.below == ("deps/*",)
    own = default_bucket(stack)
    assert policy.lay_out(stack, own, "one", destroy=True, layer=True) == policy.lay_out(
        stack, own, "two", destroy=True, layer=True
    )


def test_only_one_layers_versions_may_be_changed(stack: cdk.Stack) -> None:
    publish, change = policy.publish_layer(stack, "deps")
    assert "lambda:PublishLayerVersion" in publish.actions
    assert "lambda:DeleteLayerVersion" in change.actions
    for right, end in ((publish, ":layer:deps"), (change, ":layer:deps:*")):
        [resource] = right.resources
        assert resource.endswith(end)


def test_only_a_layers_staged_zip_is_read_by_its_version(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    for layer in (False, True):
        rights = policy.lay_out(stack, bucket, "deps", destroy=False, layer=layer)
        assert ("s3:GetObjectVersion" in actions(rights)) == layer
    assert policy.list_functions().resources == ("*",)
