"""Answers of Node that never change are asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.cdk import answers

if TYPE_CHECKING:
    from collections.abc import Callable


def test_they_are_those_of_node(app: cdk.App, stack: cdk.Stack) -> None:
    bucket = s3.Bucket(cdk.NestedStack(stack, "Nested"), "B")
    assert answers.path_of(bucket) == bucket.node.path == "Shop/Nested/B"
    assert answers.address_of(bucket) == bucket.node.addr
    assert answers.stack_of(bucket) is cdk.Stack.of(bucket)
    assert answers.root_of(bucket) is app
    assert answers.account_of(bucket) == bucket.env.account


@pytest.mark.parametrize(
    "ask",
    [answers.path_of, answers.address_of, answers.stack_of, answers.root_of],
    ids=lambda ask: ask.__name__,
)
def test_a_second_question_asks_nobody(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Construct], object]
) -> None:
    construct = Construct(stack, "C")
    first = ask(construct)
    monkeypatch.setattr("jsii._kernel.providers.process._NodeProcess.send", None)
    assert ask(construct) == first


def test_a_child_that_comes_later_is_found(stack: cdk.Stack) -> None:
    """Only one that is there is remembered."""
    assert answers.child_of(stack, "Later") is None
    child = Construct(stack, "Later")
    assert answers.child_of(stack, "Later") is child
    assert answers.child_of(stack, "Later") is child


def test_tokens_are_what_cdk_takes_for_them(stack: cdk.Stack) -> None:
    """In any text; one without the mark of a token needs no question."""
    name = cdk.CfnParameter(stack, "P").value_as_string
    assert answers.is_token(name)
    assert answers.is_token(f"a-{stack.account}-b")
    assert not answers.is_token("plain")
    assert not answers.is_token("${AWS::Region}")


def test_context_is_that_of_the_scope(app: cdk.App) -> None:
    """A stage or a stack may have another value than its app."""
    stage = cdk.Stage(app, "Prod")
    stage.node.set_context("key", "stage")
    assert answers.context_of(cdk.Stack(stage, "Shop"), "key") == "stage"
    assert answers.context_of(cdk.Stack(app, "Other"), "key") is None
