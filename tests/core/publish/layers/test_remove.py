from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
from constructs_lib.core.publish.layers.remove import remove_layer
from tests.support.aws.faults import CrashError, crash, first, refuse, respond
from tests.support.aws.world import ARTIFACTS, LAYER, OTHER, OWNER, PREFIX, World

if TYPE_CHECKING:
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from tests.support.aws.faults import Step


def removal(done: LayerDeployment, owner: str = OWNER, keep_versions: int = 0) -> LayerRemoval:
    arn = LayerVersionArn.parse(done.layer_version_arn)
    assert arn is not None
    return LayerRemoval(arn, PREFIX, "uv.lock", owner, keep_versions)


def published(world: World, content: str = "one", owner: str = OWNER) -> LayerDeployment:
    return ensure_layer(world.services, world.layer(content, removal_policy="destroy", owner=owner))


def functions_with(arn: str) -> Step:
    """One function that uses the layer version."""
    body = json.dumps({"Functions": [{"FunctionName": "f", "Layers": [{"Arn": arn}]}]}).encode()
    return lambda request, _send: respond(request, 200, {"content-type": "application/json"}, body)


def test_an_owned_version_goes_with_its_record(world: World) -> None:
    """DESTROY: the version, then its record."""
    done = published(world)
    remove_layer(world.services, removal(done))
    assert world.live() == []
    assert done.s3path_manifest.key not in world.object_keys()


def test_another_owners_version_stays(world: World) -> None:
    """D34: the record names somebody else."""
    done = published(world, owner=OTHER)
    remove_layer(world.services, removal(done))
    assert world.live() == [1]


def test_what_was_published_to_be_retained_stays(world: World) -> None:
    """Others may have adopted it since; the policy of today does not change that."""
    done = ensure_layer(world.services, world.layer())
    remove_layer(world.services, removal(done))
    assert world.live() == [1]


def test_what_another_published_while_we_did_stays(world: World) -> None:
    """The same bytes without our mark are not taken instead of our own version, and are not ours to delete."""
    wanted = world.layer(removal_policy="retain-except-on-create")
    world.next("lambda.PublishLayerVersion", first(lambda: world.publish_by_hand(wanted)))
    done = ensure_layer(world.services, wanted)
    assert (done.layer_version, world.live()) == (2, [1, 2])
    remove_layer(world.services, removal(done))
    assert world.live() == [1]


def test_without_a_record_the_mark_proves_ownership(world: World) -> None:
    """A Create that failed between publish and record is cleaned up; an unmarked version is nobody's."""
    wanted = world.layer(removal_policy="destroy")
    world.next("s3.PutObject", refuse(403, "AccessDenied"))
    with pytest.raises(AwsError):
        ensure_layer(world.services, wanted)
    by_hand = world.publish_by_hand(wanted)
    for text in (*world.published, by_hand):
        arn = LayerVersionArn.parse(text)
        assert arn is not None
        remove_layer(world.services, LayerRemoval(arn, PREFIX, "uv.lock", OWNER))
    assert world.live() == [2]


def test_gone_already_is_fine(world: World) -> None:
    """D32: the version, or the record too, is gone."""
    done = published(world)
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    remove_layer(world.services, removal(done))
    remove_layer(world.services, removal(done))
    assert world.live() == []


def test_a_bucket_that_is_gone_is_fine(world: World) -> None:
    """D32: NoSuchBucket; the mark still proves ownership."""
    done = replace(removal(published(world)), s3dir_lambda=replace(PREFIX, bucket="gone-bucket"))
    remove_layer(world.services, done)
    assert world.live() == []


def test_a_crash_between_version_and_record_is_made_good(world: World) -> None:
    """The record is the proof, so it goes last."""
    done = published(world)
    world.next("s3.DeleteObject", crash)
    with pytest.raises(CrashError):
        remove_layer(world.services, removal(done))
    remove_layer(world.services, removal(done))
    assert done.s3path_manifest.key not in world.object_keys()


def test_a_locked_record_is_left_over(world: World) -> None:
    """D46: an Object Lock keeps objects; that is no failure."""
    done = published(world)
    world.next("s3.DeleteObject", refuse(403, "AccessDenied"))
    remove_layer(world.services, removal(done))
    assert world.live() == []


def test_a_denied_delete_says_what_to_allow(world: World) -> None:
    """D33."""
    done = published(world)
    world.next("lambda.DeleteLayerVersion", refuse(403, "AccessDeniedException"))
    with pytest.raises(AwsError, match="allow lambda:DeleteLayerVersion"):
        remove_layer(world.services, removal(done))


def test_keep_versions_keeps_the_newest_released_ones(world: World) -> None:
    """With 3, two released versions stay behind the one in use, with their records."""
    done = [published(world, content) for content in ("one", "two", "three", "four", "five")]
    for old in done[:4]:
        remove_layer(world.services, removal(old, keep_versions=3))
    assert world.live() == [3, 4, 5]
    assert not [key for key in world.object_keys() if "/000001/" in key or "/000002/" in key]


def test_keep_versions_never_touches_what_was_not_released(world: World) -> None:
    """Failed updates leave newer versions behind; the one in use is older than all of them."""
    published(world, "in use")
    for content in ("two", "three", "four"):
        remove_layer(world.services, removal(published(world, content), keep_versions=2))
    assert 1 in world.live()


def test_a_version_taken_back_is_not_pruned(world: World) -> None:
    """A rollback returns to a released version: from then on it counts as in use again."""
    one = published(world, "one")
    published(world, "two")
    remove_layer(world.services, removal(one, keep_versions=2))
    assert published(world, "one").layer_version == 1
    for content in ("three", "four", "five"):
        remove_layer(world.services, removal(published(world, content), keep_versions=2))
    assert 1 in world.live()


def test_a_version_taken_back_to_be_retained_is_not_pruned(world: World) -> None:
    """The policy becomes retain in the same deployment; the Delete of the other version brings the old policy."""
    one, two = published(world, "one"), published(world, "two")
    remove_layer(world.services, removal(one, keep_versions=2))
    assert ensure_layer(world.services, world.layer("one")).layer_version == 1
    published(world, "three")
    remove_layer(world.services, removal(two, keep_versions=2))
    assert 1 in world.live()


def test_taking_back_needs_no_right_to_delete(world: World) -> None:
    """With the retain policy the role has lost it by then."""
    one = published(world, "one")
    published(world, "two")
    remove_layer(world.services, removal(one, keep_versions=2))
    wanted = world.layer("one")
    world.forget_calls()
    ensure_layer(world.services, wanted)
    assert world.writes == ["s3.PutObject"]
    world.forget_calls()
    ensure_layer(world.services, wanted)
    assert world.writes == []


def test_a_delete_that_comes_again_releases_nothing_again(world: World) -> None:
    """Late, when a rollback has taken the version back: it must not be pruned by the next Delete."""
    one, two = published(world, "one"), published(world, "two")
    first_delete = replace(removal(one, keep_versions=2), request_id="first")
    remove_layer(world.services, first_delete)
    published(world, "one")
    remove_layer(world.services, first_delete)
    published(world, "three")
    remove_layer(world.services, replace(removal(two, keep_versions=2), request_id="second"))
    assert 1 in world.live()


def test_a_version_released_again_may_be_pruned(world: World) -> None:
    """Taken back once is not kept for ever."""
    one, two = published(world, "one"), published(world, "two")
    remove_layer(world.services, removal(one, keep_versions=2))
    published(world, "one")
    remove_layer(world.services, removal(two, keep_versions=2))
    three = published(world, "three")
    for old in (one, three):
        published(world, "four")
        remove_layer(world.services, removal(old, keep_versions=2))
    assert 1 not in world.live()


def test_keep_versions_leaves_what_a_function_uses(world: World) -> None:
    """If functions may be listed, a layer in use stays."""
    done = [published(world, content) for content in ("one", "two", "three")]
    remove_layer(world.services, removal(done[0], keep_versions=2))
    arn = done[0].layer_version_arn
    world.next("lambda.ListFunctions", functions_with(arn))
    remove_layer(world.services, removal(done[1], keep_versions=2))
    assert world.live() == [1, 2, 3]


def test_where_functions_may_not_be_listed_every_version_stays(world: World) -> None:
    """A version that a function uses is never deleted, so that one that a function may use is not either."""
    done = [published(world, content) for content in ("one", "two", "three")]
    remove_layer(world.services, removal(done[0], keep_versions=2))
    world.next("lambda.ListFunctions", refuse(403, "AccessDeniedException"))
    remove_layer(world.services, removal(done[1], keep_versions=2))
    assert world.live() == [1, 2, 3]
    assert world.lines[-1] == f"1 version(s) of {LAYER} stay, because they may be in use"


def test_one_kept_version_is_refused(world: World) -> None:
    """A rollback needs the one before."""
    with pytest.raises(ValueError, match="at least 2"):
        removal(published(world), keep_versions=1)


def test_the_buckets_other_objects_stay(world: World) -> None:
    """Only the version's own objects are deleted."""
    one, two = published(world, "one"), published(world, "two")
    remove_layer(world.services, removal(one))
    assert two.s3path_manifest.key in world.object_keys(ARTIFACTS)


def test_a_forged_record_deletes_nothing(world: World) -> None:
    """The mark, which only Lambda's API can write, names no owner: a retained version stays."""
    done = ensure_layer(world.services, world.layer(owner=OTHER))
    place = done.s3path_manifest
    head = world.services.s3.head_object(**place.params)
    theirs = {**head["Metadata"], "owner": OWNER, "removal_policy": "destroy"}
    world.put(place, b"lock of one", **theirs)
    remove_layer(world.services, removal(done))
    assert world.live() == [1]


def test_a_record_without_its_metadata_is_none(world: World) -> None:
    """A bucket was restored by a tool that drops metadata: the version is the same, and its owner may delete it."""
    done = published(world)
    world.put(done.s3path_manifest, b"lock of one")
    assert published(world).layer_version == done.layer_version
    world.put(done.s3path_manifest, b"lock of one")
    remove_layer(world.services, removal(done))
    assert world.live() == []


def test_the_objects_of_another_layer_stay(world: World) -> None:
    """Its record stands in the place of this version's own."""
    done = published(world)
    place = done.s3path_manifest
    head = world.services.s3.head_object(**place.params)
    world.put(place, b"theirs", **(head["Metadata"] | {"layer_version_arn": "arn:theirs"}))
    remove_layer(world.services, removal(done))
    assert world.live() == []
    assert place.key in world.object_keys()


def test_versions_for_other_targets_count_apart(world: World) -> None:
    """The runtime changed and came back: the kept versions of one are not those of the other."""
    targets = (("python3.12",), ("python3.13",))
    for content in ("one", "two", "three"):
        for target in targets:
            attributes = LayerAttributes(target, ("x86_64",))
            wanted = world.layer(content, removal_policy="destroy", attributes=attributes)
            done = ensure_layer(world.services, wanted)
            remove_layer(world.services, removal(done, keep_versions=2))
    # Of each target one released version stays; the newest of all is never deleted.
    assert world.live() == [5, 6]
