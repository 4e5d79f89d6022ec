"""Answers of Node that never change for a construct: each question is a call to another process, so it is asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_s3 as s3
    from constructs import Construct, IConstruct

T = TypeVar("T")
_TOKEN = "${Token["  # noqa: S105 - as CDK spells one in a text


def stack_of(scope: IConstruct) -> cdk.Stack:
    """Return the stack of a construct."""
    return _once(scope, "stack", cdk.Stack.of)


def path_of(scope: IConstruct) -> str:
    """Return the path of a construct, `Shop/Deps`."""
    return str(_once(scope, "path", lambda construct: construct.node.path))


def address_of(scope: IConstruct) -> str:
    """Return the address of a construct, which is unique in its app; one that comes from Node is another object each time."""
    return str(_once(scope, "address", lambda construct: construct.node.addr))


def root_of(scope: IConstruct) -> Construct:
    """Return the app of a construct, or what is in its place."""
    return _once(scope, "root", lambda construct: cast("Construct", construct.node.root))


def child_of(parent: IConstruct, construct_id: str) -> Construct | None:
    """Return the child with this id; only one that is there is remembered."""
    name = f"__constructs_lib_child_{construct_id}"
    answers = vars(parent)
    if name not in answers:
        child = parent.node.try_find_child(construct_id)
        if child is None:
            return None
        answers[name] = child
    return cast("Construct", answers[name])


def is_token(text: str) -> bool:
    """Return whether a text holds a token, whose value is known at deploy only."""
    return _TOKEN in text and cdk.Token.is_unresolved(text)


def context_of(scope: IConstruct, key: str) -> object:
    """Return a value of the context for this construct, set by the command line, the app or a scope around it."""
    return _once(scope, f"context_{key}", lambda construct: construct.node.try_get_context(key))


def account_of(bucket: s3.IBucket) -> str:
    """Return the account of a bucket."""
    return str(_once(bucket, "account", lambda of: of.env.account))


def _once(scope: IConstruct, question: str, ask: Callable[[Any], T]) -> T:
    name = f"__constructs_lib_{question}"
    answers = vars(scope)
    if name not in answers:
        answers[name] = ask(scope)
    return cast("T", answers[name])
