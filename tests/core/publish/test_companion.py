from __future__ import annotations

import hashlib

import pytest

from constructs_lib.core.publish.companion import Companion, put_companion
from constructs_lib.core.publish.layout import S3Location
from tests.support.aws.faults import lose_response, pass_on, refuse
from tests.support.aws.world import ARTIFACTS, ASSETS, World

PLACE = S3Location(ARTIFACTS, "folder/uv.lock")
ASSET = S3Location(ASSETS, "one.lock")


def content(world: World) -> bytes:
    return world.services.s3.get_object(**PLACE.params)["Body"].read()


@pytest.mark.parametrize("where", ["bytes", "asset"])
def test_other_bytes_in_its_place_are_overwritten(world: World, where: str) -> None:
    world.put(PLACE, b"evil")
    sha256 = hashlib.sha256(b"lock").hexdigest()
    given = Companion("lock file", world.put(ASSET, b"lock") if where == "asset" else b"lock", sha256)
    assert put_companion(world.services, given, PLACE) == PLACE
    assert content(world) == b"lock"
    world.forget_calls()
    assert put_companion(world.services, given, PLACE) == PLACE
    assert world.calls == ["s3.HeadObject"]


def test_an_asset_with_other_bytes_is_not_laid_out(world: World) -> None:
    """One line names the file; nothing is written."""
    given = Companion("lock file", world.put(ASSET, b"evil"), "0" * 64)
    assert put_companion(world.services, given, PLACE) is None
    assert any("one.lock is not the lock file that was built" in line for line in world.lines)
    assert world.object_keys() == []


def test_a_failure_that_passes_is_waited_for(world: World) -> None:
    """Beyond the SDK's own five attempts."""
    world.next("s3.PutObject", *[refuse(503, "SlowDown")] * 7, pass_on)
    assert put_companion(world.services, Companion("SBOM", b"{}"), PLACE) == PLACE


def test_beside_a_new_artifact_nothing_is_asked_first(world: World) -> None:
    """One call less; S3 refuses the write if there is something after all."""
    given = Companion("SBOM", b"{}")
    assert put_companion(world.services, given, PLACE, is_new=True) == PLACE
    assert world.calls == ["s3.PutObject"]
    world.forget_calls()
    assert put_companion(world.services, given, PLACE, is_new=True) == PLACE
    assert world.calls == ["s3.PutObject", "s3.HeadObject"]
    assert content(world) == b"{}"


def test_other_bytes_beside_a_new_artifact_are_overwritten(world: World) -> None:
    """Whoever can write to the bucket may have put them there before."""
    world.put(PLACE, b"evil")
    assert put_companion(world.services, Companion("SBOM", b"{}"), PLACE, is_new=True) == PLACE
    assert content(world) == b"{}"


def test_a_write_that_took_effect_without_an_answer_is_recognized(world: World) -> None:
    """The SDK's second attempt meets the file of the first one."""
    world.next("s3.PutObject", lose_response)
    assert put_companion(world.services, Companion("SBOM", b"{}"), PLACE, is_new=True) == PLACE
    assert world.calls == ["s3.PutObject", "s3.PutObject", "s3.HeadObject"]
