"""Checks of a construct's arguments: misuse raises a ValueError or TypeError at once, with the construct's path."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.cdk.answers import address_of, child_of, is_token, path_of, root_of
from constructs_lib.core.argument_types import TESTS, find_problem
from constructs_lib.core.aws_facts import (
    LAYER_NAME_LENGTH,
    LAYER_NAME_PATTERN,
    LAYER_NAME_RULE,
    PARAMETER_NAME_LENGTH,
    PARAMETER_NAME_PATTERN,
)
from constructs_lib.core.publish.prefix import prefix_fault, prefixes_collide

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import aws_s3 as s3

    from constructs_lib.core.publish.ownership import RemovalPolicy

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_TESTS = {
    **TESTS,
    # CDK has a float as the token of a number.
    "int": lambda value: TESTS["int"](value) or (isinstance(value, float) and cdk.Token.is_unresolved(value)),
    "lambda_.Runtime": lambda value: isinstance(value, lambda_.Runtime),
    "lambda_.Architecture": lambda value: isinstance(value, lambda_.Architecture),
    "logs.RetentionDays": lambda value: isinstance(value, logs.RetentionDays),
    "cdk.RemovalPolicy": lambda value: isinstance(value, cdk.RemovalPolicy),
    # An interface, which Python cannot compare with; it is not read, since that would be a call to Node.
    "s3.IBucket": lambda value: hasattr(type(value), "bucket_name"),
    "Construct": lambda value: isinstance(value, Construct),
}


def typed(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Check the types of a construct's arguments at each call; raise a TypeError with the construct's path."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    annotations = function.__annotations__

    @wraps(function)
    def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        arguments = {**dict(zip(names, args, strict=False)), **kwargs}
        for name, value in arguments.items():
            # What is no argument of the function is Python's to refuse.
            problem = find_problem(name, annotations[name], value, _TESTS) if name in annotations else None
            if problem is not None:
                place = _place(function.__name__, arguments)
                raise TypeError(
                    f"{place}: {problem.argument} is {problem.value}; it must be {problem.wanted}"
                )
        return function(*args, **kwargs)

    return checked


def _place(function: str, arguments: dict[str, object]) -> str:
    """Return the path of the construct that is made or called, with the function's name where it is no constructor."""
    scope = arguments.get("scope", arguments.get("self"))
    path = path_of(scope) if isinstance(scope, Construct) else ""
    if function == "__init__":
        return "/".join(part for part in (path, str(arguments.get("construct_id"))) if part)
    return f"{path or 'App'}: {function}"


_REMOVAL: dict[cdk.RemovalPolicy, RemovalPolicy] = {
    cdk.RemovalPolicy.RETAIN: "retain",
    cdk.RemovalPolicy.DESTROY: "destroy",
    cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: "retain-except-on-create",
}


class _Claims(Construct):
    """The prefixes of an app's artifacts; it adds nothing to a template."""

    ID = "ConstructsLibPrefixes"

    def __init__(self, root: Construct) -> None:
        super().__init__(root, self.ID)
        self.rows: list[tuple[str, str, str]] = []
        """Bucket, prefix and the artifact's path."""


def removal(scope: Construct, policy: cdk.RemovalPolicy) -> RemovalPolicy:
    """Return the handler's word for a removal policy."""
    if policy not in _REMOVAL:
        policies = ", ".join(f"RemovalPolicy.{accepted.name}" for accepted in _REMOVAL)
        raise ValueError(f"{path_of(scope)}: removal_policy is {policy}, it must be one of {policies}")
    return _REMOVAL[policy]


def check_layer_name(scope: Construct, name: str) -> str:
    """Refuse a name that Lambda would refuse (PublishLayerVersion in the Lambda API reference)."""
    if not is_token(name) and not re.fullmatch(LAYER_NAME_PATTERN, name):
        raise ValueError(
            f"{path_of(scope)}: layer_version_name {name!r} is not a layer name: use {LAYER_NAME_RULE}"
        )
    return name


def check_length(scope: Construct, argument: str, value: str | None, limit: int) -> str | None:
    """Refuse a text that AWS would refuse at deploy time."""
    if value is not None and not is_token(value) and len(value) > limit:
        raise ValueError(f"{path_of(scope)}: {argument} has {len(value)} characters, {limit} are allowed")
    return value


def s3_prefix(scope: Construct, prefix: str | None, name: str) -> str:
    """Return the artifact's folder in its bucket; by default one of its own, so that no two collide."""
    folder = f"lambda/{name}" if prefix is None else prefix.strip("/")
    fault = "" if is_token(folder) else prefix_fault(folder)
    if fault:
        raise ValueError(f"{path_of(scope)}: prefix {(prefix or folder)[:60]!a} {fault}")
    return folder


def claim_prefix(scope: Construct, bucket: s3.IBucket, prefix: str) -> None:
    """Refuse a prefix that is that of another artifact of the app, or inside one, or around one.

    The publisher of the one could then write the records of the other.
    """
    if is_token(prefix):
        return
    name = bucket.bucket_name
    place = address_of(bucket) if is_token(name) else name
    root = root_of(scope)
    claims = cast("_Claims | None", child_of(root, _Claims.ID)) or _Claims(root)
    for claimed_place, claimed_prefix, path in claims.rows:
        if claimed_place == place and prefixes_collide(prefix, claimed_prefix):
            raise ValueError(
                f"{path_of(scope)}: prefix {prefix!r} and {claimed_prefix!r} of {path} are in one bucket and not apart: "
                f"give every artifact a folder of its own"
            )
    claims.rows.append((place, prefix, path_of(scope)))


def unique_name(scope: Construct) -> str:
    """Make a name of the construct's path: the same at every synth, another in every stack."""
    return cdk.Names.unique_resource_name(
        scope, max_length=LAYER_NAME_LENGTH, separator="-", allowed_special_characters="-_"
    )


def check_keep_versions(scope: Construct, keep_versions: int | None, removal_policy: str) -> str | None:
    """Return how many versions stay, the one in use among them, as a property; None if all may go but that one."""
    if keep_versions is None:
        return None
    if removal_policy != "destroy":
        raise ValueError(
            f"{path_of(scope)}: keep_versions is for RemovalPolicy.DESTROY: with {removal_policy!r} every "
            f"version stays; set removal_policy, or leave keep_versions out"
        )
    if not cdk.Token.is_unresolved(keep_versions) and keep_versions < 2:
        raise ValueError(
            f"{path_of(scope)}: keep_versions is {keep_versions}; it must be at least 2, so that a rollback finds "
            f"its version"
        )
    return (
        cdk.Token.as_string(keep_versions) if cdk.Token.is_unresolved(keep_versions) else str(keep_versions)
    )


def check_entry(scope: Construct, entry: str | Path) -> str | Path:
    """Refuse a token: the folder is read at synth, before the token has a value."""
    if is_token(str(entry)):
        raise ValueError(
            f"{path_of(scope)}: entry is known only when the stack is deployed: name a folder of this machine"
        )
    return entry


def check_parameter_name(scope: Construct, name: str | None) -> None:
    """Refuse a name that Systems Manager would refuse (PutParameter in its API reference)."""
    if name is None or is_token(name):
        return
    if not re.fullmatch(PARAMETER_NAME_PATTERN, name) or len(name) > PARAMETER_NAME_LENGTH:
        raise ValueError(
            f"{path_of(scope)}: ssm_parameter_name {name!r} is not a parameter's name: letters, digits, "
            f". - _, and / only if it begins with one"
        )
