"""Keys that aspects put on buckets, and whether a bucket goes with its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonSourceArtifact
from tests.support.files.templates import Json, of_type, one, statements, template, warnings

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import IConstruct

KEY_ID = "12345678-1234-1234-1234-123456789012"
KEY_ARN = f"arn:aws:kms:eu-central-1:111111111111:key/{KEY_ID}"
CONTENT = "Custom::ConstructsLibBucketContent"


@jsii.implements(cdk.IAspect)
class Encrypt:
    """Puts one key on every bucket, as companies have it."""

    def __init__(self, key: str | None) -> None:
        self.key = key

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, s3.CfnBucket):
            rule = s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                sse_algorithm="aws:kms", kms_master_key_id=self.key
            )
            node.bucket_encryption = s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(server_side_encryption_by_default=rule)
                ]
            )


def uses_of_keys(document: Json) -> list[Json]:
    return [each for each in statements(document) if "kms:Decrypt" in each["Action"]]


@pytest.mark.parametrize("named", ["construct", "id-of-construct", "arn", "id"])
def test_a_key_of_an_aspect_may_be_used(app: cdk.App, stack: cdk.Stack, shop: Path, named: str) -> None:
    """The publisher reads and writes the bucket, whatever key is put on it after the artifact was made."""
    key = kms.Key(stack, "Key")
    values = {"construct": key.key_arn, "id-of-construct": key.key_id, "arn": KEY_ARN, "id": KEY_ID}
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.Aspects.of(app).add(Encrypt(values[named]))
    [use] = uses_of_keys(template(stack))
    assert use["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert use["Condition"]["StringLike"]["kms:ViaService"]["Fn::Join"][1][-1] == ".*"
    expected = {"construct": "Arn", "id-of-construct": "Ref", "arn": KEY_ARN, "id": f":key/{KEY_ID}"}
    assert expected[named] in str(use["Resource"])
    assert warnings(stack) == []


def test_a_key_of_another_stack(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """The reference crosses the stacks as any other."""
    key = kms.Key(cdk.Stack(app, "Keys"), "Key")
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.Aspects.of(stack).add(Encrypt(key.key_arn))
    [use] = uses_of_keys(template(stack))
    assert "Fn::ImportValue" in str(use["Resource"]) or "Fn::GetStackOutput" in str(use["Resource"])


def test_a_bucket_of_the_app_that_comes_later(app: cdk.App, shop: Path) -> None:
    """An aspect reaches it after the publisher."""
    first, second = cdk.Stack(app, "Shop"), cdk.Stack(app, "Store")
    bucket = s3.Bucket(second, "Bucket")
    PythonSourceArtifact(first, "Code", entry=shop, bucket=bucket)
    cdk.Aspects.of(app).add(Encrypt(KEY_ARN))
    [use] = uses_of_keys(template(first))
    assert use["Resource"] == KEY_ARN


@pytest.mark.parametrize("alias", ["alias/company", f"{KEY_ARN.partition('key/')[0]}alias/company"])
def test_an_alias_is_named(app: cdk.App, stack: cdk.Stack, shop: Path, alias: str) -> None:
    """IAM allows no use of a key by its alias, and synth cannot look up the key."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.Aspects.of(app).add(Encrypt(alias))
    [(path, text)] = warnings(stack)
    assert path == "/Shop/ConstructsLibPublisher"
    assert "add key.grant_encrypt_decrypt(artifact.publisher.role)" in text
    assert uses_of_keys(template(stack)) == []


def test_a_parameter_may_name_any_key(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """An id, an ARN or an alias: which, is known when the stack is deployed."""
    parameter = cdk.CfnParameter(stack, "KeyOfTheCompany")
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.Aspects.of(app).add(Encrypt(parameter.value_as_string))
    [(_, text)] = warnings(stack)
    assert "is not named by its ARN or id" in text
    assert uses_of_keys(template(stack)) == []


def test_the_keys_of_aws_need_no_right(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """The key policy of `aws/s3` allows the use through S3 to everybody in the account."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.Aspects.of(app).add(Encrypt(None))
    assert uses_of_keys(template(stack)) == []


def test_a_key_that_was_there_is_allowed_once(stack: cdk.Stack, shop: Path) -> None:
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    PythonSourceArtifact(stack, "Code", entry=shop, bucket=bucket)
    assert len(uses_of_keys(template(stack))) == 1


def test_a_bucket_of_the_user_is_never_emptied(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """There may be more in it than artifacts; `auto_delete_objects` is the user's own choice."""
    PythonSourceArtifact(stack, "Code", entry=shop, bucket=s3.Bucket(stack, "Bucket"))
    cdk.RemovalPolicies.of(app).destroy()
    document = template(stack)
    assert of_type(document, CONTENT) == []
    assert "Properties" not in one(document, "AWS::S3::Bucket")


def test_a_bucket_that_is_kept_keeps_its_policy(stack: cdk.Stack, shop: Path) -> None:
    """Without it, requests without TLS would be answered after the stack is gone."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    document = template(stack)
    for resource_type in ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"):
        resource = one(document, resource_type)
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert of_type(document, CONTENT) == []
