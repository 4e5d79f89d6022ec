"""What a user gives a construct → checked values. Misuse raises at once, with the construct's path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import Construct

DESCRIPTION_LIMIT = {"retain": 256, "destroy": 256 - 25}
"""Characters of a layer's description. A version that may be deleted also carries its owner's mark there, whose
length is `OWNER_MARK_LENGTH` of `core.publish`; that module needs botocore, which synth must not."""
_PREFIX_LIMIT = 700  # an S3 key may have 1024 bytes; the layout needs the rest
_LAYER_NAME = re.compile(r"[a-zA-Z0-9-_]{1,140}")
_REMOVAL = {cdk.RemovalPolicy.RETAIN: "retain", cdk.RemovalPolicy.DESTROY: "destroy"}


def removal(scope: Construct, policy: cdk.RemovalPolicy) -> str:
    """The handler's word for a removal policy."""
    if policy not in _REMOVAL:
        known = " or ".join(f"RemovalPolicy.{each.name}" for each in _REMOVAL)
        msg = f"{scope.node.path}: removal_policy is {policy}, it must be {known}"
        raise ValueError(msg)
    return _REMOVAL[policy]


def check_layer_name(scope: Construct, name: str) -> str:
    """Lambda's rule for layer names (PublishLayerVersion in the Lambda API reference)."""
    if not cdk.Token.is_unresolved(name) and not _LAYER_NAME.fullmatch(name):
        msg = (
            f"{scope.node.path}: layer_version_name {name!r} is not a layer name: up to 140 letters, digits, "
            f"hyphens and underscores"
        )
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
    check_length(scope, "prefix", chosen, _PREFIX_LIMIT)
    return chosen


def unique_name(scope: Construct) -> str:
    """A name made of the construct's path, the same at every synth, other in every stack."""
    return cdk.Names.unique_resource_name(
        scope, max_length=140, separator="-", allowed_special_characters="-_"
    )
