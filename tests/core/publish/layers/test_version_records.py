from __future__ import annotations

from dataclasses import asdict

from constructs_lib.core.publish.layers.version_records import Record, read_record, write_record
from tests.support.aws.world import PREFIX, World

PLACE = PREFIX / "layer/000001/uv.lock"


def record(**changes: str) -> Record:
    names = ("layer_version_arn", "manifest_md5", "fingerprint", "layer_sha256", "attributes", "owner")
    return Record(**({name: name for name in names} | {"removal_policy": "retain"} | changes))


def test_a_record_is_read_as_it_was_written(world: World) -> None:
    """Metadata survives S3, and the manifest is the body."""
    assert write_record(world.services, PLACE, record(), b"lock") == record()
    assert read_record(world.services, PLACE) == record()


def test_a_standing_record_is_never_overwritten(world: World) -> None:
    """D25: IfNoneMatch; the caller gets what stands there."""
    write_record(world.services, PLACE, record(owner="first"), b"lock")
    assert write_record(world.services, PLACE, record(owner="second"), b"other").owner == "first"


def test_an_object_of_somebody_else_equals_nothing(world: World) -> None:
    """A manifest without our metadata, as another tool puts it, never counts as the same."""
    world.put(PLACE, b"lock", manifest_md5="m")
    wanted = world.layer(fingerprint="", layer_sha256="")
    standing = read_record(world.services, PLACE)
    assert standing is not None
    assert not standing.is_same(wanted)
    assert not standing.may_be_destroyed_by("")


def test_no_object_and_no_bucket_is_no_record(world: World) -> None:
    """Both are a 404."""
    assert read_record(world.services, PLACE) is None
    assert read_record(world.services, PREFIX.parse("s3://gone-bucket/key")) is None


def test_the_longest_record_fits(world: World) -> None:
    """At most 2 KB, all ASCII, also with the longest layer name."""
    arn = f"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:{'n' * 140}:123456789"
    hashes = {"fingerprint": "f" * 64, "layer_sha256": "f" * 64, "attributes": "f" * 64, "owner": "f" * 64}
    written = asdict(record(layer_version_arn=arn, manifest_md5="f" * 32, **hashes))
    assert sum(len(name) + len(value) for name, value in written.items()) < 1024
    assert all(value.isascii() for value in written.values())
