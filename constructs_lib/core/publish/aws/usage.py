"""The functions that use layer versions, as far as this account and region can see."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import AwsServices


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
