"""The managed policies of a role: few, full, and named by their content."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.cdk.publisher import Publisher
from constructs_lib.cdk.rights import Right
from constructs_lib.core.aws_facts import MANAGED_POLICIES, MANAGED_POLICY_LENGTH
from tests.support.aws.policy import grants, resolve
from tests.support.files.projects import lock, make_project, write_cart
from tests.support.files.templates import Json, of_type, one, template, warnings

if TYPE_CHECKING:
    from pathlib import Path

POLICY = "AWS::IAM::ManagedPolicy"
PYTHON = lambda_.Runtime.PYTHON_3_13


@pytest.fixture
def unbuilt(tmp_path: Path) -> cdk.Stack:
    """Make a stack that is not deployed, so that a hundred artifacts are not built."""
    return cdk.Stack(cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:bundling-stacks": []}), "Shop")


def policies(document: Json) -> list[str]:
    """Return the policies' documents, as IAM counts them: without white space, references replaced by long values."""
    return [
        json.dumps(resolve(each["Properties"]["PolicyDocument"]), separators=(",", ":"))
        for each in of_type(document, POLICY)
    ]


def fill(stack: cdk.Stack, pairs: int, **options: Any) -> None:
    for number in range(pairs):
        PythonLayerArtifact(stack, f"Deps{number}", entry=".", runtime=PYTHON, **options)
        PythonSourceArtifact(stack, f"Code{number}", entry=".", **options)


@pytest.mark.parametrize("bucket", [False, True], ids=["own-bucket", "given-bucket"])
def test_a_hundred_artifacts_fit_into_the_limits(unbuilt: cdk.Stack, bucket: bool) -> None:
    """IAM's: ten policies of 6 144 characters and no inline ones; CloudFormation's: 500 resources and a megabyte."""
    options = {"bucket": s3.Bucket.from_bucket_name(unbuilt, "Given", "given")} if bucket else {}
    fill(unbuilt, 50, removal_policy=cdk.RemovalPolicy.DESTROY, **options)
    document = template(unbuilt)
    written = policies(document)
    assert len(written) <= (MANAGED_POLICIES if bucket else MANAGED_POLICIES // 2)
    assert max(map(len, written)) <= MANAGED_POLICY_LENGTH
    assert of_type(document, "AWS::IAM::Policy") == []
    assert all("Policies" not in role["Properties"] for role in of_type(document, "AWS::IAM::Role"))
    assert len(document["Resources"]) < 150
    assert len(json.dumps(document)) < 200_000
    layers = [grant.resource for grant in grants(document) if grant.action == "lambda:PublishLayerVersion"]
    assert len(set(layers)) == len(layers) == 50


def test_what_is_allowed_already_is_not_repeated(stack: cdk.Stack) -> None:
    """Staged files and the stack's own bucket are the same for every artifact."""
    rights = Publisher.of(stack)._rights
    for _ in range(2):
        rights.allow([Right(("s3:GetObject",), ("arn:aws:s3:::staging/*",))])
    assert json.dumps(template(stack)).count('"arn:aws:s3:::staging/*"') == 1


def test_rights_of_one_kind_share_a_statement(stack: cdk.Stack) -> None:
    """Keys that may be listed too, below several prefixes of one bucket."""
    rights = Publisher.of(stack)._rights
    for name in ("a", "b"):
        rights.allow(
            [
                Right(("s3:GetObject",), (f"arn:aws:s3:::x/{name}/*",)),
                Right(("s3:ListBucket",), ("arn:aws:s3:::x",), (f"{name}/*",)),
            ]
        )
    statements = one(template(stack), POLICY)["Properties"]["PolicyDocument"]["Statement"]
    assert [each["Resource"] for each in statements if each["Action"] == "s3:GetObject"] == [
        ["arn:aws:s3:::x/a/*", "arn:aws:s3:::x/b/*"]
    ]
    [listing] = [each for each in statements if each["Action"] == "s3:ListBucket"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["a/*", "b/*"]}}


def test_a_policy_is_named_by_its_content(tmp_path: Path) -> None:
    """Another set of artifacts is another policy, made before the old one goes; the same set is the same one."""

    def name(stack_id: str, *layers: str) -> str:
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / stack_id)), "Shop")
        for layer in layers:
            Publisher.of(stack)._rights.allow([Right(("lambda:PublishLayerVersion",), (layer,))])
        [logical_id] = [key for key, each in template(stack)["Resources"].items() if each["Type"] == POLICY]
        return str(logical_id)

    assert name("A", "one", "two") == name("B", "one", "two")
    assert len({name("C", "one"), name("D", "two"), name("E", "one", "two")}) == 3


def test_a_change_of_code_or_lock_changes_no_right(tmp_path: Path) -> None:
    """`cdk deploy` would ask for an approval, and fail where there is no terminal."""

    def synthesized(total: int) -> Json:
        shop = make_project(tmp_path / f"shop{total}")
        write_cart(shop, total)
        (shop / "uv.lock").unlink()  # uv would keep the hash of the first wheel
        lock(shop)
        (shop / "src" / "shop" / "total.py").write_text(f"TOTAL = {total}")
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / f"out{total}")), "Shop")
        PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
        PythonSourceArtifact(stack, "Code", entry=shop)
        return template(stack)

    one_, two = synthesized(1), synthesized(2)
    for resource_type in ("Custom::PythonLayerArtifact", "Custom::PythonSourceArtifact"):
        assert of_type(one_, resource_type) != of_type(two, resource_type)
    for resource_type in (POLICY, "AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::Lambda::Permission"):
        assert of_type(one_, resource_type) == of_type(two, resource_type)


def test_more_than_a_role_can_have_is_one_line(stack: cdk.Stack) -> None:
    """The stack is named, and what helps."""
    rights = Publisher.of(stack)._rights

    def allow_too_much() -> None:
        for number in range(1000):
            rights.allow([Right(("s3:GetObject",), (f"arn:aws:s3:::{'x' * 60}/{number}/*",))])

    with pytest.raises(
        ValueError, match=r"^Shop/ConstructsLibPublisher: .* put some artifacts into another stack$"
    ):
        allow_too_much()


def test_more_than_half_of_what_a_role_can_have_is_a_warning(stack: cdk.Stack) -> None:
    """An update that changes the set of artifacts needs the old policies and the new ones at once."""
    rights = Publisher.of(stack)._rights
    number = 0
    while len(rights._pages) <= MANAGED_POLICIES // 2:
        for _ in range(20):
            rights.allow([Right(("s3:GetObject",), (f"arn:aws:s3:::{'x' * 60}/{number}/*",))])
            number += 1
    [(path, text)] = warnings(stack)
    assert path == "/Shop/ConstructsLibPublisher"
    assert text.startswith("the rights for all artifacts of this stack need more than 5 managed policies")


def test_a_policy_is_never_longer_than_was_reckoned(stack: cdk.Stack) -> None:
    """Statements that several rights share, conditions, and references that become long values."""
    rights = Publisher.of(stack)._rights
    for number in range(40):
        prefix = f"lambda/a-name-{number}"
        rights.allow(
            [
                Right(("s3:GetObject", "s3:PutObject"), (f"arn:aws:s3:::given/{prefix}/*",)),
                Right(("s3:ListBucket",), ("arn:aws:s3:::given",), (f"{prefix}/*",)),
                Right(
                    ("kms:Decrypt",), (f"arn:aws:kms:{cdk.Aws.REGION}:1:key/{number}",), condition=("k", "v")
                ),
            ]
        )
    [written] = policies(template(stack))
    [page] = rights._pages
    assert page.size * 0.75 < len(written) <= page.size


def test_a_value_of_another_stack_is_reckoned_as_long_as_it_may_be(app: cdk.App, stack: cdk.Stack) -> None:
    """The name of an export is shorter than the ARN that it stands for; so is the id of a bucket of this app."""
    bucket = s3.Bucket(cdk.Stack(app, "B"), "B")
    rights = Publisher.of(stack)._rights
    before = rights._pages[0].size
    for number, arn in enumerate((cdk.Fn.import_value("x"), bucket.bucket_arn)):
        rights.allow([Right((f"s3:Get{number}",), (arn,))])
    longest = f"arn:aws-us-gov:s3:::{'b' * 63}"
    assert rights._pages[0].size - before >= 2 * len(longest)
