"""What is said to cdk-nag; `tests/integration/test_nag.py` runs it."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from constructs_lib.cdk.nag import acknowledge, flat
from tests.support.files.templates import one, template


@pytest.mark.parametrize(
    ("resource", "finding"),
    [
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/*"),
        (f"arn:{cdk.Aws.PARTITION}:x:*", "arn:<AWS::Partition>:x:*"),
        (cdk.Fn.sub("x-${AWS::Region}/*"), "x-<AWS::Region>/*"),
        (f"{cdk.Fn.import_value('shared')}/*", "shared/*"),
        (cdk.Fn.select(0, ["a/*", cdk.Aws.REGION]), '{"Fn::Select":[0,["a/*",{"Ref":"AWS::Region"}]]}'),
    ],
    ids=["text", "reference", "sub", "import", "other"],
)
def test_a_finding_is_named_as_cdk_nag_names_it(stack: cdk.Stack, resource: str, finding: str) -> None:
    """It compares texts, with references in angle brackets."""
    assert flat(stack.resolve(resource)) == finding


def test_what_others_acknowledged_stays(stack: cdk.Stack) -> None:
    """A second acknowledgement stands beside the first."""
    bucket = s3.Bucket(stack, "Bucket")
    acknowledge(bucket, "AwsSolutions-S1", "No access logs here")
    acknowledge(bucket, "AwsSolutions-S10", "Behind an endpoint", ["A"])
    metadata = one(template(stack), "AWS::S3::Bucket")["Metadata"]
    assert metadata["cdk_nag"]["rules_to_suppress"] == [
        {"id": "AwsSolutions-S1", "reason": "No access logs here"},
        {"id": "AwsSolutions-S10", "reason": "Behind an endpoint", "applies_to": ["A"]},
    ]


def test_one_reason_is_written_once(stack: cdk.Stack) -> None:
    """A policy that grows acknowledges what is new, and keeps what was."""
    bucket = s3.Bucket(stack, "Bucket")
    for finding in ("A", "B"):
        acknowledge(bucket, "AwsSolutions-IAM5", "All keys of one prefix", [finding])
    metadata = one(template(stack), "AWS::S3::Bucket")["Metadata"]
    assert metadata["cdk_nag"]["rules_to_suppress"] == [
        {"id": "AwsSolutions-IAM5", "reason": "All keys of one prefix", "applies_to": ["A", "B"]}
    ]


def test_an_older_cdk_has_no_validations(stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """They came after the oldest release that is supported; the metadata is written all the same."""
    monkeypatch.delattr(cdk, "Validations")
    bucket = s3.Bucket(stack, "Bucket")
    acknowledge(bucket, "AwsSolutions-S1", "No access logs here")
    assert "cdk_nag" in one(template(stack), "AWS::S3::Bucket")["Metadata"]
