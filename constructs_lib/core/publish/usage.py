"""Which functions use which layer version, as far as this account and region can tell."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.tools import Tools


def functions_by_layer(tools: Tools) -> Mapping[str, list[str]] | None:
    """Layer version ARN → names of the functions, all their published versions included; None where it may not be seen.

    Functions of other accounts, which a permission may allow to use a layer, are in no list.
    """
    pages = tools.lambda_.get_paginator("list_functions").paginate(FunctionVersion="ALL")
    try:
        with aws_call("lambda:ListFunctions", "all functions"):
            functions = [function for page in pages for function in page["Functions"]]
    except AwsError as error:
        if not error.denied:
            raise
        tools.log("functions may not be listed, so their layers were not looked at")
        return None
    found = defaultdict(list)
    for function in functions:
        for layer in function.get("Layers", []):
            found[layer["Arn"]].append(function["FunctionName"])
    return found
