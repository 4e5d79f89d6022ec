"""The steps that all builders share, and builders of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from constructs_lib.core import Credentials, LayerPathLayout
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.builders.fake_docker import FakeDocker

CREDENTIALS = Credentials("big-vault", "https://host/simple", "bob", "pa:ss@wo/rd")


class Own(lib.BaseLambdaLayerLocalBuilder):
    """Writes down its steps."""

    steps: list[str] = []  # noqa: RUF012 - one test looks at it

    def step_3_execute_build(self) -> None:
        self.steps.append(
            f"3 {sorted(path.name for path in self.path_layout.dir_build_lambda_layer.iterdir())}"
        )
        (self.path_layout.dir_python / "mine.py").touch()

    def step_4_finalize_artifacts(self) -> None:
        self.steps.append("4")


def test_ones_own_builder_overrides_a_step(project: Path) -> None:
    """The others are inherited: the folder is cleared and made anew before step 3."""
    layout = LayerPathLayout(project)
    layout.mkdirs()
    layout.path_build_lambda_layer_zip.touch()
    own: lib.T_BUILDER = Own(project, verbose=False)
    own.run()
    assert Own.steps == ["3 ['artifacts', 'repo']", "4"]
    assert own.path_layout == layout
    with pytest.raises(NotImplementedError):
        lib.BaseLambdaLayerLocalBuilder(project, verbose=False).run()


@pytest.mark.parametrize(
    ("minor", "is_arm", "image", "platform"),
    [
        (11, False, "public.ecr.aws/sam/build-python3.11:latest-x86_64", "linux/amd64"),
        (13, True, "public.ecr.aws/sam/build-python3.13:latest-arm64", "linux/arm64"),
    ],
)
def test_image_and_platform(project: Path, minor: int, is_arm: bool, image: str, platform: str) -> None:
    made = lib.BaseLambdaLayerContainerBuilder(project, 3, minor, is_arm, project)
    assert (made.image_uri, made.platform) == (image, platform)


def test_a_python_that_lambda_does_not_run_is_refused(project: Path, docker: FakeDocker) -> None:
    with pytest.raises(ProjectError, match=r"Python version '3\.9' is not one that Lambda runs"):
        lib.BaseLambdaLayerContainerBuilder(project, 3, 9, False, project).run()
    assert docker.calls == []


def test_ones_own_script_runs_with_all_credentials(project: Path, docker: FakeDocker) -> None:
    """The base class does not know which tool it starts."""
    script = project.parent / "mine.py"
    script.write_text("print('mine')")
    own = lib.BaseLambdaLayerContainerBuilder(project, 3, 13, False, script, CREDENTIALS, verbose=False)
    own.run()
    handed = {each for each in docker.ran.arguments if each.startswith("--env=") and "=" not in each[6:]}
    assert handed == {
        f"--env={name}"
        for name in (
            "PIP_INDEX_URL",
            "POETRY_HTTP_BASIC_BIG_VAULT_PASSWORD",
            "POETRY_HTTP_BASIC_BIG_VAULT_USERNAME",
            "UV_INDEX_BIG_VAULT_PASSWORD",
            "UV_INDEX_BIG_VAULT_USERNAME",
        )
    }
    copied = own.path_layout.path_build_lambda_layer_in_container_script_in_local
    assert copied.read_text() == "print('mine')"


def test_parts_of_image_and_container_have_names(project: Path) -> None:
    """As the released packages have them; without a script too."""
    made = lib.BaseLambdaLayerContainerBuilder(project, 3, 12, True)
    assert made.image_tag == "latest-arm64"
    assert made.container_name == "lambda_layer_builder-python312-arm64"
    assert made.docker_run_args[0]
    assert made.script_args == []


def test_a_build_without_a_script_is_refused(project: Path, docker: FakeDocker) -> None:
    """Before anything is cleared."""
    with pytest.raises(ProjectError, match="has no path_script") as caught:
        lib.BaseLambdaLayerContainerBuilder(project, 3, 13, False, verbose=False).run()
    assert caught.value.id == "build-script-missing"
    assert docker.calls == []


def test_arguments_of_the_script_can_be_overridden(project: Path, docker: FakeDocker) -> None:
    """By the property of the released packages."""
    script = project.parent / "mine.py"
    script.write_text("")

    class Mine(lib.BaseLambdaLayerContainerBuilder):
        @property
        def script_args(self) -> list[str]:
            return ["--fast"]

    assert Mine(project, 3, 13, False, script).docker_run_args[-1] == "--fast"


def test_any_object_with_run_and_path_layout_is_a_builder(project: Path) -> None:
    """Also for `isinstance`."""
    assert isinstance(lib.BaseLambdaLayerLocalBuilder(project), lib.T_BUILDER)
    assert not isinstance(project, lib.T_BUILDER)
