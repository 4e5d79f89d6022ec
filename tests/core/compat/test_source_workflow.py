"""A source from the project to S3 by the seeds' functions, with the real uv."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import (
    BuildAndUploadSourceResult,
    build_and_upload_source_using_uv,
    build_package_upload_source_artifacts,
)
from tests.core.compat.test_source_dir import files, make_project
from tests.support.aws.world import ARTIFACTS, PREFIX, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop").parent


def upload(world: World, shop: Path) -> BuildAndUploadSourceResult:
    where = f"{PREFIX.uri}/source/"
    return build_and_upload_source_using_uv(world.services.s3, None, shop, where, True, False)


def test_built_zipped_and_uploaded_once(world: World, shop: Path) -> None:
    """In `build/lambda/source`; the same source is not uploaded again."""
    first = upload(world, shop)
    place = PREFIX / "source" / "1.2.0" / first.source_sha256 / "source.zip"
    assert first == BuildAndUploadSourceResult(first.source_sha256, place, "1.2.0", is_new=True)
    head = world.services.s3.head_object(Bucket=ARTIFACTS, Key=place.key)
    assert head["Metadata"] == {"source_version": "1.2.0", "source_sha256": first.source_sha256}
    assert {"build/lambda/source/source.zip", "build/lambda/source/build/shop/__init__.py"} <= files(shop)
    world.forget_calls()
    assert upload(world, shop) == replace(first, is_new=False)
    assert world.writes == []


def test_every_change_has_a_place_of_its_own(world: World, shop: Path) -> None:
    """So CloudFormation sees it."""
    first = upload(world, shop)
    (shop / "src" / "shop" / "__init__.py").write_text("CHANGED = True\n")
    second = upload(world, shop)
    assert second.is_new
    assert first.s3path_source_zip != second.s3path_source_zip


def test_all_of_it_by_one_name_below_the_lambda_folder(world: World, shop: Path) -> None:
    """Seed 003's name for the chain."""
    pyproject = shop / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().partition("[build-system]")[0])  # pip need fetch no backend
    done = build_package_upload_source_artifacts(world.services.s3, shop, PREFIX, verbose=False)
    assert done.s3path_source_zip == PREFIX / "source" / "1.2.0" / done.source_sha256 / "source.zip"
    assert done.is_new
