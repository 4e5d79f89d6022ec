from __future__ import annotations

import pytest

from constructs_lib.core.publish.aws.arn import AwsEnvironment, LayerVersionArn


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "eu-west-1"),
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-iso", "us-iso-east-1"),
        ("aws-iso-b", "us-isob-east-1"),
        ("aws-eusc", "eusc-de-east-1"),
    ],
)
def test_every_partition_is_read_and_built(partition: str, region: str) -> None:
    """D45."""
    text = f"arn:{partition}:lambda:{region}:123456789012:layer:my-deps_1:42"
    arn = LayerVersionArn.parse(text)
    assert arn == LayerVersionArn(AwsEnvironment(partition, region, "123456789012"), "my-deps_1", 42)
    assert str(arn) == text
    assert arn.layer_arn == text.removesuffix(":42")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "create-failed:1234",
        "2026/11/20/[$LATEST]abcdef",
        "stack-Deps-1ABCDEF",
        "arn:aws:lambda:eu-west-1:123456789012:layer:deps",
        "arn:aws:lambda:eu-west-1:123456789012:layer:deps:0",
        "arn:aws:lambda:eu-west-1:123456789012:function:deps:1",
        "arn:aws:lambda:eu-west-1:123456789012:layer:deps:1\n",
        "s3://bucket/key",
    ],
)
def test_anything_else_is_no_arn(text: str) -> None:
    """Markers, generated ids and malformed ARNs name no version."""
    assert LayerVersionArn.parse(text) is None
