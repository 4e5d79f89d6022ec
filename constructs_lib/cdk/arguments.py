"""What a user gives a construct → checked values. Misuse raises at once, with the construct's path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk

from constructs_lib.core.aws_facts import (
    LAYER_NAME_LENGTH,
    LAYER_NAME_PATTERN,
    LAYER_NAME_RULE,
    PARAMETER_NAME_LENGTH,
    PARAMETER_NAME_PATTERN,
)
from constructs_lib.core.publish.layout import PREFIX_LENGTH

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct

    from constructs_lib.core.publish.ownership import RemovalPolicy

_REMOVAL: dict[cdk.RemovalPolicy, RemovalPolicy] = {
    cdk.RemovalPolicy.RETAIN: "retain",
    cdk.RemovalPolicy.DESTROY: "destroy",
    cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: "retain-except-on-create",
}


def removal(scope: Construct, policy: cdk.RemovalPolicy) -> RemovalPolicy:
    """The handler's word for a removal policy."""
    if policy not in _REMOVAL:
        known = ", ".join(f"RemovalPolicy.{each.name}" for each in _REMOVAL)
        msg = f"{scope.node.path}: removal_policy is {policy}, it must be one of {known}"
        raise ValueError(msg)
    return _REMOVAL[policy]


def check_layer_name(scope: Construct, name: str) -> str:
    """Lambda's rule for layer names (PublishLayerVersion in the Lambda API reference)."""
    if not cdk.Token.is_unresolved(name) and not re.fullmatch(LAYER_NAME_PATTERN, name):
        msg = f"{scope.node.path}: layer_version_name {name!r} is not a layer name: use {LAYER_NAME_RULE}"
        raise ValueError(msg)
    return name


def check_length(scope: Construct, what: str, value: str | None, limit: int) -> str | None:
    """Refuse a text that would be refused at deploy time."""
    if value is not None and not cdk.Token.is_unresolved(value) and len(value) > limit:
        msg = f"{scope.node.path}: {what} has {len(value)} characters, {limit} are allowed"
        raise ValueError(msg)
    return value


def s3_prefix(scope: Construct, prefix: str | None, name: str) -> str:
    """Where the artifact lies in its bucket; by default a folder of its own, so that no two collide."""
    chosen = f"lambda/{name}" if prefix is None else prefix.strip("/")
    if not chosen:
        msg = f"{scope.node.path}: prefix {prefix!r} is empty: name a folder of the bucket"
        raise ValueError(msg)
    check_length(scope, "prefix", chosen, PREFIX_LENGTH)
    return chosen


def unique_name(scope: Construct) -> str:
    """A name made of the construct's path, the same at every synth, other in every stack."""
    return cdk.Names.unique_resource_name(
        scope, max_length=LAYER_NAME_LENGTH, separator="-", allowed_special_characters="-_"
    )


def check_keep_versions(scope: Construct, keep_versions: int | None, removal_policy: str) -> str | None:
    """How many versions stay, the one in use among them, as a property; None where it was not asked for."""
    if keep_versions is None:
        return None
    if removal_policy != "destroy":
        msg = (
            f"{scope.node.path}: keep_versions is for RemovalPolicy.DESTROY: with {removal_policy!r} every "
            f"version stays; set removal_policy, or leave keep_versions out"
        )
        raise ValueError(msg)
    if not cdk.Token.is_unresolved(keep_versions) and keep_versions < 2:
        msg = f"{scope.node.path}: keep_versions is {keep_versions}, at least 2 are needed for a way back"
        raise ValueError(msg)
    return (
        cdk.Token.as_string(keep_versions) if cdk.Token.is_unresolved(keep_versions) else str(keep_versions)
    )


def check_entry(scope: Construct, entry: str | Path) -> str | Path:
    """A folder is read at synth, so a value that is known only at deploy time cannot name it."""
    if cdk.Token.is_unresolved(str(entry)):
        msg = f"{scope.node.path}: entry is known only when the stack is deployed: name a folder of this machine"
        raise ValueError(msg)
    return entry


def check_parameter_name(scope: Construct, name: str | None) -> None:
    """Systems Manager's rule for names of parameters (PutParameter in its API reference)."""
    if name is None or cdk.Token.is_unresolved(name):
        return
    if not re.fullmatch(PARAMETER_NAME_PATTERN, name) or len(name) > PARAMETER_NAME_LENGTH:
        msg = (
            f"{scope.node.path}: ssm_parameter_name {name!r} is not a parameter's name: letters, digits, "
            f". - _, and / only if it begins with one"
        )
        raise ValueError(msg)
