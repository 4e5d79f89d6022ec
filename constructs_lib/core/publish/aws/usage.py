"""The functions and stacks that use layer versions, as far as this account and region can see."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import AwsServices, CloudFormationClient


def functions_by_layer(services: AwsServices) -> Mapping[str, list[str]] | None:
    """Return the names of the functions that use each layer version, by its ARN; None where listing is denied.

    All published versions of the functions count. Functions of other accounts, which a permission may allow to use a
    layer, are in no list.
    """
    pages = services.lambda_.get_paginator("list_functions").paginate(FunctionVersion="ALL")
    try:
        with aws_call("lambda:ListFunctions", "all functions"):
            functions = [function for page in pages for function in page["Functions"]]
    except AwsError as error:
        if not error.denied:
            raise
        log.warning("functions may not be listed, so their layers were not looked at")
        return None
    users = defaultdict(list)
    for function in functions:
        for layer in function.get("Layers", []):
            users[layer["Arn"]].append(function["FunctionName"])
    return users


def stack_resources(services: AwsServices) -> frozenset[str] | None:
    """Return the physical ids of the resources of all stacks; None where listing is denied, or no client is there.

    The id of a layer's resource is the ARN of the version that its stack refers to.
    """
    if services.cloudformation is None:
        return None
    cloudformation = services.cloudformation()
    try:
        with aws_call("cloudformation:ListStacks", "all stacks"):
            pages = cloudformation.get_paginator("list_stacks").paginate()
            stacks = [
                stack["StackId"]
                for page in pages
                for stack in page["StackSummaries"]
                if stack["StackStatus"] != "DELETE_COMPLETE"
            ]
        return frozenset(
            resource.get("PhysicalResourceId", "")
            for stack in stacks
            for resource in _list_resources(cloudformation, stack)
        )
    except AwsError as error:
        if not error.denied:
            raise
        log.warning("stacks may not be listed: %s", error)
        return None


def _list_resources(cloudformation: CloudFormationClient, stack: str) -> list[Mapping[str, Any]]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    with aws_call("cloudformation:ListStackResources", stack):
        return [resource for page in pages for resource in page["StackResourceSummaries"]]
