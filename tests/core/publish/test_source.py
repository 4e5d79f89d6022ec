from __future__ import annotations

from dataclasses import replace

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.source import ensure_source, remove_source
from tests.support.aws.faults import first, refuse
from tests.support.aws.world import ARTIFACTS, ASSETS, OTHER, OWNER, PREFIX, World


def test_the_asset_is_copied_to_a_place_named_by_its_content(world: World) -> None:
    """`source/{version}/{sha256}/source.zip`, with what it is in the metadata."""
    wanted = world.source()
    location = ensure_source(world.services, wanted)
    assert location.uri == f"{PREFIX.uri}/source/1.0.0/{wanted.source_sha256}/source.zip"
    stored = world.services.s3.get_object(Bucket=ARTIFACTS, Key=location.key)
    assert stored["Body"].read() == b"source of one"
    assert stored["Metadata"] == {
        "source_version": "1.0.0",
        "source_sha256": wanted.source_sha256,
        "owner": OWNER,
        "removal_policy": "retain",
    }


def test_what_lies_there_is_not_copied_again(world: World) -> None:
    """A rollback finds its code though the asset is gone; nothing is written."""
    wanted = world.source()
    ensure_source(world.services, wanted)
    world.services.s3.delete_object(Bucket=ASSETS, Key=wanted.asset.key)
    world.forget_calls()
    ensure_source(world.services, wanted)
    assert world.calls == ["s3.HeadObject"]


def test_a_missing_asset_is_named(world: World) -> None:
    """D1 for sources."""
    wanted = world.source()
    world.services.s3.delete_object(Bucket=ASSETS, Key=wanted.asset.key)
    with pytest.raises(PublishError, match=f"bucket {ASSETS} with key one.source.zip does not exist"):
        ensure_source(world.services, wanted)


def test_other_bytes_are_never_put_there(world: World) -> None:
    """The place's name promises a sha256; an asset whose hash S3 does not have is read before it is copied."""
    wanted = world.source()
    world.put(wanted.asset, b"other bytes")
    with pytest.raises(PublishError, match="is not the zip that was built"):
        ensure_source(world.services, wanted)
    assert world.object_keys() == []


def test_an_asset_overwritten_after_the_check_is_not_copied(world: World) -> None:
    """D7 for sources."""
    wanted = world.source()
    world.next("s3.CopyObject", first(lambda: world.put(wanted.asset, b"other bytes")))
    with pytest.raises(PublishError, match="PreconditionFailed"):
        ensure_source(world.services, wanted)


@pytest.mark.parametrize(
    ("policy", "owner", "stays"),
    [("destroy", OWNER, False), ("destroy", OTHER, True), ("retain", OWNER, True)],
)
def test_only_what_is_owned_and_to_be_destroyed_is_deleted(
    world: World, policy: str, owner: str, stays: bool
) -> None:
    """Retained, or put there by somebody else: it stays."""
    wanted = replace(world.source(), removal_policy=policy, owner=owner)  # type: ignore[arg-type]
    location = ensure_source(world.services, wanted)
    remove_source(world.services, location, OWNER)
    assert (location.key in world.object_keys()) is stays


def test_what_two_stacks_use_is_deleted_by_neither(world: World) -> None:
    """One content is one object: the second user makes it nobody's, without the asset."""
    ours = world.source(removal_policy="destroy")
    location = ensure_source(world.services, ours)
    world.services.s3.delete_object(Bucket=ASSETS, Key=ours.asset.key)
    ensure_source(world.services, replace(ours, owner=OTHER))
    for owner in (OWNER, OTHER):
        remove_source(world.services, location, owner)
    assert location.key in world.object_keys()


def test_gone_already_is_fine(world: World) -> None:
    """D32: object or bucket."""
    wanted = world.source()
    remove_source(world.services, wanted.location, OWNER)
    remove_source(world.services, replace(wanted.location, bucket="gone-bucket"), OWNER)


def test_an_owner_of_nothing_deletes_nothing(world: World) -> None:
    """Outside CloudFormation nobody owns anything."""
    wanted = world.source(owner="", removal_policy="destroy")
    location = ensure_source(world.services, wanted)
    remove_source(world.services, location, "")
    assert location.key in world.object_keys()


def test_a_denied_delete_says_what_to_allow(world: World) -> None:
    """D33 for sources."""
    location = ensure_source(world.services, world.source(removal_policy="destroy"))
    world.next("s3.DeleteObject", refuse(403, "AccessDenied"))
    with pytest.raises(PublishError, match="allow s3:DeleteObject"):
        remove_source(world.services, location, OWNER)


@pytest.mark.parametrize("metadata", [True, False], ids=["its metadata", "none"])
def test_other_bytes_in_its_place_are_replaced(world: World, metadata: bool) -> None:
    """The key names the bytes: whatever the metadata say, what runs is what was built."""
    wanted = world.source()
    ensure_source(world.services, wanted)
    head = world.services.s3.head_object(**wanted.location.params)
    world.put(wanted.location, b"evil", **(head["Metadata"] if metadata else {}))
    ensure_source(world.services, wanted)
    assert world.services.s3.get_object(**wanted.location.params)["Body"].read() == b"source of one"


def test_the_right_bytes_are_not_copied_again(world: World) -> None:
    """S3's own checksum proves them; one that it did not compute is computed here."""
    wanted = world.source()
    ensure_source(world.services, wanted)
    world.forget_calls()
    ensure_source(world.services, wanted)
    assert world.calls == ["s3.HeadObject"]
    world.put(wanted.location, b"source of one")
    world.forget_calls()
    ensure_source(world.services, wanted)
    assert world.calls == ["s3.HeadObject", "s3.GetObject"]


def test_an_asset_whose_hash_s3_has_is_not_read(world: World) -> None:
    """The cdk command line asks S3 for it; the promise of the place's name is kept without moving the bytes."""
    wanted, body = world.source(), b"source of one"
    world.services.s3.put_object(**wanted.asset.params, Body=body, ChecksumAlgorithm="SHA256")
    world.forget_calls()
    ensure_source(world.services, wanted)
    assert world.calls == ["s3.HeadObject", "s3.HeadObject", "s3.CopyObject"]
    other = replace(world.source("two"), source_sha256="0" * 64)
    world.services.s3.put_object(**other.asset.params, Body=b"evil", ChecksumAlgorithm="SHA256")
    world.forget_calls()
    with pytest.raises(PublishError, match="is not the zip that was built"):
        ensure_source(world.services, other)
    assert world.calls == ["s3.HeadObject", "s3.HeadObject"]
