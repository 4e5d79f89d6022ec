"""What the engine is asked to run, with a fake engine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from constructs_lib.core import Credentials, LayerBuildToolEnum, LayerPathLayout
from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.builders.fake_docker import FakeDocker

ALL = [tool.value for tool in LayerBuildToolEnum]
IMAGE = "public.ecr.aws/sam/build-python3.13:latest-x86_64"
PASSWORD = "pa:ss@wo/rd"
CREDENTIALS = Credentials("big-vault", "https://host/simple", "bob", PASSWORD)
_SETTINGS = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")


def builder(tool: str, project: Path, **options: object) -> lib.BaseLambdaLayerContainerBuilder:
    kind = getattr(lib, f"{tool.capitalize()}BasedLambdaLayerContainerBuilder")
    made: lib.BaseLambdaLayerContainerBuilder = kind(project, 3, 13, is_arm=False, verbose=False, **options)
    return made


@pytest.mark.parametrize(
    ("tool", "script_arguments", "variables"),
    [
        ("pip", 0, ["PIP_INDEX_URL"]),
        ("poetry", 1, ["POETRY_HTTP_BASIC_BIG_VAULT_PASSWORD", "POETRY_HTTP_BASIC_BIG_VAULT_USERNAME"]),
        ("uv", 1, ["UV_INDEX_BIG_VAULT_PASSWORD", "UV_INDEX_BIG_VAULT_USERNAME"]),
    ],
)
def test_the_whole_argument_list(
    project: Path, tool: str, script_arguments: int, variables: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project at /var/task, the caller as user, secrets by the names of variables only."""
    monkeypatch.delenv(PROGRAM_VARIABLE, raising=False)
    arguments = builder(tool, project, credentials=CREDENTIALS).docker_run_args
    name = arguments.pop(3)
    assert name.startswith("--name=constructs-lib-")
    script = "/var/task/build/lambda/build_lambda_layer_in_container.py"
    end = arguments.index(script) + 1
    assert arguments[:end] == [
        "docker",
        "run",
        "--rm",
        "--platform=linux/amd64",
        "--pull=never",
        "--security-opt=no-new-privileges",
        f"--user={os.getuid()}:{os.getgid()}",
        "--workdir=/var/task",
        "--env=HOME=/tmp",
        "--env=PYTHONDONTWRITEBYTECODE=1",
        "--env=PYTHONUNBUFFERED=1",
        *(f"--env={variable}" for variable in variables),
        f"--mount=type=bind,source={project.parent},target=/var/task",
        "--entrypoint=python3.13",
        IMAGE,
        script,
    ]
    assert len(arguments[end:]) == script_arguments
    assert PASSWORD not in repr(arguments)


@pytest.mark.parametrize("tool", ALL)
def test_a_build_in_a_container(project: Path, docker: FakeDocker, tool: str, tmp_path: Path) -> None:
    """The script and the lock are copied, the password is in the engine's environment and in no file."""
    made = builder(tool, project, credentials=CREDENTIALS)
    layout = made.path_layout
    made.step_1_preflight_check()
    made.step_2_prepare_environment()
    made.step_3_execute_build()
    assert docker.verbs == ["image", "info", "run"]
    values = json.dumps(docker.ran.env)
    assert "bob" in values
    assert PASSWORD not in repr(docker.ran.arguments)
    assert made.path_script is not None
    assert (
        layout.path_build_lambda_layer_in_container_script_in_local.read_bytes()
        == made.path_script.read_bytes()
    )
    copied = {path.name for path in layout.dir_repo.iterdir()}
    assert copied == ({"pyproject.toml", f"{tool}.lock"} if tool != "pip" else {"requirements.txt"})
    files = [path for path in project.parent.rglob("*") if path.is_file()]
    assert not [path for path in files if b"wo/rd" in path.read_bytes() or b"wo%2Frd" in path.read_bytes()]
    assert not layout.path_private_repository_credentials_in_local.exists()


def test_authorities_and_proxies_are_handed_through(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle of this machine is mounted and named; a proxy's address stays out of the argument list."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("HTTPS_PROXY", "http://u:hunter22@proxy")
    arguments = builder("uv", project).docker_run_args
    assert f"--mount=type=bind,source={bundle},target=/constructs-lib/authorities.pem,readonly" in arguments
    assert "--env=SSL_CERT_FILE=/constructs-lib/authorities.pem" in arguments
    assert "--env=HTTPS_PROXY" in arguments
    assert "hunter22" not in repr(arguments)


@pytest.mark.parametrize("tool", ALL)
def test_nothing_is_cleared_before_all_is_there(project: Path, docker: FakeDocker, tool: str) -> None:
    """Lock, script, engine and image."""
    layout = LayerPathLayout(project)
    layout.mkdirs()
    script = project.parent / "mine.py"
    with pytest.raises(ProjectError, match=r"mine\.py does not exist: path_script is the script that runs"):
        builder(tool, project, path_script=script).run()
    docker.fail("image inspect", "Cannot connect to the Docker daemon")
    with pytest.raises(ToolError, match="its daemon does not answer"):
        builder(tool, project).run()
    docker.set(failures={"pull": [1, "no such image"]}, image=None)
    with pytest.raises(ToolError, match=f"image {IMAGE} for linux/amd64 could not be pulled"):
        builder(tool, project).run()
    docker.forget()
    layout.get_path_manifest(tool).unlink()
    with pytest.raises(ProjectError, match="does not exist: run '"):
        builder(tool, project).run()
    assert docker.calls == []
    assert layout.dir_python.is_dir()


def test_the_image_is_pulled_where_it_is_missing(project: Path, docker: FakeDocker) -> None:
    """Also where the engine has it for another CPU."""
    docker.set(image={**docker.state["image"], "Architecture": "arm64"}, pulled=docker.state["image"])
    builder("pip", project).step_1_preflight_check()
    assert docker.verbs == ["image", "pull", "image"]


def test_options_of_uv_sync_go_to_the_script(project: Path) -> None:
    """Behind the uv to fetch; the script passes them on."""
    arguments = builder("uv", project, uv_sync_options=lib.UvSyncOptions(all_groups=True)).docker_run_args
    assert arguments[-3:] == ["--frozen", "--no-dev", "--all-groups"]
    assert arguments[-4].startswith("uv==")
