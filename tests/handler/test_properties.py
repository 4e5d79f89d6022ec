"""Malformed events and properties: FAILED, naming what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.aws.events import Stack
    from tests.support.aws.world import World


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SchemaVersion": "2"}, "SchemaVersion is 2.*redeploy"),
        ({"SchemaVersion": "one"}, "SchemaVersion is 'one', expected a whole number"),
        ({"SchemaVersion": None}, "SchemaVersion is missing"),
        ({"SchemaVersion": 1}, "SchemaVersion is a int"),
        ({"LayerName": "a.b"}, "LayerName"),
        ({"LayerName": "a" * 141}, "LayerName"),
        (
            {"LayerSha256": "not-built"},
            "was not selected .* deploy it by its name, without --app of an older cdk.out",
        ),
        ({"LayerSha256": "base64=="}, "LayerSha256.*64 hexadecimal digits"),
        ({"ManifestMd5": ""}, "ManifestMd5"),
        ({"Fingerprint": None}, "Fingerprint is missing"),
        ({"ManifestName": "../uv.lock"}, "ManifestName"),
        ({"Bucket": "No Bucket"}, "Bucket"),
        ({"AssetKey": ""}, "AssetKey"),
        ({"RemovalPolicy": "maybe"}, "RemovalPolicy is 'maybe', expected one of .*'retain', 'destroy'"),
        ({"KeepVersions": "1"}, "KeepVersions is 1, expected at least 2"),
        ({"KeepVersions": "1.5"}, "KeepVersions"),
        ({"CompatibleRuntimes": ["python3.13"] * 16}, "CompatibleRuntimes.*at most 15"),
        ({"CompatibleRuntimes": "python3.13"}, "CompatibleRuntimes.*a list of strings"),
        ({"CompatibleArchitectures": ["a", "b", "c"]}, "CompatibleArchitectures"),
        ({"Description": "d" * 257}, "Description.*at most 256"),
        ({"Description": "d" * 232, "RemovalPolicy": "destroy"}, "Description.*at most 231"),
        ({"LicenseInfo": "l" * 513}, "LicenseInfo"),
        ({"RemovalPolicy": ["destroy"]}, "RemovalPolicy is a list, expected one of"),
        ({"Description": "\ud800"}, "Description is .*expected a text"),
        ({"AssetKey": "a\udfff"}, "AssetKey is .*expected an object key"),
        ({"Prefix": "lambda/*"}, "Prefix is 'lambda/\\*', which has '\\*'"),
        ({"Prefix": "a//b"}, "Prefix is 'a//b', which has a part that is empty"),
        ({"Prefix": "\u00fc"}, "Prefix is .*ASCII"),
        ({"Prefix": ""}, "Prefix is '', which is empty"),
        ({"BucketOwner": "me"}, "BucketOwner is 'me', expected an account"),
        ({"ManifestSha256": "abc"}, "ManifestSha256.*64 hexadecimal digits"),
        ({"SbomSha256": ["a"]}, "SbomSha256 is a list"),
    ],
    ids=ascii,
)
def test_a_bad_property_is_named(stack: Stack, world: World, changes: dict[str, Any], named: str) -> None:
    """D42, D44, step 1: FAILED before any call."""
    answer = stack.send(stack.layer_event("Create", **changes))
    assert answer["Status"] == "FAILED"
    assert re.search(named, answer["Reason"]), answer["Reason"]
    assert world.calls == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SourceVersion": "1/2"}, "SourceVersion"),
        ({"SourceVersion": None}, "SourceVersion is missing"),
        ({"SourceSha256": "abc"}, "SourceSha256"),
        ({"SchemaVersion": "9"}, "redeploy"),
    ],
    ids=str,
)
def test_a_bad_source_property_is_named(stack: Stack, changes: dict[str, Any], named: str) -> None:
    """The same for sources."""
    answer = stack.send(stack.source_event("Create", **changes))
    assert answer["Status"] == "FAILED"
    assert named in answer["Reason"]


def test_a_newer_schema_is_no_reason_to_keep_a_failed_create(stack: Stack) -> None:
    """Its Delete carries the marker, which is looked at before the properties."""
    event = stack.layer_event("Create", SchemaVersion="2", RemovalPolicy="destroy")
    marker = stack.send(event)["PhysicalResourceId"]
    event |= {"RequestType": "Delete", "PhysicalResourceId": marker}
    assert stack.send(event)["Status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"RequestType": "Upsert"}, "RequestType 'Upsert' is unknown"),
        ({"RequestType": ""}, "no RequestType"),
        ({"ResourceType": "Custom::Else"}, "ResourceType 'Custom::Else' is unknown"),
        ({"LogicalResourceId": ""}, "no LogicalResourceId"),
        ({"StackId": ""}, "no StackId"),
        ({"ResourceProperties": None}, "no ResourceProperties"),
        ({"RequestType": "Update"}, "no PhysicalResourceId"),
        ({"StackId": "arn:aws:cloudformation:eu-west-1:1:stack/\ud800/x"}, "StackId '"),
        ({"ResourceType": "Custom::\0"}, "is no readable text"),
    ],
    ids=ascii,
)
def test_a_malformed_event_is_named(stack: Stack, change: dict[str, Any], named: str) -> None:
    """D42: FAILED, with an id that is not empty."""
    answer = stack.send(stack.layer_event("Create") | change)
    assert answer["Status"] == "FAILED"
    assert named in answer["Reason"]


@pytest.mark.parametrize("policy", [["destroy"], {"a": "b"}, None, "\ud800"], ids=ascii)
def test_a_policy_that_cannot_be_read_deletes_nothing(stack: Stack, world: World, policy: object) -> None:
    """A Delete has to be answered whatever its properties are."""
    arn = stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))["PhysicalResourceId"]
    event = stack.layer_event("Delete", physical_id=arn)
    event["ResourceProperties"]["RemovalPolicy"] = policy
    assert stack.send(event)["Status"] == "SUCCESS"
    assert world.live() == [1]


@pytest.mark.parametrize("prefix", ["lambda/*", "a//b", "\u00fc"], ids=ascii)
def test_a_prefix_of_an_earlier_release_works_on(stack: Stack, world: World, prefix: str) -> None:
    """It comes back in a rollback and in a Delete, which must not fail for it."""
    old = {"Prefix": prefix, "RemovalPolicy": "destroy"}
    arn = stack.send(stack.layer_event("Create", RemovalPolicy="destroy"))["PhysicalResourceId"]
    answer = stack.send(stack.layer_event("Update", "two", physical_id=arn, **old))
    assert answer["Status"] == "SUCCESS"
    answer = stack.send(stack.layer_event("Delete", "two", physical_id=answer["PhysicalResourceId"], **old))
    assert (answer["Status"], world.live()) == ("SUCCESS", [1])


ODD: tuple[object, ...] = ("", "x", "\0", "\ud800", "\u202e", "../..", "*", "${aws:username}", "1e9", "-1", "\u0661", "x" * 5000, None, True,
       0, 1.5, [], [""], ["a", 1], [["a"]], {}, {"Ref": "x"}, {"a": ["\ud800"]}, "true", "a\nb")  # fmt: skip


@pytest.mark.parametrize("kind", ["Create", pytest.param("Update", marks=pytest.mark.wide), "Delete"])
def test_any_property_of_an_odd_type_is_named_or_taken(stack: Stack, world: World, kind: str) -> None:
    """Each property with each odd value: one answer in plain words, never the text of a Python failure.

    And a Delete succeeds: a stack must be able to go.
    """
    arn = stack.send(stack.layer_event("Create"))["PhysicalResourceId"]
    names = sorted(stack.layer_event("Create")["ResourceProperties"])
    for name in (*names, "Else"):
        for value in ODD:
            event = stack.layer_event(kind, physical_id=None if kind == "Create" else arn)
            event["ResourceProperties"][name] = value
            answer = stack.send(event)
            assert answer["Status"] in ({"SUCCESS"} if kind == "Delete" else {"SUCCESS", "FAILED"}), (
                name,
                value,
            )
            if answer["Status"] == "FAILED":
                reason = answer["Reason"]
                assert re.match(r"(Publish|PrefixShared)Error\[[a-z-]+\]: ", reason), (name, value, reason)
                assert reason.isprintable()
    assert 1 in world.live()
