"""How functions refer to what was published: from the same stack, from another one, from a function version."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct


def let_other_stacks_follow(resource: cdk.CustomResource) -> None:
    """Other stacks read an output instead of importing an export.

    CloudFormation refuses to change an export that is in use: "Export … cannot be updated as it is in use by …".
    """
    cdk.CrossStackReferences.of(resource).produce(cdk.ReferenceStrength.WEAK)


def refer(resource: cdk.CustomResource, attribute: str, content: str) -> str:
    """The attribute's value, spelled in templates so that another `content` is another spelling.

    A new layer version changes nothing in the text of a template that refers to it. Then `cdk deploy` skips a
    stack that only refers to it, and `Function.current_version` makes no new version. `Fn::Join` of a single
    value never uses its delimiter, so there is room for a word about the content.
    """
    return cdk.Token.as_string({"Fn::Join": [content, [resource.get_att(attribute)]]})


def digest(scope: IConstruct, properties: Mapping[str, object]) -> str:
    """A sha256 that changes with the properties; tokens in them count by what they render to."""
    canonical = json.dumps(cdk.Stack.of(scope).resolve(dict(properties)), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
