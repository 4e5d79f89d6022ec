"""The one-call workflow: a build in a container, the zip, the upload and the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from constructs_lib.core import LambdaLayerBuildPackageUploadAndPublishWorkflow
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE
from tests.support.aws.world import LAYER, PREFIX, World
from tests.support.builders.fake_docker import FakeDocker
from tests.support.files.installed import install
from tests.support.scripts import make_locked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    fake = FakeDocker(tmp_path / "engine")
    monkeypatch.setenv(PROGRAM_VARIABLE, str(fake.program))
    return fake


def workflow(
    world: World, pyproject: Path, **changes: object
) -> LambdaLayerBuildPackageUploadAndPublishWorkflow:
    arguments = {
        "layer_name": LAYER,
        "py_ver_major": 3,
        "py_ver_minor": 13,
        "credentials": None,
        "is_arm": False,
        "path_pyproject_toml": pyproject,
        "s3dir_lambda": PREFIX,
        "s3_client": world.services.s3,
        "lambda_client": world.services.lambda_,
        "layer_build_tool": lib.LayerBuildToolEnum.pip,
        "ignore_package_list": None,
        "publish_layer_version_kwargs": None,
        "verbose": False,
        **changes,
    }
    return LambdaLayerBuildPackageUploadAndPublishWorkflow(**arguments)  # type: ignore[arg-type] # by name


def test_the_four_steps_one_by_one(world: World, docker: FakeDocker, tmp_path: Path) -> None:
    """The tool's container builder does the first one; its packages are what is published."""
    pyproject = make_locked(tmp_path / "shop")
    (pyproject.parent / "requirements.txt").write_text("cart==1.0\n")
    made = workflow(world, pyproject)
    made.step_1_build()
    assert "--platform=linux/amd64" in docker.ran.arguments
    assert made.workflow.builder.path_layout.path_build_lambda_layer_in_container_script_in_local.is_file()
    install(made.workflow.builder.path_layout.dir_python, "cart")
    assert made.step_2_package().files > 0
    assert made.step_3_upload() == PREFIX / "layer" / "layer.zip"
    first = made.step_4_publish()
    assert (first.layer_version, first.is_new) == (1, True)
    assert not made.step_4_publish().is_new


def test_in_one_call(world: World, docker: FakeDocker, tmp_path: Path) -> None:
    """The build makes nothing here, since the engine is a stand-in, and that ends it before any upload."""
    pyproject = make_locked(tmp_path / "shop")
    (pyproject.parent / "requirements.txt").write_text("cart==1.0\n")
    with pytest.raises(FileNotFoundError, match="build the layer first"):
        workflow(world, pyproject).run()
    assert docker.verbs[-1] == "run"
    assert world.writes == []


def test_required_arguments_are_required() -> None:
    with pytest.raises(
        TypeError, match="'path_pyproject_toml', 's3dir_lambda', 's3_client', 'lambda_client'"
    ):
        LambdaLayerBuildPackageUploadAndPublishWorkflow(LAYER, 3, 13)
