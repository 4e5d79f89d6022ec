"""The core as a script uses it. Type checkers read this; nothing runs it.

A line with an expected error ignores it for each checker by its own name; both report an ignore that is not needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import assert_type

from constructs_lib.core import (
    ArtifactError,
    Credentials,
    FunctionAnswer,
    FunctionPart,
    FunctionSettings,
    HandlerCall,
    LayerArtifact,
    LayerDeployment,
    LayerReport,
    Plan,
    SourceArtifact,
    Target,
    WebCall,
    build_layer,
    build_source,
    deploy_layer,
    invoke_function,
    invoke_project,
    plan_layer,
    render_text,
    report_layer,
)

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client


def build() -> None:
    layer = build_layer("shop", Path("layer.zip"), Target("3.13", "arm64"))
    assert_type(layer, LayerArtifact)
    assert_type(layer.fingerprint, str)
    assert_type(layer.sbom, bytes)
    assert_type(layer.archive.sha256, str)
    assert_type(layer.distributions, tuple[str, ...])
    assert_type(report_layer(layer), LayerReport)
    assert_type(render_text(report_layer(layer)), str)
    assert_type(build_source(Path("shop"), Path("source.zip")), SourceArtifact)
    assert_type([finding.text for finding in layer.warnings], list[str])


def deploy(s3_client: S3Client, lambda_client: LambdaClient) -> str:
    target = Target("3.13")
    place = "s3://artifacts/shop"
    plan = plan_layer(
        "shop",
        target,
        s3dir_lambda=place,
        layer_name="shop-deps",
        s3_client=s3_client,
        lambda_client=lambda_client,
    )
    assert_type(plan, Plan)
    try:
        deployment = deploy_layer(
            "shop",
            target,
            s3dir_lambda=place,
            layer_name="shop-deps",
            s3_client=s3_client,
            lambda_client=lambda_client,
        )
    except ArtifactError as error:
        return str(error)
    assert_type(deployment, LayerDeployment)
    return deployment.layer_version_arn


def refused() -> None:
    build_layer("shop", "layer.zip", Target("3.13"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    build_layer("shop", Path("layer.zip"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Target(3.13)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Credentials("vault")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Target("3.13").python_version = "3.14"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def invoke() -> None:
    settings = FunctionSettings(timeout=1.5, memory=256, environment={"STAGE": "test"})
    answer = invoke_project(
        "shop", HandlerCall("shop.handler", b"{}"), Target("3.13"), settings, write_line=print
    )
    assert_type(answer, FunctionAnswer)
    assert_type(answer.payload, bytes)
    parts = [FunctionPart(Path("function.zip"), "var/task")]
    web = WebCall("shop:app", headers=[("accept", "*/*")], protocol="wsgi")
    assert_type(invoke_function(parts, web, Target("3.13"), write_line=print), FunctionAnswer)
    WebCall("shop:app", protocol="cgi")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
