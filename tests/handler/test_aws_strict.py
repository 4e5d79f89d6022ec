"""The AWS of the tests refuses what the real one refuses and the emulator alone would accept."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.support.aws.rules import UNZIPPED, zip_of
from tests.support.aws.world import ARTIFACTS, ASSETS, LAYER, PREFIX

if TYPE_CHECKING:
    from constructs_lib.core.publish.layout import S3Location
    from tests.support.aws.world import World


def said_size(size: int) -> bytes:
    """Make a zip whose directory gives `size` as the size of its one file."""
    content = zip_of("x")
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + struct.pack("<I", size) + content[place + 4 :]


def put(world: World, body: bytes | None = None) -> S3Location:
    return world.put(PREFIX / "layer.zip", zip_of("one") if body is None else body)


def publish(world: World, **changes: Any) -> dict[str, Any]:
    content = {"S3Bucket": ARTIFACTS, "S3Key": f"{PREFIX.key}/layer.zip", **changes.pop("content", {})}
    wanted: dict[str, Any] = {"LayerName": LAYER, "Content": content, **changes}
    return dict(world.services.publisher.publish_layer_version(**wanted))


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"content": {"S3Key": "missing"}}, "InvalidParameterValueException", "GetObject"),
        ({"content": {"S3Bucket": "no-such-bucket"}}, "InvalidParameterValueException", "GetObject"),
        ({"content": {"S3ObjectVersion": "none"}}, "InvalidParameterValueException", "GetObject"),
        ({"LayerName": "with.dot"}, "ValidationException", "layerName"),
        ({"LayerName": "x" * 141}, "ValidationException", "layerName"),
        ({"Description": "x" * 257}, "ValidationException", "description"),
        ({"LicenseInfo": "x" * 513}, "ValidationException", "licenseInfo"),
        ({"CompatibleRuntimes": ["python3.13"] * 16}, "ValidationException", "compatibleRuntimes"),
        ({"CompatibleRuntimes": ["cobol85"]}, "ValidationException", "compatibleRuntimes"),
        (
            {"CompatibleArchitectures": ["x86_64", "arm64", "x86_64"]},
            "ValidationException",
            "compatibleArchitectures",
        ),
        ({"CompatibleArchitectures": ["i386"]}, "ValidationException", "compatibleArchitectures"),
    ],
    ids=str,
)
def test_a_bad_publish_is_refused(world: World, changes: dict[str, Any], code: str, text: str) -> None:
    """Missing objects, names, lengths, counts, enumerations; and no number is used up."""
    put(world)
    with pytest.raises(ClientError, match=rf"{code}.*{text}"):
        publish(world, **changes)
    assert publish(world, Description="x" * 256, LicenseInfo="x" * 512)["Version"] == 1


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"no zip", "Could not unzip"), (b"", "Could not unzip"), (said_size(UNZIPPED + 1), "Unzipped size")],
    ids=["text", "empty", "too large"],
)
def test_only_a_zip_of_legal_size_becomes_a_layer(world: World, body: bytes, text: str) -> None:
    """262 144 000 bytes are allowed, one more is not."""
    put(world, body)
    with pytest.raises(ClientError, match=text):
        publish(world)
    put(world, said_size(UNZIPPED))
    assert publish(world)["Version"] == 1


def test_publishing_too_often_is_refused_for_a_while(world: World) -> None:
    """429 with the seconds to wait; nothing is published by it."""
    put(world)
    world.moto.publishes, world.moto.retry_after = 2, 3
    assert [publish(world)["Version"] for _ in range(2)] == [1, 2]
    with pytest.raises(ClientError, match="TooManyRequestsException") as caught:
        publish(world)
    meta: Any = caught.value.response["ResponseMetadata"]
    assert (meta["HTTPStatusCode"], meta["HTTPHeaders"]["retry-after"]) == (429, "3")
    assert publish(world)["Version"] == 3


def test_an_older_pinned_version_is_what_is_published(world: World) -> None:
    """The emulator would take the newest."""
    put(world)
    key = f"{PREFIX.key}/layer.zip"
    old = world.services.s3.head_object(Bucket=ARTIFACTS, Key=key)["VersionId"]
    put(world, zip_of("two"))
    sha256 = publish(world, content={"S3ObjectVersion": old})["Content"]["CodeSha256"]
    assert sha256 == base64.b64encode(hashlib.sha256(zip_of("one")).digest()).decode()


def copy(world: World, **changes: Any) -> None:
    wanted: dict[str, Any] = {
        "Bucket": ARTIFACTS,
        "Key": "copy",
        "CopySource": {"Bucket": ASSETS, "Key": "original"},
        "MetadataDirective": "REPLACE",
    }
    world.services.s3.copy_object(**wanted | changes)


@pytest.mark.parametrize("condition", ["CopySourceIfMatch", "IfMatch"])
def test_a_copy_obeys_its_conditions(world: World, condition: str) -> None:
    """412, whichever side was overwritten."""
    for bucket, key in ((ASSETS, "original"), (ARTIFACTS, "copy")):
        world.services.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    etag = world.services.s3.head_object(Bucket=ASSETS, Key="original")["ETag"]
    copy(world, **{condition: etag})
    with pytest.raises(ClientError, match="PreconditionFailed"):
        copy(world, **{condition: '"0123456789abcdef0123456789abcdef"'})


def test_a_put_obeys_its_conditions(world: World) -> None:
    """IfNoneMatch and IfMatch."""
    s3: Any = world.services.s3
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"x", IfMatch='"0"')
    etag = s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"x", IfNoneMatch="*")["ETag"]
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"0"'}):
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"y", **condition)
    s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"y", IfMatch=etag)


def test_metadata_is_small_and_ascii(world: World) -> None:
    """2 KB of names and values, which the emulator does not count; ASCII, which the SDK asks for."""
    s3 = world.services.s3
    s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"", Metadata={"four": "x" * 2044})
    world.put(PREFIX / "x", b"")
    s3.put_object(Bucket=ASSETS, Key="original", Body=b"")
    for write in (
        lambda metadata: s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"", Metadata=metadata),
        lambda metadata: copy(world, Metadata=metadata),
    ):
        with pytest.raises(ClientError, match="MetadataTooLarge"):
            write({"four": "x" * 2045})
        with pytest.raises(ParamValidationError, match="Non ascii"):
            write({"four": "é"})


def test_a_wrong_checksum_is_refused(world: World) -> None:
    """BadDigest, and nothing is stored."""
    right = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    with pytest.raises(ClientError, match="BadDigest"):
        world.services.s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"y", ChecksumSHA256=right)
    assert world.object_keys() == []
    world.services.s3.put_object(Bucket=ARTIFACTS, Key="k", Body=b"x", ChecksumSHA256=right)
