"""What becomes of old versions and zips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from tests.support.files.templates import actions, of_type, one, statements, template

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "Custom::PythonLayerArtifact"
SOURCE = "Custom::PythonSourceArtifact"
PYTHON = lambda_.Runtime.PYTHON_3_13
DESTROY = cdk.RemovalPolicy.DESTROY


@pytest.mark.parametrize(
    ("policy", "word", "deletion", "replacement", "deletes"),
    [
        (cdk.RemovalPolicy.RETAIN, "retain", "Retain", "Retain", False),
        (DESTROY, "destroy", "Delete", "Delete", True),
        (
            cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            "retain-except-on-create",
            "RetainExceptOnCreate",
            "Retain",
            True,
        ),
    ],
    ids=["retain", "destroy", "except on create"],
)
def test_cloudformation_and_handler_are_told_the_same(
    stack: cdk.Stack,
    shop: Path,
    policy: cdk.RemovalPolicy,
    word: str,
    deletion: str,
    replacement: str,
    deletes: bool,
) -> None:
    """The resource's two policies, the handler's property, and the right to delete, for layers and sources."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=policy)
    PythonSourceArtifact(stack, "Code", entry=shop, removal_policy=policy)
    document = template(stack)
    for resource in (one(document, LAYER), one(document, SOURCE)):
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (deletion, replacement)
        assert resource["Properties"]["RemovalPolicy"] == word
    assert ("s3:DeleteObject" in actions(document)) is deletes


def test_a_number_of_versions_stays(stack: cdk.Stack, shop: Path) -> None:
    """The handler learns it, and may look which versions are in use: an action without a resource."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=DESTROY, keep_versions=3)
    document = template(stack)
    assert one(document, LAYER)["Properties"]["KeepVersions"] == "3"
    [look] = [each for each in statements(document) if each["Action"] == "lambda:ListFunctions"]
    assert look["Resource"] == "*"


def test_functions_are_not_listed_unless_needed(stack: cdk.Stack, shop: Path) -> None:
    """DESTROY alone needs no look at anybody's functions."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=DESTROY)
    document = template(stack)
    assert "KeepVersions" not in one(document, LAYER)["Properties"]
    assert "lambda:ListFunctions" not in actions(document)


def test_how_many_may_be_known_at_deploy_time(stack: cdk.Stack, shop: Path) -> None:
    """A token reaches the handler, which checks it again."""
    number = cdk.CfnParameter(stack, "Number", type="Number", default=3).value_as_number
    PythonLayerArtifact(
        stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=DESTROY, keep_versions=int(number)
    )
    assert one(template(stack), LAYER)["Properties"]["KeepVersions"] == {"Ref": "Number"}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"keep_versions": 3}, "Shop/Deps: keep_versions is for RemovalPolicy.DESTROY"),
        (
            {"keep_versions": 3, "removal_policy": cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE},
            "keep_versions is for RemovalPolicy.DESTROY",
        ),
        ({"keep_versions": 1, "removal_policy": DESTROY}, "keep_versions is 1; it must be at least 2"),
    ],
    ids=["retain", "except on create", "too few"],
)
def test_a_number_without_a_meaning_is_refused(
    stack: cdk.Stack, shop: Path, options: dict[str, object], text: str
) -> None:
    """Where nothing is ever deleted, or too little would be left for a rollback."""
    with pytest.raises(ValueError, match=text):
        PythonLayerArtifact(stack, "Deps", **{"entry": shop, "runtime": PYTHON, **options})  # type: ignore[arg-type]


def test_room_for_the_mark(stack: cdk.Stack, shop: Path) -> None:
    """The description carries the version's build, and its owner where it may be deleted."""
    policy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    with pytest.raises(ValueError, match="description has 209 characters, 208 are allowed"):
        PythonLayerArtifact(
            stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=policy, description="x" * 209
        )


def test_an_old_version_keeps_its_permission(stack: cdk.Stack, shop: Path) -> None:
    """Every property of a permission is create-only, so a new version replaces it: the old one stays.

    Taken out of the app it is revoked.
    """
    policy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    for name, options in {
        "Kept": {},
        "Numbered": {"removal_policy": DESTROY, "keep_versions": 2},
        "Rolled": {"removal_policy": policy},
    }.items():
        deps = PythonLayerArtifact(stack, name, entry=shop, runtime=PYTHON, **options)  # type: ignore[arg-type]
        deps.add_permission("Friend", account_id="123456789012")
    for permission in of_type(template(stack), "AWS::Lambda::LayerVersionPermission"):
        assert permission["UpdateReplacePolicy"] == "Retain"
        assert permission["DeletionPolicy"] == "Delete"


def test_a_permission_goes_with_a_version_that_goes(stack: cdk.Stack, shop: Path) -> None:
    """Under DESTROY there is no version left for it."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=DESTROY)
    deps.add_permission("Friend", account_id="123456789012")
    assert "UpdateReplacePolicy" not in one(template(stack), "AWS::Lambda::LayerVersionPermission")


def test_another_account_is_another_permission(tmp_path: Path, shop: Path) -> None:
    """So the one that is taken out of the app is revoked: replaced in its place it would stay with the version."""
    found = []
    for account in ("111111111111", "222222222222"):
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / account)), "Shop")
        deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
        deps.add_permission("Friend", account_id=account)
        resources = template(stack)["Resources"]
        [name] = [name for name, each in resources.items() if each["Type"].endswith("LayerVersionPermission")]
        found.append(name)
    assert found[0] != found[1]


def test_an_organization_is_for_everybody_in_it(stack: cdk.Stack, shop: Path) -> None:
    """One account and an organization at a time is refused at synth, as by CDK's own layers."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    with pytest.raises(ValueError, match=r"Shop/Deps/Friend: .* account_id must be '\*', not '123456789012'"):
        deps.add_permission("Friend", account_id="123456789012", organization_id="o-12345")
