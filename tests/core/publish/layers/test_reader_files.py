from __future__ import annotations

from dataclasses import replace

import pytest

from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
from constructs_lib.core.publish.layers.remove import remove_layer
from constructs_lib.core.publish.layout import S3Location
from tests.support.aws.faults import CrashError, crash, pass_on, refuse
from tests.support.aws.world import ARTIFACTS, ASSETS, OWNER, PREFIX, World

KEY = f"{PREFIX.key}/layer/000001/sbom.cdx.json"
ASSET = S3Location(ASSETS, "one.json")


def sbom(world: World) -> bytes:
    return world.services.s3.get_object(Bucket=ARTIFACTS, Key=KEY)["Body"].read()


@pytest.mark.parametrize("where", ["bytes", "asset"])
def test_it_lies_beside_the_record(world: World, where: str) -> None:
    """From the asset that was staged, or from the builder's own hands; typed so that tools recognise it."""
    given = world.put(ASSET, b"{}") if where == "asset" else b"{}"
    done = ensure_layer(world.services, world.layer(sbom=given))
    assert done.is_new
    assert sbom(world) == b"{}"
    kind = world.services.s3.head_object(Bucket=ARTIFACTS, Key=KEY)["ContentType"]
    assert kind == "application/vnd.cyclonedx+json; version=1.6"


def test_a_build_without_one_writes_none(world: World) -> None:
    """Templates of earlier releases name none."""
    ensure_layer(world.services, world.layer())
    assert KEY not in world.object_keys()


def test_one_that_cannot_be_read_or_written_fails_nothing(world: World) -> None:
    """The version is live: a deploy that failed now would say something untrue."""
    assert ensure_layer(world.services, world.layer(sbom=ASSET)).is_new
    assert any("sbom.cdx.json is missing" in line and "one.json" in line for line in world.lines)
    world.next("s3.PutObject", *[pass_on] * 4, refuse(403, "AccessDenied"))
    assert ensure_layer(world.services, world.layer("two", sbom=b"{}")).is_new
    assert [key for key in world.object_keys() if key.endswith("sbom.cdx.json")] == []


def test_a_crash_before_it_is_made_good(world: World) -> None:
    """The second delivery finds the record, publishes nothing, and puts what is missing."""
    wanted = world.layer(sbom=b"{}")
    world.next("s3.PutObject", pass_on, pass_on, crash)
    with pytest.raises(CrashError):
        ensure_layer(world.services, wanted)
    assert KEY not in world.object_keys()
    assert not ensure_layer(world.services, wanted).is_new
    assert sbom(world) == b"{}"
    assert world.live() == [1]


def test_an_adopted_version_gets_one(world: World) -> None:
    """A version without a record has no SBOM either."""
    wanted = world.layer(sbom=b"{}")
    world.publish_by_hand(wanted)
    assert not ensure_layer(world.services, wanted).is_new
    assert sbom(world) == b"{}"


def test_an_unchanged_version_keeps_its_own(world: World) -> None:
    """Nothing is written and no asset is read; it may be gone since."""
    ensure_layer(world.services, world.layer(sbom=b"first"))
    wanted = replace(world.layer(), sbom=ASSET)
    world.forget_calls()
    ensure_layer(world.services, wanted)
    assert world.writes == []
    assert sbom(world) == b"first"


def test_it_goes_with_its_version(world: World) -> None:
    """DESTROY leaves neither record nor SBOM."""
    done = ensure_layer(world.services, world.layer(sbom=b"{}", removal_policy="destroy"))
    arn = LayerVersionArn.parse(done.layer_version_arn)
    assert arn is not None
    remove_layer(world.services, LayerRemoval(arn, PREFIX, "uv.lock", OWNER))
    assert [key for key in world.object_keys() if "/000001/" in key] == []
