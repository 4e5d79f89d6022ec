"""Buckets that a user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from tests.support.files.templates import Json, actions, of_type, statements, template, warnings

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = lambda_.Runtime.PYTHON_3_13
KEY = "arn:aws:kms:eu-central-1:111111111111:key/12345678"


def key_statements(document: Json) -> list[Json]:
    return [each for each in statements(document) if "kms:Decrypt" in each["Action"]]


def test_a_key_may_be_used_through_s3_alone(stack: cdk.Stack, shop: Path) -> None:
    """Of a bucket with a key of its own: decrypt and make data keys, on exactly that key."""
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS, encryption_key=key)
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, bucket=bucket)
    PythonSourceArtifact(stack, "Code", entry=shop, bucket=bucket)
    document = template(stack)
    [statement] = key_statements(document)
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"]["Fn::GetAtt"][1] == "Arn"
    through = statement["Condition"]["StringLike"]["kms:ViaService"]
    assert through == {"Fn::Join": ["", ["s3.", {"Ref": "AWS::Region"}, ".*"]]}
    assert warnings(stack) == []


def test_the_key_of_an_imported_bucket_counts_too(stack: cdk.Stack, shop: Path) -> None:
    """`from_bucket_attributes` may name it."""
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    bucket = s3.Bucket.from_bucket_attributes(stack, "Given", bucket_name="given", encryption_key=key)
    PythonSourceArtifact(stack, "Code", entry=shop, bucket=bucket)
    assert [each["Resource"] for each in key_statements(template(stack))] == [KEY]


def test_no_key_without_one(stack: cdk.Stack, shop: Path) -> None:
    """The default bucket needs no key of the user's."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    assert not any(action.startswith("kms:") for action in actions(template(stack)))


def test_what_cannot_be_seen_is_said(stack: cdk.Stack, shop: Path) -> None:
    """An imported bucket gives a warning at each artifact, which can be acknowledged."""
    bucket = s3.Bucket.from_bucket_name(stack, "Given", "given-bucket")
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, bucket=bucket)
    PythonSourceArtifact(stack, "Code", entry=shop, bucket=bucket)
    cdk.Annotations.of(deps).acknowledge_warning("constructs-lib:imported-bucket", "TLS only, I looked")
    [(path, text)] = warnings(stack)
    assert path == "/Shop/Code"
    assert text.startswith(
        "bucket Shop/Given is not made by this app: whether it refuses requests without TLS"
    )


def test_a_bucket_of_the_app_is_taken_as_it_is(app: cdk.App, shop: Path) -> None:
    """One from another stack too: no bucket of ours beside it, and nothing to warn of."""
    app.node.set_context("@aws-cdk/core:defaultCrossStackReferences", "strong")
    shared, stack = cdk.Stack(app, "Shared"), cdk.Stack(app, "Shop")
    bucket = s3.Bucket(shared, "Artifacts", versioned=False)
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, bucket=bucket)
    assert of_type(template(stack), "AWS::S3::Bucket") == []
    assert warnings(stack) == []


def test_a_bucket_of_another_region_is_refused(app: cdk.App, shop: Path) -> None:
    """Lambda reads from its own region only; without regions in the app it is found when deployed."""
    ireland = cdk.Environment(account="111111111111", region="eu-west-1")
    frankfurt = cdk.Environment(account="111111111111", region="eu-central-1")
    bucket = s3.Bucket(cdk.Stack(app, "Shared", env=ireland), "Artifacts")
    stack = cdk.Stack(app, "Shop", env=frankfurt)
    with pytest.raises(
        ValueError, match="Shop/Deps: bucket Shared/Artifacts is in eu-west-1, the stack in eu-c"
    ):
        PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, bucket=bucket)


def test_the_owner_of_a_bucket_is_named_where_it_is_another_account(app: cdk.App, shop: Path) -> None:
    """The handler expects its own account else, and S3 refuses a bucket of any other."""
    stack = cdk.Stack(app, "Shop", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    for number, account in enumerate(("111111111111", "222222222222")):
        name = f"Given{number}"
        bucket = s3.Bucket.from_bucket_attributes(stack, name, bucket_name=name.lower(), account=account)
        PythonSourceArtifact(stack, f"Code{number}", entry=shop, bucket=bucket)
    resources = of_type(template(stack), "Custom::PythonSourceArtifact")
    owners = [each["Properties"].get("BucketOwner") for each in resources]
    assert sorted(owners, key=str) == ["222222222222", None]
