"""Checks of a construct's arguments."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk import arguments


def test_a_prefix_is_a_folder_without_slashes_at_its_ends(stack: cdk.Stack) -> None:
    """Or a folder of the artifact's own."""
    assert arguments.s3_prefix(stack, "/deps/", "name") == "deps"
    assert arguments.s3_prefix(stack, None, "name") == "lambda/name"
    with pytest.raises(ValueError, match=r"Shop: prefix 'x{60}' has 701 characters, 700 are allowed"):
        arguments.s3_prefix(stack, "x" * 701, "name")


def test_a_token_passes_every_check(stack: cdk.Stack) -> None:
    """Its value is known at deploy only."""
    token = cdk.CfnParameter(stack, "Given").value_as_string
    assert arguments.check_layer_name(stack, token) == token
    assert arguments.check_length(stack, "description", token, 1) == token
    arguments.check_parameter_name(stack, token)


def test_the_number_of_versions_is_a_property(stack: cdk.Stack) -> None:
    """A text, as CloudFormation hands it to the handler; a token keeps its reference."""
    assert arguments.check_keep_versions(stack, None, "retain") is None
    assert arguments.check_keep_versions(stack, 3, "destroy") == "3"
    number = cast("int", cdk.CfnParameter(stack, "Keep", type="Number").value_as_number)
    assert stack.resolve(arguments.check_keep_versions(stack, number, "destroy")) == {"Ref": "Keep"}


@pytest.mark.parametrize("name", ["", "a b", "/a//b", "/", "x" * 1012])
def test_what_is_no_name_of_a_parameter_is_refused(stack: cdk.Stack, name: str) -> None:
    with pytest.raises(ValueError, match="is not a parameter's name"):
        arguments.check_parameter_name(stack, name)


def test_names_differ_by_the_constructs_path(app: cdk.App) -> None:
    """The same at every synth."""
    stacks = [cdk.Stack(app, name) for name in ("One", "Two")]
    names = [arguments.unique_name(stack) for stack in stacks]
    assert names == [arguments.unique_name(stack) for stack in stacks]
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    ("prefix", "fault"),
    [
        ("*", r"'\*' has '\*': use ASCII characters other than"),
        ("a?", r"has '\?'"),
        ("${aws:username}", r"has '\$'"),
        ("a//b", "a part that is empty"),
        ("../x", "a part that is empty, '.' or '..'"),
        ("a/./b", "a part that is empty, '.' or '..'"),
        ("\u00fc", "has '.xfc'"),
        ("a\n", r"has '\\n'"),
    ],
    ids=ascii,
)
def test_a_prefix_with_a_meaning_in_iam_or_s3_is_refused(stack: cdk.Stack, prefix: str, fault: str) -> None:
    """It would be a wildcard or a variable in the role's policy, or a second spelling of another key."""
    with pytest.raises(ValueError, match=f"Shop: prefix .*{fault}"):
        arguments.s3_prefix(stack, prefix, "name")


@pytest.mark.parametrize(("one", "other"), [("team", "team"), ("team", "team/a"), ("team/a/b", "team/a")])
def test_artifacts_of_an_app_have_folders_apart(app: cdk.App, one: str, other: str) -> None:
    """Also in two stacks: the role of the one could write the records of the other."""
    stacks = [cdk.Stack(app, name) for name in ("One", "Two")]
    buckets = [s3.Bucket.from_bucket_name(stack, "Given", "given") for stack in stacks]
    arguments.claim_prefix(stacks[0], buckets[0], one)
    with pytest.raises(ValueError, match=f"Two: prefix '{other}' and '{one}' of One are in one bucket"):
        arguments.claim_prefix(stacks[1], buckets[1], other)


def test_folders_in_two_buckets_or_apps_are_apart(app: cdk.App) -> None:
    stacks = [cdk.Stack(app, "One"), cdk.Stack(app, "Two"), cdk.Stack(cdk.App(), "Three")]
    for stack in stacks:
        arguments.claim_prefix(stack, s3.Bucket(stack, "Own"), "team")
    arguments.claim_prefix(stacks[0], cast("s3.IBucket", stacks[0].node.find_child("Own")), "team-b")
    token = cdk.CfnParameter(stacks[0], "Prefix").value_as_string
    for _ in range(2):
        arguments.claim_prefix(stacks[0], cast("s3.IBucket", stacks[0].node.find_child("Own")), token)
