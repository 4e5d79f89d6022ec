from __future__ import annotations

import hashlib
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
    """A template of an earlier release names no hash; no asset is read, which may be gone since."""
    ensure_layer(world.services, world.layer(sbom=b"first"))
    wanted = replace(world.layer(), sbom=ASSET)
    world.forget_calls()
    ensure_layer(world.services, wanted)
    assert world.writes == []
    assert sbom(world) == b"first"


@pytest.mark.parametrize("where", ["bytes", "asset"])
def test_other_bytes_in_its_place_are_overwritten(world: World, where: str) -> None:
    """The template names the hash, so nobody else's document passes for the version's own."""
    given = world.put(ASSET, b"{}") if where == "asset" else b"{}"
    wanted = world.layer(sbom=given, sbom_sha256=hashlib.sha256(b"{}").hexdigest())
    ensure_layer(world.services, wanted)
    world.put(S3Location(ARTIFACTS, KEY), b'{"evil": 1}')
    done = ensure_layer(world.services, wanted)
    assert sbom(world) == b"{}"
    assert done.s3path_sbom == S3Location(ARTIFACTS, KEY)


def test_an_asset_with_other_bytes_is_not_laid_out(world: World) -> None:
    wanted = world.layer(sbom=world.put(ASSET, b"evil"), sbom_sha256="0" * 64)
    assert ensure_layer(world.services, wanted).s3path_sbom is None
    assert any("one.json is not the SBOM that was built" in line for line in world.lines)


def test_a_failure_that_passes_is_waited_for(world: World) -> None:
    """Beyond the SDK's own five attempts: CloudFormation sends no event for what does not change."""
    world.next("s3.PutObject", *[pass_on] * 4, *[refuse(503, "SlowDown")] * 7)
    done = ensure_layer(world.services, world.layer(sbom=b"{}"))
    assert done.s3path_sbom is not None
    assert sbom(world) == b"{}"


def test_one_that_is_not_there_is_not_named(world: World) -> None:
    world.next("s3.PutObject", *[pass_on] * 4, *[refuse(503, "SlowDown")] * 40)
    assert ensure_layer(world.services, world.layer(sbom=b"{}")).s3path_sbom is None


def test_it_goes_with_its_version(world: World) -> None:
    """DESTROY leaves neither record nor SBOM."""
    done = ensure_layer(world.services, world.layer(sbom=b"{}", removal_policy="destroy"))
    arn = LayerVersionArn.parse(done.layer_version_arn)
    assert arn is not None
    remove_layer(world.services, LayerRemoval(arn, PREFIX, "uv.lock", OWNER))
    assert [key for key in world.object_keys() if "/000001/" in key] == []
