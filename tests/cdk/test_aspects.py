"""Aspects that change the publisher after it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonSourceArtifact
from tests.support.files.templates import errors, one, template, warnings

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import IConstruct


@jsii.implements(cdk.IAspect)
class Change:
    """Sets one attribute of every function."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, lambda_.CfnFunction):
            setattr(node, self.name, self.value)


@pytest.fixture
def changed(app: cdk.App, stack: cdk.Stack, shop: Path, request: pytest.FixtureRequest) -> cdk.Stack:
    PythonSourceArtifact(stack, "Code", entry=shop)
    cdk.Aspects.of(app).add(Change(*request.param))
    return stack


@pytest.mark.parametrize("changed", [("runtime", "python3.10"), ("runtime", "nodejs24.x")], indirect=True)
def test_a_runtime_that_the_publisher_cannot_use(changed: cdk.Stack) -> None:
    """It is an error at synth, as `configure_publisher` refuses it."""
    [(path, text)] = errors(changed)
    assert path == "/Shop/ConstructsLibPublisher"
    assert "set by an aspect or by hand: it must be one of python3.12, " in text


@pytest.mark.parametrize("changed", [("runtime", "python3.12")], indirect=True)
def test_another_runtime_that_fits(changed: cdk.Stack) -> None:
    assert errors(changed) == []
    assert one(template(changed), "AWS::Lambda::Function")["Properties"]["Runtime"] == "python3.12"


@pytest.mark.parametrize("changed", [("function_name", "company-shop")], indirect=True)
def test_a_name_is_a_warning(changed: cdk.Stack) -> None:
    """CloudFormation takes it in a new stack only."""
    [(path, text)] = warnings(changed)
    assert path == "/Shop/ConstructsLibPublisher"
    assert "Modifying service token is not allowed" in text


@pytest.mark.parametrize("changed", [("description", "x")], indirect=True)
def test_other_changes_are_the_users(changed: cdk.Stack) -> None:
    assert errors(changed) == warnings(changed) == []
