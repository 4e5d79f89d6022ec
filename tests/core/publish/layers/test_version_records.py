from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.publish.layers.live_versions import (
    LiveVersion,
    VerifiedVersion,
    get_live_version,
)
from constructs_lib.core.publish.layers.version_records import (
    PrefixSharedError,
    Record,
    keep_record,
    read_record,
    write_record,
)
from constructs_lib.core.publish.ownership import sign_description
from tests.support.aws.faults import first, refuse
from tests.support.aws.world import LAYER, OTHER, OWNER, PREFIX, World

if TYPE_CHECKING:
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec

PLACE = PREFIX / "layer/000001/uv.lock"
LOCK = b"lock of one"


def published(world: World, wanted: LayerSpec) -> VerifiedVersion:
    """Publish a version as a crash leaves it: with its mark and without a record."""
    world.publish_by_hand(wanted, sign_description(wanted.attributes.description, wanted.mark))
    live = get_live_version(world.services, LAYER, 1)
    assert live is not None
    return live


def overwrite(world: World, record: Record, **changes: str) -> None:
    """Write to the record as somebody can who may write to S3 and no more."""
    world.put(PLACE, LOCK, **(record.metadata | changes))


def test_a_record_is_read_as_it_was_written(world: World) -> None:
    """Metadata survives S3, and the manifest is the body."""
    wanted = world.layer()
    live = published(world, wanted)
    write_record(world.services, wanted, live, LOCK)
    assert read_record(world.services, PLACE) == Record.of(wanted, live)
    assert world.services.s3.get_object(**PLACE.params)["Body"].read() == LOCK


def test_the_right_record_is_not_written_again(world: World) -> None:
    """The manifest's bytes are compared by the checksum that S3 computed when they were written."""
    wanted = world.layer(removal_policy="destroy")
    live = published(world, wanted)
    write_record(world.services, wanted, live, LOCK)
    world.forget_calls()
    keep_record(world.services, wanted, live)
    assert world.calls == ["s3.HeadObject"]


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "f" * 64},
        {"layer_sha256": "f" * 64},
        {"attributes": "f" * 64},
        {"owner": OTHER},
        {"manifest_sha256": "f" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_record_that_contradicts_lambda_is_written_anew(world: World, changes: dict[str, str]) -> None:
    """Whoever can write to S3 alone changes nothing that lasts."""
    wanted = world.layer(removal_policy="destroy")
    live = published(world, wanted)
    right = Record.of(wanted, live)
    overwrite(world, right, **changes)
    keep_record(world.services, wanted, live)
    assert read_record(world.services, PLACE) == right


def test_a_version_that_nobody_may_delete_has_no_record_that_says_otherwise(world: World) -> None:
    wanted = world.layer()
    live = published(world, wanted)
    overwrite(world, Record.of(wanted, live), removal_policy="destroy")
    keep_record(world.services, wanted, live)
    standing = read_record(world.services, PLACE)
    assert standing is not None
    assert standing.removal_policy == "retain"


def test_other_bytes_under_a_right_record_are_noticed(world: World) -> None:
    """The body is the lock that the record and the template name, or it is written anew."""
    wanted = world.layer()
    live = published(world, wanted)
    world.put(PLACE, b"evil", **Record.of(wanted, live).metadata)
    keep_record(world.services, wanted, live)
    assert world.services.s3.get_object(**PLACE.params)["Body"].read() == LOCK


@pytest.mark.parametrize("body", [b"", LOCK], ids=["claim of an earlier release", "restored"])
def test_an_object_without_metadata_is_no_record(world: World, body: bytes) -> None:
    """A tool that copies a bucket may drop metadata; earlier releases left empty objects."""
    wanted = world.layer()
    live = published(world, wanted)
    world.put(PLACE, body)
    assert read_record(world.services, PLACE) is None
    keep_record(world.services, wanted, live)
    assert read_record(world.services, PLACE) == Record.of(wanted, live)


def test_the_record_of_another_layer_stays(world: World) -> None:
    """Two layers under one prefix are the user's mistake, which the error names."""
    wanted = world.layer()
    live = published(world, wanted)
    theirs = replace(Record.of(wanted, live), layer_version_arn=live.version.arn.replace(LAYER, "other"))
    overwrite(world, theirs)
    for write in (keep_record, write_record):
        with pytest.raises(PrefixSharedError, match="prefix shared with another account"):
            write(world.services, wanted, live, LOCK)
    assert read_record(world.services, PLACE) == theirs


def test_the_right_to_delete_is_taken_once_and_for_all(world: World) -> None:
    """The manifest is taken from the record itself, since its asset may be gone by then."""
    wanted = world.layer(removal_policy="retain-except-on-create")
    live = published(world, wanted)
    write_record(world.services, wanted, live, LOCK)
    world.services.s3.delete_object(Bucket="cdk-assets", Key="one.lock")
    for retain in (True, False):
        keep_record(world.services, wanted, live, retain=retain)
        standing = read_record(world.services, PLACE)
        assert standing is not None
        assert standing.removal_policy == "retain"
        assert standing.owner == OWNER


def test_another_writer_is_waited_for(world: World) -> None:
    """A conditional write is refused where the object changed in between; then it is read again."""
    wanted = world.layer()
    live = published(world, wanted)
    world.next("s3.PutObject", first(lambda: None), refuse(412, "PreconditionFailed"))
    world.put(PLACE, b"")
    keep_record(world.services, wanted, live)
    assert read_record(world.services, PLACE) == Record.of(wanted, live)


def test_a_writer_that_never_ends_is_an_error(world: World) -> None:
    wanted = world.layer()
    live = published(world, wanted)
    world.next("s3.PutObject", *[refuse(412, "PreconditionFailed")] * 9)
    with pytest.raises(Exception, match="another writer changes it"):
        keep_record(world.services, wanted, live)


def test_no_object_and_no_bucket_is_no_record(world: World) -> None:
    """Both are a 404."""
    assert read_record(world.services, PLACE) is None
    assert read_record(world.services, PREFIX.parse("s3://gone-bucket/key")) is None


def test_the_longest_record_fits(world: World) -> None:
    """At most 2 KB, all ASCII, also with the longest layer name."""
    arn = f"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:{'n' * 140}:123456789"
    live = VerifiedVersion(LiveVersion("n" * 140, 1, arn, world.layer().attributes), "f" * 64)
    metadata = Record.of(world.layer(), live).metadata
    assert sum(len(name) + len(value) for name, value in metadata.items()) < 1024
    assert all(value.isascii() for value in metadata.values())
