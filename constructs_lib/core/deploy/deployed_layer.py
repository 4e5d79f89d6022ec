"""The layer of a deployed stack: its name and its folder in S3, as the stack's template has them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import aws_call
from constructs_lib.core.publish.layout import S3Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import CloudFormationClient

RESOURCE_TYPE = "Custom::PythonLayerArtifact"
_CHILD = "Published"
"""The id of the resource below the construct."""


class DeployedLayer(NamedTuple):
    """A layer that a stack publishes."""

    layer_name: str
    s3dir_lambda: S3Location


def find_deployed_layer(
    cloudformation: CloudFormationClient, stack_name: str, construct: str = ""
) -> DeployedLayer:
    """Return the layer of a deployed stack.

    `construct` is the path or the id of its construct, where the stack has several layers. Raises a PublishError for a
    stack without such a layer, and for a template that does not show name and folder.
    """
    with aws_call("cloudformation:GetTemplate", stack_name):
        body = cloudformation.get_template(StackName=stack_name)["TemplateBody"]
    template = json.loads(body) if isinstance(body, str) and body.lstrip()[:1] == "{" else body
    resources = template.get("Resources", {}) if isinstance(template, dict) else {}
    layers = {
        logical_id: resource
        for logical_id, resource in resources.items()
        if resource.get("Type") == RESOURCE_TYPE
    }
    logical_id = _choose(stack_name, construct, layers)
    values = _StackValues(cloudformation, stack_name, logical_id)
    properties = layers[logical_id]["Properties"]
    name, bucket, prefix = (values.text(properties, key) for key in ("LayerName", "Bucket", "Prefix"))
    owner = values.text(properties, "BucketOwner") if "BucketOwner" in properties else ""
    return DeployedLayer(name, S3Location(bucket, prefix.strip("/"), owner))


def _choose(stack_name: str, construct: str, layers: Mapping[str, Any]) -> str:
    """Return the logical id of the chosen layer."""
    paths = {logical_id: _path(resource) or logical_id for logical_id, resource in layers.items()}
    named = [logical_id for logical_id, path in paths.items() if _names(construct, logical_id, path)]
    if len(named) == 1:
        return named[0]
    all_paths = ", ".join(sorted(paths.values())) or "none"
    if not named:
        wanted = f" of construct {construct!r}" if construct else ""
        raise PublishError(
            "stack-layer-unknown",
            f"stack {stack_name} has no layer{wanted} of this library: it has {all_paths}",
        )
    raise PublishError(
        "stack-layer-unknown",
        f"stack {stack_name} has several layers: choose one by its construct's path: {all_paths}",
    )


def _path(resource: Mapping[str, Any]) -> str:
    """Return the path of the layer's construct, above its resource; empty where the app writes no paths."""
    path = resource.get("Metadata", {}).get("aws:cdk:path", "")
    return re.sub(rf"/{_CHILD}(/Default)?$", "", path) if isinstance(path, str) else ""


def _names(construct: str, logical_id: str, path: str) -> bool:
    """Return whether `construct` means this layer: by logical id, by path or its end, or as CDK makes ids of paths."""
    wanted = construct.strip("/")
    if not wanted or wanted == logical_id or f"/{path}".endswith(f"/{wanted}"):
        return True
    paths = (wanted, wanted.partition("/")[2])  # with and without the stack's own id
    names = (re.sub(r"[^A-Za-z0-9]", "", one) for one in paths)
    return any(name and re.fullmatch(rf"{name}{_CHILD}[0-9A-F]{{8}}", logical_id) for name in names)


@dataclass(frozen=True)
class _StackValues:
    """The values of a template's properties in a deployed stack."""

    cloudformation: CloudFormationClient
    stack_name: str
    logical_id: str

    def text(self, properties: Mapping[str, Any], name: str) -> str:
        """Return a property as the text that CloudFormation resolved it to."""
        value = self._resolve(properties.get(name))
        if value is None:
            raise PublishError(
                "stack-value-unknown",
                f"stack {self.stack_name}: the {name} of {self.logical_id} is {json.dumps(properties.get(name))[:120]}, "
                f"which its template alone does not tell: give the layer's name and its S3 address instead",
            )
        return value

    def _resolve(self, value: object) -> str | None:
        if isinstance(value, str):
            return value
        if not isinstance(value, dict) or len(value) != 1:
            return None
        [(function, argument)] = value.items()
        if function == "Ref":
            return self._reference(argument)
        if function == "Fn::Sub" and isinstance(argument, str):
            parts = re.split(r"\$\{([^}]*)\}", argument)
            return _joined("", [self._reference(part) if at % 2 else part for at, part in enumerate(parts)])
        if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
            return _joined(argument[0], [self._resolve(part) for part in argument[1]])
        return None

    def _reference(self, name: str) -> str | None:
        """Return what `Ref` gives for a pseudo parameter, a parameter or a resource."""
        return self._stack_values.get(name) or self._physical_id(name)

    @cached_property
    def _stack_values(self) -> dict[str, str | None]:
        """The values of pseudo parameters and parameters."""
        with aws_call("cloudformation:DescribeStacks", self.stack_name):
            stack = self.cloudformation.describe_stacks(StackName=self.stack_name)["Stacks"][0]
        _, partition, _, region, account, _ = stack["StackId"].split(":", 5)
        pseudo = {"AWS::Partition": partition, "AWS::Region": region, "AWS::AccountId": account}
        parameters = {
            parameter["ParameterKey"]: parameter.get("ResolvedValue") or parameter.get("ParameterValue")
            for parameter in stack.get("Parameters", [])
        }
        return {**pseudo, "AWS::StackName": stack["StackName"], **parameters}

    def _physical_id(self, logical_id: str) -> str | None:
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.stack_name)
        with aws_call("cloudformation:ListStackResources", self.stack_name):
            for page in pages:
                for resource in page["StackResourceSummaries"]:
                    if resource["LogicalResourceId"] == logical_id:
                        physical_id: str | None = resource.get("PhysicalResourceId")
                        return physical_id
        return None


def _joined(separator: str, parts: list[str | None]) -> str | None:
    return None if None in parts else separator.join(part for part in parts if part is not None)
