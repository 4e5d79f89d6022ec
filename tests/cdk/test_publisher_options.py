"""`configure_publisher`, and what is reached through `publisher`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from constructs_lib import PythonSourceArtifact, configure_publisher
from constructs_lib.core.aws_facts import NEWEST, PREVIEWS
from tests.support.files.templates import Json, one, template

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = lambda_.Runtime.PYTHON_3_13


def function(stack: cdk.Stack) -> Json:
    return dict(one(template(stack), "AWS::Lambda::Function")["Properties"])


def test_the_newest_python_is_the_default(stack: cdk.Stack, shop: Path) -> None:
    """The newest in the library's table, which is also the newest that this CDK knows, previews aside."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    newest = f"python{NEWEST}"
    assert function(stack)["Runtime"] == newest
    known = [each.name for each in lambda_.Runtime.ALL if each.family == lambda_.RuntimeFamily.PYTHON]
    known = [name for name in known if name.removeprefix("python") not in PREVIEWS]
    assert max(known, key=lambda name: int(name.split(".")[-1])) == newest


def test_an_app_chooses_for_all_its_stacks(app: cdk.App, shop: Path) -> None:
    """Runtime and retention reach every publisher below; a nearer choice wins, one at a time."""
    configure_publisher(app, runtime=PYTHON, log_retention=logs.RetentionDays.ONE_YEAR)
    plain, special = cdk.Stack(app, "Plain"), cdk.Stack(app, "Special")
    configure_publisher(special, log_retention=logs.RetentionDays.ONE_DAY)
    for stack in (plain, special):
        PythonSourceArtifact(stack, "Code", entry=shop)
    for stack, days in ((plain, 365), (special, 1)):
        assert function(stack)["Runtime"] == "python3.13"
        assert one(template(stack), "AWS::Logs::LogGroup")["Properties"]["RetentionInDays"] == days


def test_a_choice_adds_nothing_to_a_template(app: cdk.App, shop: Path, tmp_path: Path) -> None:
    """And moves no logical id: it can come and go without replacing anything."""
    chosen = cdk.Stack(app, "Shop")
    configure_publisher(chosen, log_retention=logs.RetentionDays.ONE_MONTH)
    plain = cdk.Stack(cdk.App(outdir=str(tmp_path / "other")), "Shop")
    for stack in (chosen, plain):
        PythonSourceArtifact(stack, "Code", entry=shop)
    assert template(chosen) == template(plain)


def test_too_late_is_said(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """A publisher that exists cannot be made differently any more."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    for scope in (app, stack):
        with pytest.raises(ValueError, match="Shop/ConstructsLibPublisher exists already: call it before"):
            configure_publisher(scope, runtime=PYTHON)


@pytest.mark.parametrize("name", ["PYTHON_3_11", "NODEJS_22_X"])
def test_a_runtime_that_cannot_run_it_is_refused(stack: cdk.Stack, name: str) -> None:
    """The handler is Python, and needs a boto3 that knows conditional writes."""
    with pytest.raises(ValueError, match=r"runtime '\w+\.\w+' must be one of python3.12, python3.13"):
        configure_publisher(stack, runtime=getattr(lambda_.Runtime, name))


def test_the_means_of_cdk_reach_the_publisher(stack: cdk.Stack, shop: Path) -> None:
    """Permissions boundary, tags and what else a company asks for: no option of ours is needed."""
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "boundary")
    iam.PermissionsBoundary.of(stack).apply(boundary)
    cdk.Tags.of(stack).add("team", "shop")
    code = PythonSourceArtifact(stack, "Code", entry=shop)
    code.publisher.function.add_environment("HTTPS_PROXY", "http://proxy:3128")
    role = one(template(stack), "AWS::IAM::Role")["Properties"]
    assert "policy/boundary" in str(role["PermissionsBoundary"])
    assert role["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert function(stack)["Environment"]["Variables"] == {"HTTPS_PROXY": "http://proxy:3128"}
