from __future__ import annotations

from dataclasses import replace

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.function import ensure_function, remove_function
from tests.support.aws.faults import refuse
from tests.support.aws.world import ASSETS, OTHER, OWNER, PREFIX, World


def test_zip_lock_file_and_sbom_have_one_folder(world: World) -> None:
    """`function/{version}/{sha256}/`, named by the zip's content."""
    wanted = world.function()
    done = ensure_function(world.services, wanted)
    folder = f"{PREFIX.uri}/function/1.0.0/{wanted.source_sha256}"
    assert done.zip.uri == f"{folder}/function.zip"
    assert {name: place.uri for name, place in done.companions.items()} == {
        "uv.lock": f"{folder}/uv.lock",
        "sbom.cdx.json": f"{folder}/sbom.cdx.json",
    }


def test_a_rollback_to_another_lock_file_of_the_same_zip_needs_no_asset(world: World) -> None:
    """A comment in the lock file changes no zip. Its file is missing then, the function is there."""
    one, two = world.function(), world.function("two")
    ensure_function(world.services, replace(one, companions=two.companions))
    world.services.s3.delete_object(Bucket=ASSETS, Key="one.uv.lock")
    done = ensure_function(world.services, one)
    assert set(done.companions) == {"sbom.cdx.json"}


@pytest.mark.parametrize(
    ("policy", "owner", "stays"),
    [("destroy", OWNER, False), ("destroy", OTHER, True), ("retain", OWNER, True)],
)
def test_only_what_is_owned_and_to_be_destroyed_is_deleted(
    world: World, policy: str, owner: str, stays: bool
) -> None:
    """All three files, or none of them."""
    wanted = world.function(removal_policy=policy, owner=owner)
    ensure_function(world.services, wanted)
    remove_function(world.services, replace(wanted, owner=OWNER))
    assert len(world.object_keys()) == (3 if stays else 0)


def test_a_second_try_deletes_what_the_first_left(world: World) -> None:
    """The zip goes last, since its record tells whose the others are."""
    wanted = world.function(removal_policy="destroy")
    ensure_function(world.services, wanted)
    world.next("s3.DeleteObject", refuse(403, "AccessDenied"))
    with pytest.raises(PublishError, match="allow s3:DeleteObject"):
        remove_function(world.services, wanted)
    assert len(world.object_keys()) == 3
    remove_function(world.services, wanted)
    assert world.object_keys() == []
