"""`RemovalPolicies`, `apply_removal_policy` and aspects decide what they name, as `removal_policy` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.core.publish.ownership import description_limit
from tests.support.files.templates import actions, errors, of_type, one, statements, template, warnings

if TYPE_CHECKING:
    from pathlib import Path

LAYER, SOURCE = "Custom::PythonLayerArtifact", "Custom::PythonSourceArtifact"
CONTENT = "Custom::ConstructsLibBucketContent"
PYTHON = lambda_.Runtime.PYTHON_3_13
DESTROY = cdk.RemovalPolicy.DESTROY


def test_everything_goes_with_a_throw_away_stack(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """CloudFormation and the handler have the same policy, and the bucket is emptied after the artifacts."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.RemovalPolicies.of(app).destroy()
    document = template(stack)
    assert {each.get("DeletionPolicy", "Delete") for each in document["Resources"].values()} == {"Delete"}
    [content] = [name for name, each in document["Resources"].items() if each["Type"] == CONTENT]
    for resource in (one(document, LAYER), one(document, SOURCE)):
        assert resource["Properties"]["RemovalPolicy"] == "destroy"
        assert content in resource["DependsOn"]
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"} <= actions(document)
    [reading] = [each for each in statements(document) if each["Action"] == "cloudformation:DescribeStacks"]
    assert reading["Resource"] == {"Ref": "AWS::StackId"}


def test_the_rights_are_there_before_they_are_used(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """Every custom resource waits for every policy that was made before it, and for those that an aspect led to."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    cdk.RemovalPolicies.of(app).destroy()
    document = template(stack)
    policies = {
        name for name, each in document["Resources"].items() if each["Type"] == "AWS::IAM::ManagedPolicy"
    }
    for resource_type in (LAYER, CONTENT):
        assert policies <= set(one(document, resource_type)["DependsOn"])


def test_retain_is_followed_too(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """The handler deletes nothing that CloudFormation keeps."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=DESTROY)
    cdk.RemovalPolicies.of(app).retain()
    document = template(stack)
    assert one(document, LAYER)["Properties"]["RemovalPolicy"] == "retain"
    assert of_type(document, CONTENT) == []


def test_one_artifact_is_changed_alone(stack: cdk.Stack, shop: Path) -> None:
    """Where other keys are in the bucket, the right to delete is for the artifact's own prefix."""
    given = s3.Bucket.from_bucket_name(stack, "Given", "given")
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, bucket=given, prefix="deps")
    PythonSourceArtifact(stack, "Code", entry=shop, bucket=given, prefix="code")
    deps.apply_removal_policy(DESTROY)
    document = template(stack)
    assert one(document, LAYER)["Properties"]["RemovalPolicy"] == "destroy"
    assert one(document, SOURCE)["Properties"]["RemovalPolicy"] == "retain"
    [deleting] = [each for each in statements(document) if each["Action"] == "s3:DeleteObject"]
    assert deleting["Resource"]["Fn::Join"][1][-1] == ":s3:::given/deps/*"


def test_a_policy_that_is_none_is_refused(stack: cdk.Stack, shop: Path) -> None:
    """In the words of the argument."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    with pytest.raises(ValueError, match=r"^Shop/Deps: removal_policy is .* it must be one of"):
        deps.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)


def test_a_description_without_room_for_the_mark(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """The handler would refuse it when the stack is deployed."""
    most = description_limit("destroy")
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, description="x" * most)
    PythonLayerArtifact(stack, "Long", entry=shop, runtime=PYTHON, description="x" * (most + 1))
    cdk.RemovalPolicies.of(app).destroy()
    [(path, text)] = errors(stack)
    assert path == "/Shop/Long/Published"
    assert f"the description may have {most} characters, and it has {most + 1}" in text


def test_an_app_is_synthesized_twice(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """Nothing is followed a second time."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    cdk.RemovalPolicies.of(app).destroy()
    first = template(stack)
    app.synth(force=True)
    assert template(stack) == first


def test_the_bucket_of_another_stack_is_a_given_one(app: cdk.App, shop: Path) -> None:
    """Its content goes with its own stack alone, and its keys are written below the prefix alone."""
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    deps = PythonLayerArtifact(first, "Deps", entry=shop, runtime=PYTHON)
    PythonLayerArtifact(second, "Deps", entry=shop, runtime=PYTHON, bucket=deps.bucket)
    cdk.RemovalPolicies.of(app).destroy()
    one(template(first), CONTENT)
    document = template(second)
    assert of_type(document, CONTENT) == []
    assert "s3:DeleteObjectVersion" not in actions(document)
    [writing] = [each for each in statements(document) if "s3:PutObject" in each["Action"]]
    assert writing["Resource"]["Fn::Join"][1][-1].startswith("/lambda/")


def test_a_kept_artifact_in_a_bucket_that_goes(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """What is to be kept is not deleted; the contradiction is named."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=DESTROY)
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.RemovalPolicies.of(app).destroy(apply_to_resource_types=["AWS::S3::Bucket"])
    assert of_type(template(stack), CONTENT) == []
    [(_, text)] = warnings(stack)
    assert "Shop/Code/Published in it is kept" in text


def test_the_same_logical_ids_in_two_stacks(app: cdk.App, shop: Path) -> None:
    """Rights on the one are no rights on the other."""
    first, second, third = (cdk.Stack(app, name) for name in ("First", "Second", "Third"))
    for number, owner in enumerate((first, second)):
        key = kms.Key(owner, "Key")
        bucket = s3.Bucket(owner, "Bucket", encryption_key=key)
        PythonSourceArtifact(third, f"Code{number}", entry=shop, bucket=bucket, prefix="code")
    using = [each for each in statements(template(third)) if "kms:Decrypt" in each["Action"]]
    assert len({json.dumps(key) for each in using for key in each["Resource"]}) == 2
    listing = [each for each in statements(template(third)) if each["Action"] == "s3:ListBucket"]
    assert len(listing) == 2
