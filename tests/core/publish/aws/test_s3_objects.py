"""Operations on S3 objects."""

from __future__ import annotations

import pytest

from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.aws.s3_objects import (
    AssetUnavailableError,
    check_asset,
    copy_object,
    delete_object,
    read_asset,
    read_object_metadata,
    reading_asset,
)
from constructs_lib.core.publish.layout import S3Location
from tests.support.aws.faults import refuse
from tests.support.aws.world import ASSETS, PREFIX, World

OBJECT = PREFIX / "object"


def test_metadata_of_an_object_and_of_none(world: World) -> None:
    world.put(OBJECT, b"body", name="value")
    assert read_object_metadata(world.services, OBJECT) == {"name": "value"}
    assert read_object_metadata(world.services, PREFIX / "none") is None
    assert read_object_metadata(world.services, S3Location("no-such-bucket", "key")) is None


def test_a_denied_object_that_is_listed_is_an_error(world: World) -> None:
    """Without s3:ListBucket S3 answers 403 to a missing object too; the listing tells them apart."""
    world.next("s3.HeadObject", refuse(403, "AccessDenied"))
    assert read_object_metadata(world.services, PREFIX / "none") is None
    world.put(OBJECT, b"body")
    world.next("s3.HeadObject", refuse(403, "AccessDenied"))
    with pytest.raises(AwsError, match=r"AccessDenied|403"):
        read_object_metadata(world.services, OBJECT)


@pytest.mark.parametrize("read", [check_asset, read_asset])
def test_an_asset_that_is_missing_names_bucket_and_key(world: World, read: type) -> None:
    with pytest.raises(AssetUnavailableError, match=f"bucket {ASSETS} with key gone does not exist") as info:
        read(world.services, S3Location(ASSETS, "gone"))
    assert (info.value.id, info.value.missing) == ("asset-unavailable", True)


def test_other_failures_of_an_asset_stay_what_they_are(world: World) -> None:
    world.next("s3.GetObject", *[refuse(500, "InternalError")] * 5)
    with pytest.raises(AwsError) as info:
        read_asset(world.services, S3Location(ASSETS, "key"))
    assert info.value.id == "aws-failed"


def test_other_exceptions_pass() -> None:
    with pytest.raises(KeyError), reading_asset(OBJECT):
        raise KeyError


def test_a_copy_has_its_own_metadata_and_only_of_the_checked_object(world: World) -> None:
    source = world.put(S3Location(ASSETS, "zip"), b"one", old="old")
    etag = check_asset(world.services, source)["ETag"]
    copy_object(world.services, source, OBJECT, etag, {"new": "new"})
    assert read_object_metadata(world.services, OBJECT) == {"new": "new"}
    assert world.lines == [f"copied {source.uri} to {OBJECT.uri}"]
    world.put(source, b"two")
    with pytest.raises(AwsError, match="PreconditionFailed"):
        copy_object(world.services, source, OBJECT, etag, {})


def test_deleting_what_is_gone_is_no_error(world: World) -> None:
    world.put(OBJECT, b"body")
    delete_object(world.services, OBJECT)
    delete_object(world.services, OBJECT)
    delete_object(world.services, S3Location("no-such-bucket", "key"))
    assert OBJECT.key not in world.object_keys()
    world.next("s3.DeleteObject", refuse(403, "AccessDenied"))
    with pytest.raises(AwsError, match="AccessDenied"):
        delete_object(world.services, OBJECT)
