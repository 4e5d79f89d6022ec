"""The names that users of earlier tools know: all of them are here, on their page, and work as written there."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import constructs_lib
import constructs_lib.core as lib
from tests.support.scripts import OwnBuilder, make_locked

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "seed-names.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", PAGE, re.MULTILINE))
TOOLS, PLACES = ("pip", "poetry", "uv"), ("local", "container")
NAMES = {
    # layouts
    *("LayerPathLayout", "LayerS3Layout", "SourcePathLayout", "SourceS3Layout", "S3Location", "ZFILL"),
    "Credentials",
    # step 1
    *("LayerBuildToolEnum", "BaseLambdaLayerLocalBuilder", "BaseLambdaLayerContainerBuilder", "T_BUILDER"),
    *(f"{tool.title()}BasedLambdaLayer{place.title()}Builder" for tool in TOOLS for place in PLACES),
    *(f"build_layer_artifacts_using_{tool}_in_{place}" for tool in TOOLS for place in PLACES),
    # step 2
    *("move_to_dir_python", "default_ignore_package_list", "create_layer_zip_file", "LambdaLayerZipper"),
    # steps 3 and 4
    *("upload_layer_zip_to_s3", "LayerManifestManager", "LambdaLayerVersionPublisher", "LayerDeployment"),
    *("LayerDeploymentWorkflow", "S3MetadataKeyEnum"),
    # source
    *("is_match", "copy_source_for_lambda_deployment", "build_source_dir_using_pip"),
    *("build_source_dir_using_uv", "create_source_zip", "upload_source_zip"),
    *("build_and_upload_source_using_pip", "build_and_upload_source_using_uv"),
    *("BuildAndUploadSourceResult", "build_package_upload_source_artifacts"),
    # odds and ends
    *("BaseLogger", "T_PRINTER", "temp_cwd", "hashes", "DateTimeTimer", "write_bytes"),
}
# The pages' examples with the package's name replaced, and nothing else.
END_USERS = """\
from constructs_lib.core import (
    Credentials,
    copy_source_for_lambda_deployment,
    build_and_upload_source_using_pip, BuildAndUploadSourceResult,
    default_ignore_package_list,
    upload_layer_zip_to_s3,
    LambdaLayerVersionPublisher, LayerDeployment,
    LayerDeploymentWorkflow,    # one-stop orchestrator
)
"""
AUTHORS = """\
from constructs_lib.core import (
    BaseLambdaLayerContainerBuilder,
    LayerPathLayout, move_to_dir_python,
    temp_cwd,                               # for container build scripts
    # pass-through to users:
    Credentials,
    LayerDeploymentWorkflow, LayerDeployment,
)
"""
ZIPPER = """\
from pathlib import Path
from constructs_lib.core import LambdaLayerZipper, LayerBuildToolEnum

# Define project paths
project_root = Path.cwd()
pyproject_path = project_root / "pyproject.toml"

# Configure the zipper
zipper = LambdaLayerZipper(
    path_pyproject_toml=pyproject_path,
    build_tool=LayerBuildToolEnum.uv,
    ignore_package_list=[
        # Include defaults plus custom exclusions
        "boto3", "botocore", "pytest",  # Defaults
        "mypy", "black", "ruff",        # Custom dev tools
    ],
    verbose=True,
)

# Package the dependencies
print("Packaging dependencies into layer zip...")
zipper.run()
print("✅ Layer package created: build/lambda/layer/layer.zip")
"""


def test_the_page_lists_every_name_and_no_other() -> None:
    assert set(ROWS) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_is_where_the_page_says(name: str) -> None:
    """It can be imported from `constructs_lib.core`, and is what its module has."""
    home = importlib.import_module(f"constructs_lib.core.{ROWS[name]}")
    assert getattr(lib, name) is getattr(home, name)
    assert name in dir(lib)


def test_the_constructs_have_their_names() -> None:
    assert {"PythonLayerArtifact", "PythonSourceArtifact"} <= set(constructs_lib.__all__)


def test_names_on_the_right_of_the_second_table_exist() -> None:
    """What a reader is sent to is there."""
    _, _, table = PAGE.partition("## Names that are others here")
    named = {name for name in re.findall(r"`(\w+)(?:\(…\)\.run\(\))?`", table) if name in dir(lib)}
    assert {
        "S3Location",
        "LambdaLayerVersionPublisher",
        "upload_source_zip",
        "deploy_layer",
        "plan_layer",
    } <= named


@pytest.mark.parametrize("code", [END_USERS, AUTHORS], ids=["end users", "authors"])
def test_the_import_lists_work_as_written(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_zippers_example_works_as_written(tmp_path: Path) -> None:
    """In a project whose tool has left the packages in its virtual environment."""
    OwnBuilder(make_locked(tmp_path / "shop"), in_venv=True).run()
    command = [sys.executable, "-X", "utf8", "-W", "error", "-c", ZIPPER]
    done = subprocess.run(
        command, cwd=tmp_path / "shop", capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "shop" / "build" / "lambda" / "layer" / "layer.zip") as archive:
        names = archive.namelist()
    assert "python/cart/__init__.py" in names
    assert not [name for name in names if name.startswith("python/boto3")]
