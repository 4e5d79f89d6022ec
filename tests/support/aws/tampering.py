"""Somebody else who can write to the bucket of artifacts, and no more: by mistake, on purpose, or restoring a backup."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.core.publish.ownership import read_description, sign_description
from tests.support.aws.memory import StoredObject
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from tests.support.aws.histories import Choose
    from tests.support.aws.invariant import Invariant
    from tests.support.aws.memory import MemoryAws


def tamper(world: Invariant, choose: Choose) -> None:
    """Change one object below the artifacts' prefixes, or put one where the next version's record will be.

    Two kinds are left alone. A record that takes an owner's right to delete is the only place where that is written, and
    so is the mark of a version that was released: whoever changes these lets the owner delete a version of its own.
    """
    aws = world.aws
    places = sorted(
        place
        for place, stored in aws.objects.items()
        if place[0] == ARTIFACTS and not place[1].endswith("/released") and not _protects(aws, stored)
    )
    if not places:
        return
    place = places[choose(len(places))]
    stored = aws.objects[place]
    if choose(6) == 0 and "/0" in place[1]:
        folder, _, name = place[1].rpartition("/")
        root, _, number = folder.rpartition("/")
        place = (ARTIFACTS, f"{root}/{int(number) + 1:06}/{name}")
        if place in aws.objects:
            return
    world.tampered.add(place[1])
    change = ("dropped", "emptied", "overwritten", "deleted", "forged")[choose(5)]
    world.story.append(f"somebody writes to S3: {place[1]} is {change}")
    match change:
        case "dropped":
            aws.objects[place] = StoredObject(stored.body, {}, "t")
        case "emptied":
            aws.objects[place] = StoredObject(b"", {}, "t")
        case "overwritten":
            aws.objects[place] = replace(stored, body=b"evil")
        case "deleted":
            aws.objects.pop(place, None)
        case "forged":
            aws.objects[place] = replace(stored, metadata=_forge(world, stored, choose))
            _excuse(world, aws.objects[place])


def forget_builds(world: Invariant) -> None:
    """Let all versions be those of an earlier release, whose marks named the owner alone."""
    world.story.append("all that is there was published by an earlier release")
    for versions in world.aws.layers.values():
        for version in versions.values():
            text, mark = read_description(version.get("Description", ""))
            version["Description"] = sign_description(text, mark._replace(build=""))


def _protects(aws: MemoryAws, stored: StoredObject) -> bool:
    arn = stored.metadata.get("layer_version_arn", "")
    live = {
        version["LayerVersionArn"]: version for layer in aws.layers.values() for version in layer.values()
    }
    is_owned = arn in live and read_description(live[arn].get("Description", ""))[1].owner != ""
    return is_owned and stored.metadata.get("removal_policy") == "retain"


def _excuse(world: Invariant, record: StoredObject) -> None:
    """Let a version stay whose forged record says so: the handler keeps it in doubt, and deletes nothing by mistake."""
    version = world.published.get(record.metadata.get("layer_version_arn", ""))
    if version and record.metadata.get("removal_policy") == "retain":
        version.excuse = version.excuse or "somebody wrote into its record that it stays"


def _forge(world: Invariant, stored: StoredObject, choose: Choose) -> dict[str, str]:
    """Take a field of the metadata from another object, or say who may delete."""
    others = [each.metadata for each in world.aws.objects.values() if each.metadata]
    other = others[choose(len(others))] if others else {}
    field = ("fingerprint", "layer_sha256", "owner", "attributes", "manifest_sha256", "all")[choose(6)]
    if field == "all":
        return {**other, "layer_version_arn": stored.metadata.get("layer_version_arn", "")}
    return {**stored.metadata, field: other.get(field, ""), "removal_policy": "destroy"}
