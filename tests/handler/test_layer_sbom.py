from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.publish.layout import S3Location
from tests.support.aws.world import ARTIFACTS, ASSETS, PREFIX, World

if TYPE_CHECKING:
    from tests.support.aws.events import Stack

KEY = f"{PREFIX.key}/layer/000001/sbom.cdx.json"


def test_the_staged_sbom_lies_beside_the_version(stack: Stack, world: World) -> None:
    """Its address is an attribute, behind those that a stack cannot do without."""
    world.put(S3Location(ASSETS, "one.json"), b"{}")
    event = stack.layer_event("Create", SbomAssetBucket=ASSETS, SbomAssetKey="one.json")
    answer = stack.send(event)
    assert answer["Data"]["SbomUri"] == f"s3://{ARTIFACTS}/{KEY}"
    assert list(answer["Data"]).index("SbomUri") > list(answer["Data"]).index("ManifestUri")
    assert world.services.s3.get_object(Bucket=ARTIFACTS, Key=KEY)["Body"].read() == b"{}"


def test_a_template_of_an_earlier_release_names_none(stack: Stack, world: World) -> None:
    """A rollback to it works, and no attribute says what is not there."""
    answer = stack.send(stack.layer_event("Create"))
    assert answer["Status"] == "SUCCESS"
    assert "SbomUri" not in answer["Data"]
    assert KEY not in world.object_keys()


@pytest.mark.parametrize("field", ["SbomUri", "ManifestUri"])
def test_an_address_is_named_only_if_its_object_is_there(stack: Stack, world: World, field: str) -> None:
    """B6: the version is live, so it succeeds; a template that needs the address fails instead of reading nothing."""
    world.put(S3Location(ASSETS, "one.json"), b"{}")
    arn = stack.send(stack.layer_event("Create"))["PhysicalResourceId"]
    name = "uv.lock" if field == "ManifestUri" else "sbom.cdx.json"
    place = PREFIX / "layer" / "000001" / name
    world.put(place, b"evil", layer_version_arn="arn:theirs")
    added = {"SbomAssetBucket": ASSETS, "SbomAssetKey": "one.json", "SbomSha256": "0" * 64}
    answer = stack.send(stack.layer_event("Update", physical_id=arn, **added))
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", arn)
    assert field not in answer["Data"]
