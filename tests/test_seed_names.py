"""The page of earlier names agrees with the code, and its examples work as written."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import constructs_lib
import constructs_lib.core as lib
from constructs_lib.core import compat
from tests.core.compat.earlier import read
from tests.support.scripts import OwnBuilder, make_locked

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "seed-names.md").read_text()
FOUND = re.findall(r"^\| `(\w+)` \| ([^|]+) \| `([\w.]+)` \| ([^|]+) \|$", PAGE, re.MULTILINE)
ROWS = {name: (sources, home, text) for name, sources, home, text in FOUND}
SOURCES = {
    "pages": "pages",
    "0.1": "aws_lambda_artifact_builder-0.1.8",
    "core": "aws_lbd_art_builder_core-1.0.0",
    "uv": "aws_lbd_art_builder_uv-1.0.0",
}
OWN = {"S3Location", "UvBasedLambdaLayerContainerBuilder", "UvBasedLambdaLayerLocalBuilder"}
"""Ours alone: a stand-in for a class of a third package, and one spelling of the builders of uv."""
KEYWORDS = [(name, keyword) for name in ROWS for keyword in re.findall(r"`(\w+)=`", ROWS[name][2])]
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


def names(source: str) -> set[str]:
    return {earlier.name for earlier in read(SOURCES[source]) if not earlier.owner}


def test_the_page_lists_every_name_and_no_other() -> None:
    """Those that the package hands out, and those of every earlier source."""
    assert len(FOUND) == len(ROWS)
    assert ROWS.keys() - OWN == set[str]().union(*map(names, SOURCES))
    assert set(compat.__all__) <= ROWS.keys()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_name_is_where_the_page_says(name: str) -> None:
    """It can be imported from `constructs_lib.core`, and is what its module has."""
    home = importlib.import_module(f"constructs_lib.core.{ROWS[name][1]}")
    assert getattr(lib, name) is (home if home.__name__.endswith(f".{name}") else getattr(home, name))
    assert name in dir(lib)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_name_is_of_the_release_that_the_page_says(name: str) -> None:
    sources = [source for source in SOURCES if name in names(source)]
    assert ROWS[name][0] == (", ".join(sources) or "\N{EN DASH}")


@pytest.mark.parametrize(("name", "keyword"), KEYWORDS)
def test_every_keyword_of_the_page_is_accepted(name: str, keyword: str) -> None:
    assert keyword in inspect.signature(getattr(lib, name)).parameters


def test_links_between_rows_lead_to_rows() -> None:
    """A row that refers to another name has that name as written there."""
    text = " ".join(text for _, _, text in ROWS.values())
    assert set(re.findall(r"The name of `(\w+)`", text)) <= ROWS.keys()


def test_the_constructs_have_their_names() -> None:
    assert {"PythonLayerArtifact", "PythonSourceArtifact"} <= set(constructs_lib.__all__)


def test_names_on_the_right_of_the_second_table_exist() -> None:
    """What a reader is sent to is there."""
    _, _, table = PAGE.partition("## Names that are others here")
    named = {name for name in re.findall(r"`(\w+)(?:\(…\)\.run\(\))?`", table) if name in dir(lib)}
    assert {
        "S3Location",
        "LambdaLayerVersionPublisher",
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
