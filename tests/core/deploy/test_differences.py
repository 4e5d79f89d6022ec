"""Two published versions against each other, by what lies beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.manifest import md5
from constructs_lib.core.deploy.differences import compare_versions
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.report.changes import Change
from tests.support.aws.world import LAYER, PREFIX, World

if TYPE_CHECKING:
    from constructs_lib.core.report.changes import Changes


def publish(world: World, version: str, *, with_sbom: bool = True) -> None:
    """Publish a layer that holds `a` in this version."""
    component = {"name": "a", "version": version}
    sbom = json.dumps({"bomFormat": "CycloneDX", "components": [component]}).encode()
    lock = (
        f'[[package]]\nname = "a"\nversion = "{version}"\n[[package]]\nname = "dev"\nversion = "{version}"\n'
    )
    wanted = replace(
        world.layer(version),
        manifest=lock.encode(),
        manifest_md5=md5(lock.encode()),
        manifest_sha256="",
        sbom=sbom if with_sbom else None,
    )
    ensure_layer(world.services, wanted)


def compare(world: World, old: int = 1, new: int = 2, layer_name: str = LAYER) -> Changes:
    return compare_versions(world.services, layer_name, PREFIX, old, new)


def test_two_versions_are_compared_by_six_questions_to_s3(world: World) -> None:
    """However many versions the layer has; nothing is asked of Lambda."""
    for version in ("1", "2", "3"):
        publish(world, version)
    world.forget_calls()
    assert compare(world).rows == (Change("a", "upgraded", "1", "2", 0),)
    assert sorted(world.calls) == ["s3.GetObject"] * 2 + ["s3.HeadObject"] * 2 + ["s3.ListObjectsV2"] * 2


def test_where_one_has_no_sbom_both_are_read_from_their_lock_files(world: World) -> None:
    """One of each would show as removed what a lock names and a layer does not hold."""
    publish(world, "1", with_sbom=False)
    publish(world, "2")
    assert [row.name for row in compare(world).rows] == ["a", "dev"]


def test_an_sbom_that_cannot_be_read_is_none(world: World) -> None:
    publish(world, "1")
    publish(world, "2")
    world.put(PREFIX / "layer/000001/sbom.cdx.json", b"{")
    assert [row.name for row in compare(world).rows] == ["a", "dev"]


def test_a_version_that_was_deleted_can_still_be_compared(world: World) -> None:
    """Its objects are kept unless somebody deletes them as well."""
    publish(world, "1")
    publish(world, "2")
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    assert [row.kind for row in compare(world).rows] == ["upgraded"]


def test_where_there_is_nothing_that_is_said(world: World) -> None:
    publish(world, "1")
    with pytest.raises(
        PublishError, match=r"^s3://\S+/000007 holds nothing to compare: is there such a version"
    ):
        compare(world, 1, 7)
    world.services.s3.delete_object(Bucket=PREFIX.bucket, Key=f"{PREFIX.key}/layer/000001/uv.lock")
    publish(world, "2", with_sbom=False)
    with pytest.raises(PublishError, match=r"/000001 holds nothing to compare"):
        compare(world)


def test_what_belongs_to_another_layer_is_not_compared(world: World) -> None:
    """A prefix given with the wrong name; the record beside the version knows better."""
    publish(world, "1")
    with pytest.raises(PublishError, match=f"/000001 belongs to layer {LAYER}, not to other-deps"):
        compare(world, 1, 1, "other-deps")
