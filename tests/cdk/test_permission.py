"""Permission of other accounts for a layer version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.cdk.permission import LayerPermission
from tests.support.files.templates import one, template

if TYPE_CHECKING:
    import aws_cdk as cdk

PERMISSION = "AWS::Lambda::LayerVersionPermission"
ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:deps:1"


def allow(stack: cdk.Stack, account: str, organization: str | None = None, *, keep: bool) -> None:
    LayerPermission(
        stack,
        "Friend",
        layer_version_arn=ARN,
        account_id=account,
        organization_id=organization,
        keep_on_old_versions=keep,
    )


def test_an_account_may_read_the_version(stack: cdk.Stack) -> None:
    """Old versions keep the permission; a permission that leaves the app is revoked."""
    allow(stack, "210987654321", keep=True)
    permission = one(template(stack), PERMISSION)
    assert permission["Properties"] == {
        "Action": "lambda:GetLayerVersion",
        "LayerVersionArn": ARN,
        "Principal": "210987654321",
    }
    assert (permission["UpdateReplacePolicy"], permission["DeletionPolicy"]) == ("Retain", "Delete")


def test_without_old_versions_there_is_nothing_to_keep(stack: cdk.Stack) -> None:
    allow(stack, "*", "o-abcdefghij", keep=False)
    permission = one(template(stack), PERMISSION)
    assert permission["Properties"]["OrganizationId"] == "o-abcdefghij"
    assert "UpdateReplacePolicy" not in permission


def test_an_organization_is_allowed_as_a_whole(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"Shop/Friend: with organization_id the account_id must be '\*'"):
        allow(stack, "210987654321", "o-abcdefghij", keep=True)
