"""The attributes of a layer as a script gives them."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes


def test_keywords_become_attributes() -> None:
    attributes = layer_attributes(
        "deps",
        {
            "CompatibleRuntimes": ["python3.13"],
            "CompatibleArchitectures": ["arm64"],
            "Description": "for shop",
            "LicenseInfo": "MIT",
        },
    )
    assert attributes == LayerAttributes(("python3.13",), ("arm64",), "for shop", "MIT")
    assert layer_attributes("deps", None) == LayerAttributes()


@pytest.mark.parametrize(
    ("name", "keywords", "problem"),
    [
        ("a b", {}, "'a b' is not a layer name"),
        ("", {}, "'' is not a layer name"),
        ("x" * 141, {}, "is not a layer name"),
        (
            "deps",
            {"LayerName": "other", "Content": {}},
            "has Content, LayerName: known are CompatibleRuntimes",
        ),
        ("deps", {"Description": "x" * 257}, "has 257 characters in its description, 231 are allowed"),
        ("deps", {"LicenseInfo": "x" * 513}, "has 513 characters in its license, 512 are allowed"),
        ("deps", {"CompatibleRuntimes": ["python3.13"] * 16}, "has 16 runtimes, 15 are allowed"),
        ("deps", {"CompatibleArchitectures": ["arm64"] * 3}, "has 3 architectures, 2 are allowed"),
    ],
    ids=["space", "empty", "long", "unknown", "description", "license", "runtimes", "architectures"],
)
def test_what_lambda_would_refuse_is_refused_before_anything_is_built(
    name: str, keywords: dict[str, Any], problem: str
) -> None:
    with pytest.raises(PublishError, match=problem):
        layer_attributes(name, keywords)
