"""Every row of the table of events, for layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.publish.layout import S3Location
from tests.support.aws.faults import first, refuse
from tests.support.aws.world import ASSETS, LAYER, PREFIX, World

if TYPE_CHECKING:
    from tests.support.aws.events import Stack

ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:greeter-deps"
MARKER = "create-failed:11111111-2222-3333-4444-555555555555"


def outcome(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["Status"], answer["PhysicalResourceId"]


def test_create(stack: Stack, world: World) -> None:
    """Create ok: the id is the ARN of version 1, and all attributes are there."""
    event = stack.layer_event("Create")
    answer = stack.send(event)
    assert outcome(answer) == ("SUCCESS", f"{ARN}:1")
    assert answer["Data"] == {
        "LayerVersionArn": f"{ARN}:1",
        "LayerArn": ARN,
        "LayerVersion": "1",
        "CodeSha256": world.services.lambda_.get_layer_version(LayerName=LAYER, VersionNumber=1)["Content"][
            "CodeSha256"
        ],
        "Fingerprint": event["ResourceProperties"]["Fingerprint"],
        "ManifestUri": f"{PREFIX.uri}/layer/000001/uv.lock",
        "IsNew": "true",
    }
    assert {key: answer[key] for key in ("StackId", "RequestId", "LogicalResourceId")} == {
        key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")
    }


def test_create_fails_before_publish(stack: Stack, world: World) -> None:
    """The marker comes back in the Delete, which does nothing."""
    event = stack.layer_event("Create")
    world.services.s3.delete_object(Bucket=ASSETS, Key="one.zip")
    assert outcome(stack.send(event)) == ("FAILED", MARKER)
    assert outcome(stack.send(stack.layer_event("Delete", physical_id=MARKER))) == ("SUCCESS", MARKER)
    assert world.calls == []


def test_create_fails_after_publish(stack: Stack, world: World) -> None:
    """FAILED with the real ARN, so that the Delete cleans it up."""
    world.next(
        "lambda.PublishLayerVersion", first(lambda: world.next("s3.PutObject", *[denied_for_good] * 60))
    )
    answer = stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))
    assert outcome(answer) == ("FAILED", f"{ARN}:1")
    world.steps.clear()
    stack.send(stack.layer_event("Delete", physical_id=f"{ARN}:1", RemovalPolicy="destroy"))
    assert world.live() == []


denied_for_good = refuse(403, "AccessDenied")


@pytest.mark.parametrize(("policy", "left"), [("retain", [1]), ("destroy", [])])
def test_create_ok_and_a_sibling_fails(stack: Stack, world: World, policy: str, left: list[int]) -> None:
    """The Delete follows the removal policy; retaining makes no call."""
    stack.send(stack.layer_event("Create", RemovalPolicy=policy))
    answer = stack.send(stack.layer_event("Delete", physical_id=f"{ARN}:1", RemovalPolicy=policy))
    assert outcome(answer) == ("SUCCESS", f"{ARN}:1")
    assert (world.calls == []) is (policy == "retain")
    assert world.live() == left


@pytest.mark.parametrize(
    "physical_id",
    [
        "greeter-Deps-1ABCDEF",
        MARKER,
        "2026/11/20/[$LATEST]0123456789abcdef",
        "arn:aws:lambda:eu-west-1:999999999999:layer:greeter-deps:1",
        "arn:aws:lambda:us-east-1:123456789012:layer:greeter-deps:1",
        "arn:aws-cn:lambda:eu-west-1:123456789012:layer:greeter-deps:1",
        "arn:aws:lambda:eu-west-1:123456789012:layer:other:1",
    ],
)
def test_delete_of_what_is_not_ours(stack: Stack, world: World, physical_id: str) -> None:
    """D30, D31: generated ids, markers, other accounts, regions and layers: SUCCESS, no call."""
    stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))
    answer = stack.send(stack.layer_event("Delete", physical_id=physical_id, RemovalPolicy="destroy"))
    assert outcome(answer) == ("SUCCESS", physical_id)
    assert world.calls == []


@pytest.mark.parametrize("physical_id", ["", None], ids=["empty", "absent"])
def test_delete_without_an_id(stack: Stack, world: World, physical_id: str | None) -> None:
    """D31: nothing to delete, and the answer still has an id."""
    answer = stack.send(stack.layer_event("Delete", physical_id=physical_id, RemovalPolicy="destroy"))
    assert outcome(answer) == ("SUCCESS", MARKER)
    assert world.calls == []


def test_delete_while_create_runs(stack: Stack, world: World) -> None:
    """D30: the early Delete has a generated id; the Create's version leaks rather than dangles."""
    early = stack.layer_event("Delete", physical_id="greeter-Deps-1ABCDEF", RemovalPolicy="destroy")
    world.next("lambda.PublishLayerVersion", first(lambda: stack.start(early)))
    stack.start(stack.layer_event("Create", RemovalPolicy="destroy"))
    assert [answer["Status"] for answer in stack.response_url.answers] == ["SUCCESS", "SUCCESS"]
    assert world.live() == [1]


def test_update_with_the_same_fingerprint(stack: Stack, world: World) -> None:
    """D13: the same id, so no replacement; nothing is written."""
    stack.send(stack.layer_event("Create"))
    answer = stack.send(stack.layer_event("Update", physical_id=f"{ARN}:1"))
    assert outcome(answer) == ("SUCCESS", f"{ARN}:1")
    assert answer["Data"]["IsNew"] == "false"
    assert world.writes == []


def test_update_with_a_new_fingerprint(stack: Stack, world: World) -> None:
    """A new id; the old version lives until CloudFormation's own Delete."""
    stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))
    update = stack.layer_event("Update", "two", physical_id=f"{ARN}:1", RemovalPolicy="destroy")
    assert outcome(stack.send(update)) == ("SUCCESS", f"{ARN}:2")
    assert world.live() == [1, 2]
    stack.send(stack.layer_event("Delete", physical_id=f"{ARN}:1", RemovalPolicy="destroy"))
    assert world.live() == [2]


def test_update_fails_and_is_rolled_back(stack: Stack, world: World) -> None:
    """D35: the old id both times; the rollback reads no asset (it is gone) and publishes nothing."""
    stack.send(stack.layer_event("Create"))
    world.next("lambda.PublishLayerVersion", refuse(400, "InvalidParameterValueException"))
    failed = stack.send(stack.layer_event("Update", "two", physical_id=f"{ARN}:1"))
    assert outcome(failed) == ("FAILED", f"{ARN}:1")
    rollback = stack.layer_event("Update", physical_id=f"{ARN}:1")
    world.services.s3.delete_object(Bucket=ASSETS, Key="one.zip")
    assert outcome(stack.send(rollback)) == ("SUCCESS", f"{ARN}:1")
    assert world.writes == []
    assert "s3.GetObject" not in world.calls


def test_update_fails_after_publish(stack: Stack, world: World) -> None:
    """The old id, also when a version exists already; the next try finds it."""
    stack.send(stack.layer_event("Create"))
    world.next(
        "lambda.PublishLayerVersion", first(lambda: world.next("s3.PutObject", *[denied_for_good] * 60))
    )
    failed = stack.send(stack.layer_event("Update", "two", physical_id=f"{ARN}:1"))
    assert outcome(failed) == ("FAILED", f"{ARN}:1")
    world.steps.clear()
    assert outcome(stack.send(stack.layer_event("Update", "two", physical_id=f"{ARN}:1")))[1] == f"{ARN}:2"
    assert world.live() == [1, 2]


@pytest.mark.parametrize("rollback_update", [True, False], ids=["update and delete", "only delete"])
def test_update_ok_and_a_sibling_fails(stack: Stack, world: World, rollback_update: bool) -> None:
    """D36: either way the old ARN is live and the new one gone."""
    stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))
    stack.send(stack.layer_event("Update", "two", physical_id=f"{ARN}:1", RemovalPolicy="destroy"))
    if rollback_update:
        back = stack.layer_event("Update", physical_id=f"{ARN}:2", RemovalPolicy="destroy")
        assert outcome(stack.send(back)) == ("SUCCESS", f"{ARN}:1")
    stack.send(stack.layer_event("Delete", "two", physical_id=f"{ARN}:2", RemovalPolicy="destroy"))
    assert world.live() == [1]


def test_rollback_finds_the_old_version_gone(stack: Stack, world: World) -> None:
    """Publish again from the old asset."""
    stack.send(stack.layer_event("Create"))
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    assert outcome(stack.send(stack.layer_event("Update", physical_id=f"{ARN}:1"))) == ("SUCCESS", f"{ARN}:2")


def test_rollback_finds_version_and_asset_gone(stack: Stack, world: World) -> None:
    """D37: FAILED, and the text says how to get out."""
    stack.send(stack.layer_event("Create"))
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    event = stack.layer_event("Update", physical_id=f"{ARN}:1")
    world.services.s3.delete_object(Bucket=ASSETS, Key="one.zip")
    answer = stack.send(event)
    assert outcome(answer) == ("FAILED", f"{ARN}:1")
    advice = "continue-update-rollback --stack-name greeter --resources-to-skip DepsResource1A2B3C4D"
    assert advice in answer["Reason"]


def test_a_request_id_that_comes_again_is_evaluated_again(stack: Stack, world: World) -> None:
    """D26, D48: only live state decides."""
    event = stack.layer_event("Create")
    world.next("lambda.PublishLayerVersion", refuse(400, "InvalidParameterValueException"))
    assert stack.send(event)["Status"] == "FAILED"
    assert outcome(stack.send(event)) == ("SUCCESS", f"{ARN}:1")
    assert outcome(stack.send(event)) == ("SUCCESS", f"{ARN}:1")
    assert world.live() == [1]


def test_the_layers_name_changes(stack: Stack, world: World) -> None:
    """A new layer's version, then the Delete of the old one with the old properties."""
    stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))
    renamed = {"LayerName": "renamed", "Prefix": "lambda/renamed", "RemovalPolicy": "destroy"}
    answer = stack.send(stack.layer_event("Update", physical_id=f"{ARN}:1", **renamed))
    assert answer["PhysicalResourceId"].endswith(":layer:renamed:1")
    stack.send(stack.layer_event("Delete", physical_id=f"{ARN}:1", RemovalPolicy="destroy"))
    assert (world.live(), world.live("renamed")) == ([], [1])


def test_delete_denied_in_destroy_mode(stack: Stack, world: World) -> None:
    """D33, layer name changed under the new policy: FAILED with the remedy, the id echoed."""
    stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))
    world.next("lambda.DeleteLayerVersion", denied_for_good)
    answer = stack.send(stack.layer_event("Delete", physical_id=f"{ARN}:1", RemovalPolicy="destroy"))
    assert outcome(answer) == ("FAILED", f"{ARN}:1")
    assert "allow lambda:DeleteLayerVersion" in answer["Reason"]


def test_keep_versions(stack: Stack, world: World) -> None:
    """The property arrives as a string and keeps one released version behind the current one."""
    kept = {"RemovalPolicy": "destroy", "KeepVersions": "2"}
    stack.send(stack.layer_event("Create", "v1", **kept))
    for number in (2, 3, 4):
        stack.send(stack.layer_event("Update", f"v{number}", physical_id=f"{ARN}:{number - 1}", **kept))
        stack.send(stack.layer_event("Delete", f"v{number - 1}", physical_id=f"{ARN}:{number - 1}", **kept))
    assert world.live() == [3, 4]


def test_access_denied_is_waited_for(stack: Stack, world: World) -> None:
    """D5: a new role's policy takes a while to spread; the work starts again from the beginning."""
    world.next("lambda.ListLayerVersions", denied_for_good)
    world.next("lambda.PublishLayerVersion", denied_for_good)
    assert stack.send(stack.layer_event("Create"))["Status"] == "SUCCESS"
    assert world.live() == [1]


def test_access_denied_for_good_fails_within_90_seconds(stack: Stack, world: World) -> None:
    """D5: FAILED with the action and the resource."""
    world.next("lambda.PublishLayerVersion", *[denied_for_good] * 99)
    answer = stack.send(stack.layer_event("Create"))
    assert answer["Status"] == "FAILED"
    assert "allow lambda:PublishLayerVersion" in answer["Reason"]
    assert 60 < world.time.reading <= 110


@pytest.mark.parametrize("policy", ["retain", "destroy"])
def test_properties_of_the_first_release_are_handled(stack: Stack, world: World, policy: str) -> None:
    """D43: schema 1 without what later releases added comes back in a rollback and in a Delete."""
    old = stack.layer_event("Create", RemovalPolicy=policy)
    assert "SbomAssetKey" not in old["ResourceProperties"]
    assert old["ResourceProperties"]["SchemaVersion"] == "1"
    assert outcome(stack.send(old)) == ("SUCCESS", f"{ARN}:1")
    world.put(S3Location(ASSETS, "sbom.json"), b"{}")
    added = {"SbomAssetBucket": ASSETS, "SbomAssetKey": "sbom.json", "RemovalPolicy": policy}
    new = stack.layer_event("Update", "two", physical_id=f"{ARN}:1", **added)
    assert outcome(stack.send(new)) == ("SUCCESS", f"{ARN}:2")
    back = old | {"RequestType": "Update", "PhysicalResourceId": f"{ARN}:2"}
    assert outcome(stack.send(back)) == ("SUCCESS", f"{ARN}:1")
    delete = old | {"RequestType": "Delete", "PhysicalResourceId": f"{ARN}:1"}
    assert outcome(stack.send(delete)) == ("SUCCESS", f"{ARN}:1")
    assert world.live() == ([1, 2] if policy == "retain" else [2])


def test_a_newer_library_replaces_nothing(stack: Stack, world: World) -> None:
    """D49: the new function gets the old version's properties, and more of them; the id stays."""
    stack.send(stack.layer_event("Create"))
    assert outcome(stack.send(stack.layer_event("Update", physical_id=f"{ARN}:1"))) == ("SUCCESS", f"{ARN}:1")
    assert world.writes == []
    world.put(S3Location(ASSETS, "sbom.json"), b"{}")
    added = {"SbomAssetBucket": ASSETS, "SbomAssetKey": "sbom.json", "AddedSomeDay": "x"}
    answer = stack.send(stack.layer_event("Update", physical_id=f"{ARN}:1", **added))
    assert outcome(answer) == ("SUCCESS", f"{ARN}:1")
    assert world.writes == ["s3.PutObject"]


@pytest.mark.parametrize(("owner", "expected"), [(None, "123456789012"), ("210987654321", "210987654321")])
def test_the_owner_of_the_bucket_is_expected(
    stack: Stack, world: World, owner: str | None, expected: str
) -> None:
    """B4: the function's own account, or the one that the template names, with every call for that bucket."""
    event = stack.layer_event("Create", RemovalPolicy="destroy", BucketOwner=owner)
    event["ResourceProperties"] |= {"SbomAssetBucket": ASSETS, "SbomAssetKey": "one.lock"}
    # moto knows one account alone, so only what is sent is looked at.
    answer = stack.send(event)
    calls = [params for name, sent in world.sent.items() if name.startswith("s3.") for params in sent]
    owners = {params.get("ExpectedBucketOwner") for params in calls if params["Bucket"] == PREFIX.bucket}
    assert owners == {expected}, answer
    assert {params.get("ExpectedBucketOwner") for params in calls if params["Bucket"] == ASSETS} == {None}
