"""Reading what CDK synthesized."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk.assertions import Annotations, Match, Template

if TYPE_CHECKING:
    import aws_cdk as cdk

Json = dict[str, Any]


def template(stack: cdk.Stack) -> Json:
    """Return the stack's template."""
    return dict(Template.from_stack(stack).to_json())


def of_type(document: Json, resource_type: str) -> list[Json]:
    """Return the resources of one type."""
    return [each for each in document["Resources"].values() if each["Type"] == resource_type]


def one(document: Json, resource_type: str) -> Json:
    """Return the only resource of a type."""
    [resource] = of_type(document, resource_type)
    return resource


def statements(document: Json) -> list[Json]:
    """All statements of all policies, those inside roles too."""
    policies = [each["Properties"]["PolicyDocument"] for each in of_type(document, "AWS::IAM::ManagedPolicy")]
    for role in of_type(document, "AWS::IAM::Role"):
        policies += [policy["PolicyDocument"] for policy in role["Properties"].get("Policies", [])]
    return [statement for policy in policies for statement in policy["Statement"]]


def actions(document: Json) -> set[str]:
    """All actions that any policy allows."""
    found: set[str] = set()
    for statement in statements(document):
        action = statement["Action"]
        found.update([action] if isinstance(action, str) else action)
    return found


def errors(stack: cdk.Stack) -> list[tuple[str, str]]:
    """Return the stack's error annotations: construct path and text, without the error's id."""
    annotations = Annotations.from_stack(stack).find_error("*", Match.any_value())
    return [(entry.id, re.sub(r"^error\[[a-z0-9-]+\]: ", "", str(entry.entry.data))) for entry in annotations]


def warnings(stack: cdk.Stack) -> list[tuple[str, str]]:
    """Return the stack's warning annotations: construct path and text."""
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [(entry.id, str(entry.entry.data)) for entry in found]


def infos(stack: cdk.Stack) -> list[tuple[str, str]]:
    """Return the stack's info annotations: construct path and text."""
    found = Annotations.from_stack(stack).find_info("*", Match.any_value())
    return [(entry.id, str(entry.entry.data)) for entry in found]


def referred(value: Json) -> tuple[str, str]:
    """Logical id and attribute behind a reference; the word about its content, which is no part of the value, is dropped."""
    content, [reference] = value["Fn::Join"]
    assert re.fullmatch(r"[0-9a-f]{64}|not-built", content)
    logical_id, attribute = reference["Fn::GetAtt"]
    return logical_id, attribute


def staged(app: cdk.App, key: str) -> Path:
    """Return the file in cdk.out that is uploaded under that key."""
    return Path(app.outdir) / f"asset.{key}"


def without_hashes(document: Json) -> Json:
    """Replace each sha256 and MD5 by a number, so that content does not count."""
    seen: dict[str, str] = {}
    text = re.sub(
        r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b",
        lambda match: seen.setdefault(match[0], f"<hash {len(seen) + 1}>"),
        json.dumps(document, sort_keys=True),
    )
    return dict(json.loads(text))
