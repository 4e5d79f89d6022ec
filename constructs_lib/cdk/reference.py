"""References to a published artifact: from the same stack, from another one, from a function version."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

from constructs_lib.cdk.answers import stack_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct


def let_other_stacks_follow(resource: cdk.CustomResource) -> None:
    """Make other stacks read an output instead of importing an export.

    CloudFormation refuses to change an export that is in use: "Export … cannot be updated as it is in use by …".
    """
    cdk.CrossStackReferences.of(resource).produce(cdk.ReferenceStrength.WEAK)


def refer(resource: cdk.CustomResource, attribute: str, content: str) -> str:
    """Return the attribute's value, spelled in templates so that another `content` is another spelling.

    A new layer version changes nothing in the text of a template that refers to it. Then `cdk deploy` skips a
    stack that only refers to it, and `Function.current_version` makes no new version. `Fn::Join` of a single
    value never uses its delimiter, so the delimiter can hold the content.
    """
    return cdk.Token.as_string({"Fn::Join": [content, [resource.get_att(attribute)]]})


def digest(scope: IConstruct, properties: Mapping[str, object]) -> str:
    """Hash the properties (sha256); tokens in them count by the template's text for them."""
    canonical = json.dumps(stack_of(scope).resolve(dict(properties)), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
