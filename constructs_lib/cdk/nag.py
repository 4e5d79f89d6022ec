"""Findings of cdk-nag that are meant so, each with its reason, where cdk-nag 2 and 3 look for them.

Neither release is imported: 2 reads metadata in the template, 3 what CDK's own `Validations` hold.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str, findings: Sequence[str] = ()) -> None:
    """Say why a rule of AwsSolutions does not hold for `construct`, an L2 construct.

    `findings` narrows it down, as both releases spell them: `Resource::arn:…:*`.
    """
    resource = cast("cdk.CfnResource", construct.node.default_child)
    known = (resource.get_metadata("cdk_nag") or {}).get("rules_to_suppress", [])
    entry = {"id": rule, "reason": reason, **({"applies_to": list(findings)} if findings else {})}
    resource.add_metadata("cdk_nag", {"rules_to_suppress": [*known, entry]})
    if hasattr(cdk, "Validations"):  # CDK has had them since 2.257
        for finding in [f"{rule}[{each}]" for each in findings] or [rule]:
            cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def wildcard_findings(scope: IConstruct, resources: Sequence[str]) -> list[str]:
    """Rule IAM5's names for the ARNs with a `*` among these, sorted: references in angle brackets."""
    flat = {_flat(each) for each in cdk.Stack.of(scope).resolve(list(resources))}
    return sorted(f"Resource::{each}" for each in flat if "*" in each)


def _flat(value: object) -> str:
    """What cdk-nag's `flattenCfnReference` makes of it: its ids are compared as text."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return delimiter.join(_flat(part) for part in parts)
        case {"Fn::Sub": str(text)}:
            return _flat(text)
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return f"<{logical_id}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return _flat(name)
        case {"Ref": str(name)}:
            return f"<{name}>"
    return json.dumps(value, separators=(",", ":"))
