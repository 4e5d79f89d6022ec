from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.find import LOOKS
from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
from constructs_lib.core.publish.layers.remove import remove_layer
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.publish.ownership import Mark, sign_description
from tests.support.aws.faults import first, refuse
from tests.support.aws.world import ARTIFACTS, ASSETS, LAYER, OTHER, OWNER, PREFIX, World

if TYPE_CHECKING:
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.ownership import RemovalPolicy


def forget_record(world: World, done: LayerDeployment) -> None:
    world.services.s3.delete_object(Bucket=ARTIFACTS, Key=done.s3path_manifest.key)


def forget_assets(world: World) -> None:
    for key in world.object_keys(ASSETS):
        world.services.s3.delete_object(Bucket=ASSETS, Key=key)


def test_unchanged_is_the_same_version_and_nothing_is_written(world: World) -> None:
    """D13: the current version comes back; no write, no asset read."""
    wanted = world.layer()
    done = ensure_layer(world.services, wanted)
    forget_assets(world)
    world.forget_calls()
    again = ensure_layer(world.services, wanted, done.layer_version_arn)
    assert again == replace(done, is_new=False)
    assert world.calls == ["lambda.ListLayerVersions", "lambda.GetLayerVersion", "s3.HeadObject"]


def test_the_first_of_three_comes_back(world: World) -> None:
    """D14, D35: all live versions count, so a rollback returns to the old ARN though its asset is gone."""
    one = world.layer("one")
    first_done = ensure_layer(world.services, one)
    ensure_layer(world.services, world.layer("two"))
    current = ensure_layer(world.services, world.layer("three"))
    forget_assets(world)
    world.forget_calls()
    back = ensure_layer(world.services, one, current.layer_version_arn)
    assert back.layer_version_arn == first_done.layer_version_arn
    assert world.writes == []


def test_the_current_version_is_asked_first(world: World) -> None:
    """Two live versions are the same: the current one stays, so nothing is replaced."""
    wanted = world.layer(removal_policy="destroy")
    ours = ensure_layer(world.services, wanted)
    newer = ensure_layer(world.services, replace(wanted, owner=OTHER))
    assert newer.layer_version > ours.layer_version
    retained = replace(wanted, removal_policy="retain")
    assert ensure_layer(world.services, retained, ours.layer_version_arn).layer_version == ours.layer_version


def test_equal_inputs_with_other_bytes_are_the_same(world: World) -> None:
    """A native build on another machine gave other bytes; the answer tells the live version's sha256."""
    wanted = world.layer("one")
    done = ensure_layer(world.services, wanted)
    rebuilt = replace(world.layer("two"), fingerprint=wanted.fingerprint)
    again = ensure_layer(world.services, rebuilt)
    assert (again.layer_version, again.layer_sha256) == (done.layer_version, wanted.layer_sha256)


def test_equal_bytes_from_other_inputs_are_the_same(world: World) -> None:
    """A lock that changed without changing the zip publishes nothing."""
    done = ensure_layer(world.services, world.layer())
    again = ensure_layer(world.services, world.layer(fingerprint="f" * 64))
    assert again.layer_version == done.layer_version


def test_a_version_deleted_behind_our_back_is_published_again(world: World) -> None:
    """D15: a record without a live version proves nothing."""
    wanted = world.layer()
    done = ensure_layer(world.services, wanted)
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    again = ensure_layer(world.services, wanted, done.layer_version_arn)
    assert (again.layer_version, again.is_new) == (2, True)


def test_a_missing_record_is_made_good_by_the_bytes(world: World) -> None:
    """D16: equal CodeSha256 and attributes; the version is adopted and recorded."""
    wanted = world.layer()
    done = ensure_layer(world.services, wanted)
    forget_record(world, done)
    again = ensure_layer(world.services, wanted)
    assert again == replace(done, is_new=False)
    assert done.s3path_manifest.key in world.object_keys()


def test_a_missing_record_and_a_missing_asset_still_end_in_the_old_version(world: World) -> None:
    """D16 and D35 together: without the manifest there is no record to write, and that is no reason to fail."""
    wanted = world.layer(removal_policy="destroy")
    done = ensure_layer(world.services, wanted)
    forget_record(world, done)
    forget_assets(world)
    assert ensure_layer(world.services, wanted).layer_version_arn == done.layer_version_arn


def test_a_create_that_may_be_undone_takes_nothing_that_it_cannot_note(world: World) -> None:
    """Its Delete would have to go by the mark, and take away what was kept when the layer left the stack."""
    wanted = world.layer(removal_policy="retain-except-on-create")
    done = ensure_layer(world.services, wanted)
    forget_record(world, done)
    forget_assets(world)
    with pytest.raises(PublishError, match="deploy again so that"):
        ensure_layer(world.services, wanted)
    assert ensure_layer(world.services, wanted, "arn of another version").layer_version == 1


def test_a_403_for_a_missing_record_is_told_from_a_denied_one(world: World) -> None:
    """S3 answers 403 to both when s3:ListBucket is not allowed on the very key; a listing tells."""
    wanted = world.layer()
    done = ensure_layer(world.services, wanted)
    forget_record(world, done)
    world.next("s3.HeadObject", refuse(403, "AccessDenied"))
    assert ensure_layer(world.services, wanted).layer_version == done.layer_version


def test_every_page_is_read(world: World) -> None:
    """D17: the wanted version is the oldest of 60, behind the first page."""
    wanted = world.layer()
    done = ensure_layer(world.services, wanted)
    for number in range(60):
        world.publish_by_hand(wanted, description=str(number))
    assert ensure_layer(world.services, wanted).layer_version == done.layer_version


def test_a_version_published_by_hand_is_adopted_only_when_nobody_will_delete_it(world: World) -> None:
    """Same bytes, no record, no mark: fine in retain mode, not ours in destroy mode."""
    wanted = world.layer()
    world.publish_by_hand(wanted)
    own = ensure_layer(world.services, replace(wanted, removal_policy="destroy"))
    assert own.layer_version == 2
    adopted = ensure_layer(world.services, replace(wanted, owner=OTHER))
    assert adopted.layer_version == 1


def test_the_same_bytes_with_other_attributes_are_not_adopted(world: World) -> None:
    """The attributes of a version without a record are those that AWS lists."""
    wanted = world.layer()
    world.publish_by_hand(wanted, description="Something else")
    assert ensure_layer(world.services, wanted).layer_version == 2


@pytest.mark.parametrize("policy", ["retain", "destroy"])
def test_a_version_marked_by_another_owner_is_never_adopted(world: World, policy: RemovalPolicy) -> None:
    """D28 across prefixes: their record lies elsewhere, but the mark says that they may delete it."""
    wanted = world.layer(removal_policy=policy)
    elsewhere = S3Location(ARTIFACTS, "elsewhere")
    ensure_layer(
        world.services, replace(wanted, owner=OTHER, removal_policy="destroy", s3dir_lambda=elsewhere)
    )
    assert ensure_layer(world.services, wanted).layer_version == 2


@pytest.mark.parametrize("theirs", ["retain", "destroy"])
@pytest.mark.parametrize("ours", ["retain", "destroy"])
@pytest.mark.parametrize("prefix", ["one prefix", "two prefixes"])
def test_no_arn_dangles_whichever_stack_goes_first(
    world: World, theirs: RemovalPolicy, ours: RemovalPolicy, prefix: str
) -> None:
    """D28: two stacks want the same layer; after one is deleted the other's version is live."""
    elsewhere = PREFIX if prefix == "one prefix" else S3Location(ARTIFACTS, "elsewhere")
    wanted = world.layer()
    a = replace(wanted, owner=OTHER, removal_policy=theirs, s3dir_lambda=elsewhere)
    b = replace(wanted, removal_policy=ours)
    done: dict[str, LayerDeployment] = {}
    for gone, stays in ((a, b), (b, a)):
        done = {want.owner: ensure_layer(world.services, want) for want in (a, b)}
        arn = LayerVersionArn.parse(done[gone.owner].layer_version_arn)
        assert arn is not None
        if gone.removal_policy == "destroy":
            remove_layer(world.services, LayerRemoval(arn, gone.s3dir_lambda, "uv.lock", gone.owner))
        assert done[stays.owner].layer_version in world.live()
    shared = done[OWNER].layer_version == done[OTHER].layer_version
    assert shared == (theirs == ours == "retain")


def test_two_stacks_at_a_time_keep_their_own_copies(world: World) -> None:
    """D28 concurrently: their whole deployment happens while ours publishes."""
    wanted = world.layer(removal_policy="destroy")
    theirs = replace(wanted, owner=OTHER, s3dir_lambda=S3Location(ARTIFACTS, "elsewhere"))
    world.next("lambda.PublishLayerVersion", first(lambda: ensure_layer(world.services, theirs)))
    ours = ensure_layer(world.services, wanted)
    assert world.live() == [1, 2]
    assert ours.layer_version == 2


def test_a_retained_version_of_ours_is_reused_in_destroy_mode(world: World) -> None:
    """A changed removal policy alone publishes nothing."""
    wanted = world.layer()
    current = ensure_layer(world.services, wanted).layer_version_arn
    assert not ensure_layer(world.services, replace(wanted, removal_policy="destroy"), current).is_new


def test_a_record_of_another_layer_under_our_prefix_is_not_believed(world: World) -> None:
    """Version numbers of two layers meet; the record names its version's whole ARN."""
    wanted = world.layer()
    ensure_layer(world.services, replace(wanted, layer_name="other-layer"))
    world.publish_by_hand(wanted, description=sign_description("x", Mark.of("", OWNER)))
    with pytest.raises(Exception, match="prefix shared") as caught:
        ensure_layer(world.services, replace(wanted, removal_policy="destroy", layer_name="third-layer"))
    assert "other-layer" in str(caught.value)


def forge(world: World, done: LayerDeployment, **changes: str) -> None:
    """Write to the record as somebody can who may write to S3 and no more."""
    place = S3Location(ARTIFACTS, done.s3path_manifest.key)
    head = world.services.s3.head_object(**place.params)
    world.put(place, b"lock of one", **(head["Metadata"] | changes))


@pytest.mark.parametrize("field", ["fingerprint", "layer_sha256", "all"])
def test_a_forged_record_chooses_no_version(world: World, field: str) -> None:
    """Only Lambda's API writes the mark and the bytes, so other bytes never run, and are never reported."""
    old, wanted = world.layer("one"), world.layer("two")
    done = ensure_layer(world.services, old)
    fields = {"fingerprint": wanted.fingerprint, "layer_sha256": wanted.layer_sha256}
    forge(world, done, **(fields if field == "all" else {field: fields[field]}))
    again = ensure_layer(world.services, wanted)
    assert (again.layer_version, again.is_new, again.layer_sha256) == (2, True, wanted.layer_sha256)
    assert ensure_layer(world.services, old).layer_sha256 == old.layer_sha256


def test_a_version_of_an_earlier_release_is_found_by_its_bytes(world: World) -> None:
    """Its description has no build; Lambda's hash proves it, and what its record says does not count."""
    wanted = world.layer()
    world.publish_by_hand(wanted)
    done = ensure_layer(world.services, wanted)
    assert (done.layer_version, done.is_new) == (1, False)
    theirs = world.layer("two")
    forge(world, done, fingerprint=theirs.fingerprint, layer_sha256=theirs.layer_sha256)
    assert ensure_layer(world.services, theirs).layer_version == 2


def test_the_owners_mark_of_an_earlier_release_counts(world: World) -> None:
    """Adopted by its owner, and by nobody else."""
    wanted = world.layer(removal_policy="destroy")
    world.publish_by_hand(wanted, sign_description("Dependencies of greeter", Mark.of("", OWNER)))
    assert ensure_layer(world.services, wanted).layer_version == 1
    assert ensure_layer(world.services, replace(wanted, owner=OTHER)).layer_version == 2


def test_wrong_bytes_that_a_crash_left_under_the_right_mark_are_not_taken(world: World) -> None:
    """The mark comes before the bytes are checked; without a record that was written after it, the bytes decide."""
    wanted = world.layer()
    signed = sign_description("Dependencies of greeter", wanted.mark)
    world.publish_by_hand(world.layer("two"), signed)
    done = ensure_layer(world.services, wanted)
    assert (done.layer_version, done.layer_sha256) == (2, wanted.layer_sha256)


def test_of_equal_versions_the_oldest_is_chosen(world: World) -> None:
    """So nobody chooses the one that its publisher is about to withdraw, not even for other inputs of the same bytes."""
    wanted = world.layer()
    signed = sign_description("Dependencies of greeter", wanted.mark)
    for _ in range(2):
        world.publish_by_hand(wanted, signed)
    assert ensure_layer(world.services, wanted).layer_version == 1
    assert ensure_layer(world.services, replace(wanted, fingerprint="f" * 64)).layer_version == 1


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "of an earlier release"])
def test_the_calls_are_bounded_whatever_the_number_of_versions(world: World, marked: bool) -> None:
    """One list call for 50 versions, and a bounded number of others; nothing is read in S3 for a version."""
    other = world.layer("other")
    signed = sign_description("Dependencies of greeter", other.mark) if marked else None
    for _ in range(120):
        world.publish_by_hand(other, signed)
    wanted = world.layer()
    world.forget_calls()
    assert ensure_layer(world.services, wanted).is_new
    # Before and after the publication.
    assert world.calls.count("lambda.ListLayerVersions") == 2 * 3
    assert world.calls.count("lambda.GetLayerVersion") == (1 if marked else LOOKS)
    in_s3 = [call for call in world.calls if call.startswith("s3.")]
    assert len(in_s3) < 10
