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
    ],
    ids=str,
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
    ],
    ids=str,
)
def test_a_malformed_event_is_named(stack: Stack, change: dict[str, Any], named: str) -> None:
    """D42: FAILED, with an id that is not empty."""
    answer = stack.send(stack.layer_event("Create") | change)
    assert answer["Status"] == "FAILED"
    assert named in answer["Reason"]
