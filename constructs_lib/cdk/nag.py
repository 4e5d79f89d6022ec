"""Findings of cdk-nag that are intended, each with its reason, in the places where cdk-nag 2 and 3 look.

Neither release is imported: 2 reads metadata in the template, 3 CDK's own `Validations`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str, findings: Sequence[str] = ()) -> None:
    """Acknowledge that a rule of AwsSolutions does not hold for `construct`, an L2 construct.

    `findings` are the single findings it is about, as both releases spell them: `Resource::arn:…:*`.
    """
    resource = cast("cdk.CfnResource", construct.node.default_child)
    entries = (resource.get_metadata("cdk_nag") or {}).get("rules_to_suppress", [])
    earlier = [entry for entry in entries if (entry["id"], entry["reason"]) == (rule, reason)]
    applies_to = [finding for entry in earlier for finding in entry.get("applies_to", [])] + list(findings)
    entry = {"id": rule, "reason": reason, **({"applies_to": applies_to} if applies_to else {})}
    unrelated = [entry for entry in entries if entry not in earlier]
    resource.add_metadata("cdk_nag", {"rules_to_suppress": [*unrelated, entry]})
    if hasattr(cdk, "Validations"):  # CDK has had them since 2.257
        for finding in [f"{rule}[{finding}]" for finding in findings] or [rule]:
            cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def flat(value: object) -> str:
    """Spell a resolved value as cdk-nag's `flattenCfnReference` does: its ids are compared as text."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return delimiter.join(flat(part) for part in parts)
        case {"Fn::Sub": str(text)}:
            return flat(text)
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return f"<{logical_id}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return flat(name)
        case {"Ref": str(name)}:
            return f"<{name}>"
    return json.dumps(value, separators=(",", ":"))
