"""Checks of a construct's arguments."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
import pytest

from constructs_lib.cdk import arguments


def test_a_prefix_is_a_folder_without_slashes_at_its_ends(stack: cdk.Stack) -> None:
    """Or a folder of the artifact's own."""
    assert arguments.s3_prefix(stack, "/deps/", "name") == "deps"
    assert arguments.s3_prefix(stack, None, "name") == "lambda/name"
    with pytest.raises(ValueError, match="Shop: prefix has 701 characters, 700 are allowed"):
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
