from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.inventory import (
    PublishedVersion,
    VersionFolder,
    choose_surplus,
    find_surplus,
    list_published,
    read_details,
    remove_published,
)
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, code_sha256
from constructs_lib.core.publish.layers.live_versions import LiveVersion
from constructs_lib.core.publish.ownership import Mark
from tests.support.aws.faults import refuse, respond
from tests.support.aws.world import LAYER, OTHER, PREFIX, World

if TYPE_CHECKING:
    from tests.support.aws.faults import Step


def functions(**layers: str) -> Step:
    """Functions by name, each with the one layer version it uses."""
    listed = [{"FunctionName": name, "Layers": [{"Arn": arn}]} for name, arn in layers.items()]
    body = json.dumps({"Functions": listed}).encode()
    return lambda request, _send: respond(request, 200, {"content-type": "application/json"}, body)


def made(
    number: int, owner: str = "", used_by: tuple[str, ...] | None = (), *, cpu: str = "x86_64"
) -> PublishedVersion:
    attributes = LayerAttributes(("python3.13",), (cpu,))
    live = LiveVersion(LAYER, number, f"arn:{number}", attributes, Mark("", owner))
    return PublishedVersion(live, VersionFolder(PREFIX), None, used_by)


def numbers(versions: list[PublishedVersion]) -> list[int]:
    return [version.number for version in versions]


def test_a_version_with_all_that_is_known_of_it(world: World) -> None:
    first = ensure_layer(world.services, world.layer("one"))
    second = ensure_layer(world.services, world.layer("two"))
    world.next("lambda.ListFunctions", functions(greeter=first.layer_version_arn))
    newest, oldest = list_published(world.services, LAYER, PREFIX)
    assert (newest.live.arn, newest.used_by) == (second.layer_version_arn, ())
    assert (oldest.live.arn, oldest.used_by) == (first.layer_version_arn, ("greeter",))
    assert newest.record is not None
    assert newest.record.layer_sha256 == second.layer_sha256
    assert newest.folder.manifest == second.s3path_manifest
    details = read_details(world.services, newest.live)
    assert details.size > 0
    assert details.created.startswith("20")
    assert details.code_sha256 == code_sha256(second.layer_sha256)


def test_what_may_go_is_known_without_a_question_for_each_version(world: World) -> None:
    """Lambda lists versions and functions; size and age, which only `versions` shows, are not asked for."""
    for content in ("one", "two", "three"):
        ensure_layer(world.services, world.layer(content))
    world.next("lambda.ListFunctions", functions())
    world.forget_calls()
    assert len(list_published(world.services, LAYER, PREFIX)) == 3
    in_lambda = [call for call in world.calls if call.startswith("lambda.")]
    assert in_lambda == ["lambda.ListLayerVersions", "lambda.ListFunctions"]


def test_a_layer_that_does_not_exist_has_no_versions(world: World) -> None:
    assert list_published(world.services, LAYER, PREFIX) == []


def test_the_record_of_another_layer_is_not_this_ones(world: World) -> None:
    ensure_layer(world.services, world.layer())
    other = replace(world.layer("two"), layer_name="other-deps")
    world.publish_by_hand(other)
    world.next("lambda.ListFunctions", functions())
    (only,) = list_published(world.services, "other-deps", PREFIX)
    assert only.record is None


def test_removed_with_all_that_lies_beside_it(world: World) -> None:
    for content in ("one", "two", "three"):
        ensure_layer(world.services, world.layer(content, owner=""))
    world.next("lambda.ListFunctions", functions())
    surplus = choose_surplus(list_published(world.services, LAYER, PREFIX), keep=1)
    remove_published(world.services, surplus)
    assert world.live() == [3]
    assert [key for key in world.object_keys() if "/00000" in key] == [f"{PREFIX.key}/layer/000003/uv.lock"]


def test_an_object_that_may_not_be_deleted_is_left_over_and_said(world: World) -> None:
    ensure_layer(world.services, world.layer(owner=""))
    ensure_layer(world.services, world.layer("two", owner=""))
    world.next("lambda.ListFunctions", functions())
    surplus = choose_surplus(list_published(world.services, LAYER, PREFIX), keep=1)
    world.next("s3.DeleteObject", refuse(403, "AccessDenied"))
    remove_published(world.services, surplus)
    assert world.live() == [2]
    assert "left over" in world.lines[-1]


def test_where_functions_may_not_be_listed_nothing_is_chosen(world: World) -> None:
    ensure_layer(world.services, world.layer())
    world.next("lambda.ListFunctions", refuse(403, "AccessDeniedException"))
    published = list_published(world.services, LAYER, PREFIX)
    assert published[0].used_by is None
    with pytest.raises(PublishError, match=r"allow lambda:ListFunctions"):
        choose_surplus(published, keep=1)


def test_one_version_at_least_stays() -> None:
    with pytest.raises(PublishError, match="keep is 0"):
        choose_surplus([], keep=0)


def test_what_a_function_uses_stays() -> None:
    assert numbers(choose_surplus([made(3), made(2, used_by=("f",)), made(1)], keep=1)) == [1]


def test_the_newest_of_every_stack_stays() -> None:
    versions = [made(4), made(3, OTHER), made(2, OTHER), made(1)]
    assert numbers(choose_surplus(versions, keep=1)) == [2, 1]


@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.booleans()), max_size=12),
    st.integers(min_value=1, max_value=5),
)
def test_nothing_in_use_goes_and_enough_stays(rows: list[tuple[str, bool]], keep: int) -> None:
    versions = [
        made(len(rows) - place, owner, ("f",) if used else ()) for place, (owner, used) in enumerate(rows)
    ]
    gone = choose_surplus(versions, keep)
    left = [version for version in versions if version not in gone]
    assert not any(version.used_by for version in gone)
    assert left[:keep] == versions[:keep]
    for owner in {version.owner for version in versions} - {""}:
        newest = next(version for version in versions if version.owner == owner)
        assert newest in left


def test_what_was_answered_with_stays() -> None:
    """An old lock leads back to an old version, which is the one in use from then on."""
    assert numbers(choose_surplus([made(3), made(2), made(1)], keep=1, answers={"arn:1"})) == [2]


def test_targets_count_apart() -> None:
    """One name for two CPUs: the newest of each stays, and one that is to come counts for its own."""
    versions = [made(4), made(3), made(2, cpu="arm64"), made(1, cpu="arm64")]
    assert numbers(choose_surplus(versions, keep=1)) == [3, 1]
    coming = versions[0].live.attributes.target
    assert numbers(choose_surplus(versions, keep=1, coming=coming)) == [4, 3, 1]


def stacks(*arns: str) -> tuple[Step, Step]:
    """The answers of CloudFormation: one stack, and the ids of its resources."""
    listed = "".join(
        f"<member><PhysicalResourceId>{arn}</PhysicalResourceId><LogicalResourceId>Deps</LogicalResourceId>"
        "<ResourceType>Custom::PythonLayerArtifact</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
        "</member>"
        for arn in arns
    )

    def answer(operation: str, content: str) -> Step:
        body = f"<{operation}Response><{operation}Result>{content}</{operation}Result></{operation}Response>"
        return lambda request, _send: respond(request, 200, {"content-type": "text/xml"}, body.encode())

    summaries = (
        "<StackSummaries><member><StackId>arn:stack</StackId><StackName>s</StackName>"
        "<StackStatus>UPDATE_COMPLETE</StackStatus></member></StackSummaries>"
    )
    return (
        answer("ListStacks", summaries),
        answer("ListStackResources", f"<StackResourceSummaries>{listed}</StackResourceSummaries>"),
    )


def surplus(world: World, *referred: str, **changes: Any) -> list[int]:
    list_stacks, list_resources = stacks(*referred)
    world.next("lambda.ListFunctions", functions())
    world.next("cloudformation.ListStacks", list_stacks)
    world.next("cloudformation.ListStackResources", list_resources)
    return numbers(find_surplus(world.services, LAYER, PREFIX, 1, **changes))


def test_what_a_stack_refers_to_stays(world: World) -> None:
    """Also an older one than the stack's newest, as after a rollback to an old lock."""
    arns = [ensure_layer(world.services, world.layer(name)).layer_version_arn for name in "abc"]
    assert surplus(world) == [2, 1]
    assert surplus(world, arns[0]) == [2]


def test_what_a_script_was_answered_with_last_stays(world: World) -> None:
    """It is in no list of AWS, so the publication notes it; the next answer lets it go."""
    for name in ("a", "b", "a"):
        ensure_layer(world.services, world.layer(name, owner=""))
    assert world.live() == [1, 2]
    assert surplus(world) == []
    ensure_layer(world.services, world.layer("c", owner=""))
    assert surplus(world) == [2, 1]
    assert surplus(world, answer=f"arn:aws:lambda:eu-west-1:123456789012:layer:{LAYER}:2") == [1]


@pytest.mark.parametrize("operation", ["cloudformation.ListStacks", "cloudformation.ListStackResources"])
def test_where_stacks_may_not_be_listed_nothing_is_chosen(world: World, operation: str) -> None:
    """Nor without a client; a layer without surplus asks for nothing."""
    ensure_layer(world.services, world.layer("a"))
    assert surplus(world) == []
    ensure_layer(world.services, world.layer("b"))
    world.steps.clear()
    world.next("lambda.ListFunctions", functions(), functions())
    world.next("cloudformation.ListStacks", stacks()[0])
    world.steps[operation].insert(0, refuse(403, "AccessDenied"))
    with pytest.raises(PublishError, match="allow cloudformation:ListStacks"):
        find_surplus(world.services, LAYER, PREFIX, 1)
    with pytest.raises(PublishError, match="allow cloudformation:ListStacks"):
        find_surplus(replace(world.services, cloudformation=None), LAYER, PREFIX, 1)
