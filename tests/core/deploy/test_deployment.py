"""The wheel route without CDK: a layer is published, a source laid out."""

from __future__ import annotations

import hashlib
import inspect
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from constructs_lib.core import (
    LayerDeployment,
    LayerOptions,
    Progress,
    Target,
    build_layer,
    build_source,
    deploy_layer,
    deploy_source,
    plan_layer,
)
from constructs_lib.core.errors import ProjectError, PublishError
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.publish.source import ensure_source
from tests.support.aws.shared_clients import SESSION
from tests.support.aws.world import ARTIFACTS, LAYER, PREFIX, World
from tests.support.files.projects import lock, make_project, require_boto3
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


TARGET = Target("3.13", "arm64")
FOLDER = f"{PREFIX.key}/layer"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def arguments(world: World, **changes: Any) -> dict[str, Any]:
    clients = {"s3_client": world.services.s3, "lambda_client": world.services.lambda_}
    return {"s3dir_lambda": PREFIX.uri, "layer_name": LAYER, **clients, **changes}


def deploy(world: World, shop: Path, target: Target = TARGET, **changes: Any) -> LayerDeployment:
    return deploy_layer(shop, target, **arguments(world, **changes))


def test_one_call_publishes_a_project_with_all_that_belongs_to_it(world: World, shop: Path) -> None:
    """Attributes, record and SBOM are those that the construct makes too."""
    done = deploy(world, shop, description="for shop", license_info="MIT")
    live = world.services.lambda_.get_layer_version(LayerName=LAYER, VersionNumber=1)
    assert (done.layer_version, done.is_new) == (1, True)
    assert live["CompatibleRuntimes"] == ["python3.13"]
    assert live["CompatibleArchitectures"] == ["arm64"]
    assert live["LicenseInfo"] == "MIT"
    names = [
        "000001/sbom.cdx.json",
        "000001/uv.lock",
        "answers/python3.13-arm64",
        "last-uv.lock",
        "layer.zip",
    ]
    assert world.object_keys() == [f"{FOLDER}/{name}" for name in names]
    record = world.services.s3.head_object(Bucket=ARTIFACTS, Key=f"{FOLDER}/000001/uv.lock")["Metadata"]
    assert (len(record["fingerprint"]), "owner" in record) == (64, False)
    assert record["manifest_md5"] == hashlib.md5((shop / "uv.lock").read_bytes()).hexdigest()  # noqa: S324
    sbom = world.services.s3.get_object(Bucket=ARTIFACTS, Key=f"{FOLDER}/000001/sbom.cdx.json")["Body"].read()
    assert [each["name"] for each in json.loads(sbom)["components"]] == ["cart"]


def test_unchanged_nothing_is_written(world: World, shop: Path) -> None:
    first = deploy(world, shop)
    world.forget_calls()
    assert deploy(world, shop) == replace(first, is_new=False)
    assert world.writes == []


def test_timed_steps_go_to_the_progress_and_lines_to_the_log(world: World, shop: Path) -> None:
    """Only what takes time is a step; what was published is logged, whatever the progress is."""
    stream = io.StringIO()
    deploy(world, shop, progress=Progress(prefix="deps: ", stream=stream))
    lines = stream.getvalue().splitlines()
    assert lines
    assert all(line.startswith("deps: ") for line in lines)
    assert any(line.startswith("published arn:") for line in world.lines)


def test_findings_of_the_layer_are_logged(world: World, shop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The caller gets no artifact to read them from."""
    require_boto3(shop)
    with caplog.at_level("INFO", "constructs_lib"):
        deploy(world, shop)
    [record] = [record for record in caplog.records if "left out" in record.getMessage()]
    assert record.levelname == "INFO"
    assert record.getMessage().startswith("note: boto3==1.0 is left out, cart uses the version")


def test_an_acknowledged_finding_is_a_warning(
    world: World, shop: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be an error, and scripts show warnings only."""
    make_wheel(shop / "vendor", "cart", files={"cart.py": b"TOTAL = 1\n", "cart.pth": b""})
    (shop / "uv.lock").unlink()
    lock(shop)
    deploy(world, shop, options=LayerOptions(acknowledge=["path-file:cart"]))
    [record] = [record for record in caplog.records if "cart.pth" in record.getMessage()]
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith("note: acknowledged: cart brings cart.pth")


def test_every_option_of_a_build_is_one_of_a_deployment() -> None:
    """The same value, and the same keywords for the store and the progress."""
    for build, deployments in ((build_layer, (deploy_layer, plan_layer)), (build_source, (deploy_source,))):
        shared = {"options", "store", "progress"}
        parameters = inspect.signature(build).parameters
        for deployment in deployments:
            others = inspect.signature(deployment).parameters
            assert {name: others[name] for name in shared} == {name: parameters[name] for name in shared}


def test_nothing_is_asked_of_aws_where_the_build_fails(world: World, shop: Path) -> None:
    world.forget_calls()
    (shop / "uv.lock").unlink()
    with pytest.raises(ProjectError):
        deploy(world, shop)
    with pytest.raises(PublishError, match="is not a layer name"):
        deploy(world, shop, layer_name="a b")
    assert world.calls == []


def test_a_source_is_laid_out_once(world: World, shop: Path) -> None:
    """Its key names its content, so the second time there is nothing to do."""
    first = deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.services.s3)
    expected = PREFIX / "source" / "1.2.3" / first.source_sha256 / "source.zip"
    assert (first.s3path_source_zip, first.source_version, first.is_new) == (expected, "1.2.3", True)
    body = world.services.s3.get_object(Bucket=ARTIFACTS, Key=expected.key)["Body"].read()
    assert hashlib.sha256(body).hexdigest() == first.source_sha256
    world.forget_calls()
    assert deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.services.s3) == replace(
        first, is_new=False
    )
    assert world.writes == []


def test_a_source_that_a_stack_may_delete_becomes_nobodys(world: World, shop: Path) -> None:
    first = deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.services.s3)
    place = first.s3path_source_zip
    body = world.services.s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    world.services.s3.delete_object(Bucket=place.bucket, Key=place.key)
    theirs = replace(
        world.source(), source_sha256=first.source_sha256, source_version="1.2.3", removal_policy="destroy"
    )
    assert ensure_source(world.services, replace(theirs, asset=world.put(theirs.asset, body))) == place
    again = deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.services.s3)
    assert again == first
    assert "removal_policy" not in world.services.s3.head_object(Bucket=ARTIFACTS, Key=place.key)["Metadata"]


def test_a_source_that_cannot_be_asked_for_is_not_sent(shop: Path) -> None:
    """Nobody knows whether it lies there, and an upload would fail too."""
    once = Config(retries={"total_max_attempts": 1})
    client = SESSION.client("s3", endpoint_url="http://127.0.0.1:9", config=once)
    with pytest.raises(
        PublishError, match=rf"^s3:GetObject on s3://{ARTIFACTS}/\S+ got no answer: Could not connect[^\n]+$"
    ):
        deploy_source(shop, s3dir_lambda=S3Location(ARTIFACTS, "shop"), s3_client=client)
