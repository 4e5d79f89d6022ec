"""Artifacts with other synthesizers and options of CDK, in a thread, and as a subclass."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from tests.support.files.templates import of_type, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs import Construct

PYTHON = lambda_.Runtime.PYTHON_3_13


def synthesized(tmp_path: Path, shop: Path, synthesizer: cdk.IStackSynthesizer, **options: bool) -> str:
    """Return the template of a stack with a layer, a source and a function."""
    app = cdk.App(outdir=str(tmp_path / "out"))
    stack = cdk.Stack(app, "Shop", synthesizer=synthesizer, **options)  # type: ignore[arg-type]
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    code = PythonSourceArtifact(stack, "Code", entry=shop)
    lambda_.Function(stack, "F", runtime=PYTHON, handler="shop.handler", code=code.code, layers=[deps])
    return json.dumps(app.synth().get_stack_by_name("Shop").template)


@pytest.mark.parametrize(
    ("synthesizer", "expected"),
    [
        (
            lambda: cdk.DefaultStackSynthesizer(qualifier="team", bucket_prefix="team a+b/üx/"),
            [
                "cdk-team-assets-${AWS::AccountId}-${AWS::Region}",
                json.dumps("team a+b/üx/").strip('"'),
            ],
        ),
        (
            lambda: cdk.DefaultStackSynthesizer(file_assets_bucket_name="staged-${AWS::Region}"),
            ["staged-${AWS::Region}"],
        ),
        (
            lambda: cdk.CliCredentialsStackSynthesizer(qualifier="team"),
            ["cdk-team-assets-${AWS::AccountId}-${AWS::Region}"],
        ),
        (cdk.LegacyStackSynthesizer, ["AssetParameters", "S3VersionKey"]),
    ],
    ids=["prefix", "bucket", "credentials", "legacy"],
)
def test_staged_files_are_where_the_synthesizer_puts_them(
    tmp_path: Path, shop: Path, synthesizer: Callable[[], cdk.IStackSynthesizer], expected: list[str]
) -> None:
    """Bucket and key of the synthesizer reach the handler, the function's code and the publisher's rights."""
    document = json.loads(synthesized(tmp_path, shop, synthesizer()))
    resources = document["Resources"].values()
    published = [each for each in resources if each["Type"].startswith("Custom::Python")]
    assert len(published) == 2
    for resource in published:
        assert all(text in json.dumps(resource["Properties"]) for text in expected)
    rights = json.dumps([each for each in resources if each["Type"] == "AWS::IAM::ManagedPolicy"])
    assert expected[0] in rights


def test_no_assets_is_an_error_of_cdk(tmp_path: Path, shop: Path) -> None:
    """A synthesizer without staged files cannot have an artifact."""
    with pytest.raises(
        RuntimeError, match="Cannot add assets to a Stack that uses the BootstraplessSynthesizer"
    ):
        synthesized(tmp_path, shop, cdk.BootstraplessSynthesizer())


def test_references_across_regions_change_nothing(tmp_path: Path, shop: Path) -> None:
    """The stack's option for CDK's own references adds no resource to a stack with artifacts."""
    plain = synthesized(tmp_path / "a", shop, cdk.DefaultStackSynthesizer())
    crossing = synthesized(tmp_path / "b", shop, cdk.DefaultStackSynthesizer(), cross_region_references=True)
    assert plain == crossing


def test_a_thread_synthesizes(tmp_path: Path, shop: Path) -> None:
    """Not only the main thread may build, as in a web service that makes apps."""
    plain = synthesized(tmp_path / "a", shop, cdk.DefaultStackSynthesizer())
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(synthesized, tmp_path / "b", shop, cdk.DefaultStackSynthesizer()).result()
    assert other == plain


class CompanyLayer(PythonLayerArtifact):
    """A layer with a company's defaults."""

    def __init__(self, scope: Construct, construct_id: str, *, entry: Path) -> None:
        super().__init__(scope, construct_id, entry=entry, runtime=PYTHON, description="of the company")


def test_a_subclass_is_an_artifact(stack: cdk.Stack, shop: Path) -> None:
    """It goes into a function, and its own defaults hold."""
    deps = CompanyLayer(stack, "Deps", entry=shop)
    lambda_.Function(
        stack, "F", runtime=PYTHON, handler="a.b", code=lambda_.Code.from_inline("x"), layers=[deps]
    )
    [resource] = of_type(template(stack), "Custom::PythonLayerArtifact")
    assert resource["Properties"]["Description"].startswith("of the company")
