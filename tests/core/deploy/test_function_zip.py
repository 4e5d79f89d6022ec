"""A function in one zip laid out without CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import FunctionDeployment, Target, build_function, deploy_function
from tests.support.aws.faults import refuse
from tests.support.aws.world import ARTIFACTS, PREFIX, World
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

TARGET = Target("3.13")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def deploy(world: World, shop: Path, bucket_owner: str = "") -> FunctionDeployment:
    s3_client = world.services.s3
    return deploy_function(
        shop, TARGET, s3dir_lambda=PREFIX.uri, s3_client=s3_client, bucket_owner=bucket_owner
    )


def test_zip_lock_file_and_sbom_are_laid_out(world: World, shop: Path, tmp_path: Path) -> None:
    """In a folder that is named by version and content; the zip is the one that `build_function` makes."""
    done = deploy(world, shop)
    built = build_function(shop, tmp_path / "function.zip", TARGET)
    folder = f"{PREFIX.uri}/function/1.2.3/{built.archive.sha256}"
    assert (done.function_version, done.function_sha256, done.is_new) == ("1.2.3", built.archive.sha256, True)
    assert done.s3path_function_zip.uri == f"{folder}/function.zip"
    assert done.s3path_manifest is not None
    assert done.s3path_manifest.uri == f"{folder}/uv.lock"
    assert done.s3path_sbom is not None
    stored = [
        world.services.s3.get_object(**place.params)["Body"].read()
        for place in (done.s3path_function_zip, done.s3path_manifest, done.s3path_sbom)
    ]
    assert stored == [built.archive.path.read_bytes(), (shop / "uv.lock").read_bytes(), built.sbom]


def test_what_is_there_is_not_uploaded_again(world: World, shop: Path) -> None:
    first = deploy(world, shop)
    world.forget_calls()
    second = deploy(world, shop)
    assert (second.is_new, second.s3path_function_zip) == (False, first.s3path_function_zip)
    assert world.writes == []


def test_a_file_beside_the_zip_that_cannot_be_written_is_not_named(world: World, shop: Path) -> None:
    deploy(world, shop)
    for key in world.object_keys():
        if key.endswith("sbom.cdx.json"):
            world.services.s3.delete_object(Bucket=ARTIFACTS, Key=key)
    world.next("s3.PutObject", refuse(403, "AccessDenied"))
    done = deploy(world, shop)
    assert done.s3path_sbom is None
    assert any("sbom.cdx.json is missing" in line for line in world.lines)


def test_the_buckets_account_is_named_in_each_call(world: World, shop: Path) -> None:
    """S3 refuses a bucket of that name in another account."""
    deploy(world, shop, bucket_owner="123456789012")
    sent = [params for calls in world.sent.values() for params in calls]
    assert {params.get("ExpectedBucketOwner") for params in sent} == {"123456789012"}
