"""What each tool is asked to do on this machine, and what is looked at before."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from constructs_lib.core import Credentials, LayerBuildToolEnum, LayerPathLayout
from constructs_lib.core.compat.builders.by_tool import CONTAINER_BUILDERS
from constructs_lib.core.errors import ArtifactError, ProjectError, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.compat.builders.conftest import FakeTools

ALL = [tool.value for tool in LayerBuildToolEnum]
PASSWORD = "pa:ss@wo/rd"


def builder(tool: str, project: Path, **options: object) -> lib.BaseLambdaLayerLocalBuilder:
    kind = getattr(lib, f"{tool.capitalize()}BasedLambdaLayerLocalBuilder")
    made: lib.BaseLambdaLayerLocalBuilder = kind(project, verbose=False, **options)
    return made


def in_venv(project: Path) -> Path:
    return LayerPathLayout(project).dir_repo / ".venv" / "lib" / "python3.12" / "site-packages"


def test_pip_installs_into_the_tree(tools: FakeTools, project: Path) -> None:
    """In the project, whose paths may be relative; a file with hashes is complete, and they are enforced."""
    builder("pip", project).run()
    python = LayerPathLayout(project).dir_python
    assert tools.call.arguments == [
        f"--python={sys.executable}",
        "install",
        "--requirement=requirements.txt",
        f"--target={python}",
        "--no-compile",
        "--no-input",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
    ]
    assert tools.call.cwd == str(project.parent)


def test_without_hashes_pip_looks_for_what_the_requirements_need(tools: FakeTools, project: Path) -> None:
    """And lines say what is open, and from where somebody could fill it."""
    said: list[str] = []
    (project.parent / "requirements.txt").write_text("--extra-index-url https://host/simple\ncart\n")
    lib.PipBasedLambdaLayerLocalBuilder(project, printer=said.append).run()
    assert tools.call.arguments[-1] == "--disable-pip-version-check"
    warnings = [line for line in said if line.startswith("warning: ")]
    assert [("dependency confusion" in line, "does not pin cart" in line) for line in warnings] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("tool", ALL)
def test_every_tool_keeps_the_lock_it_installed_from(tools: FakeTools, project: Path, tool: str) -> None:
    """By it an upload can tell what the zip was built from, after the lock was edited."""
    lock = LayerPathLayout(project).get_path_manifest(tool)
    tools.will_install([in_venv(project) / "cart.py"])
    builder(tool, project).run()
    before = lock.read_bytes()
    lock.write_text("edited")
    assert (LayerPathLayout(project).dir_repo / lock.name).read_bytes() == before


def test_poetry_fills_an_environment_of_the_layers_own(
    tools: FakeTools, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the copied lock, whatever environment is active; its packages are moved to the tree."""
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "false")
    tools.will_install([in_venv(project) / "cart.py"])
    builder("poetry", project).run()
    layout = LayerPathLayout(project)
    assert tools.call.arguments == ["sync", "--only=main", "--no-root", "--no-interaction", "--no-ansi"]
    assert tools.call.cwd == str(layout.dir_repo)
    assert tools.call.env["POETRY_VIRTUALENVS_IN_PROJECT"] == "true"
    assert "VIRTUAL_ENV" not in tools.call.env
    assert (layout.dir_repo / ".venv" / "pyvenv.cfg").is_file()
    assert (layout.dir_repo / "poetry.lock").read_bytes() == (project.parent / "poetry.lock").read_bytes()


def test_uv_fills_an_environment_of_the_layers_own(
    tools: FakeTools, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen, without groups and the project itself, and by copies."""
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "/somewhere")
    tools.will_install([in_venv(project) / "cart.py"])
    made = builder("uv", project)
    made.run()
    assert tools.call.arguments == [
        "sync",
        "--frozen",
        "--no-default-groups",
        "--no-install-project",
        "--no-editable",
        "--no-python-downloads",
        f"--python={sys.executable}",
        "--link-mode=copy",
        "--no-progress",
    ]
    assert tools.call.env["UV_PROJECT_ENVIRONMENT"] == ".venv"
    assert (made.path_layout.dir_python / "cart.py").is_file()
    assert not in_venv(project).exists()


@pytest.mark.parametrize("tool", ALL)
def test_credentials_are_in_the_childs_environment_alone(
    tools: FakeTools, project: Path, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or in a file that is gone afterwards; not in an argument, and not in this process."""
    tools.will_install([in_venv(project) / "cart.py"])
    before = dict(os.environ)
    said: list[str] = []
    credentials = Credentials("big-vault", "https://host/simple", "bob", PASSWORD)
    kind = getattr(lib, f"{tool.capitalize()}BasedLambdaLayerLocalBuilder")
    kind(project, credentials, printer=said.append).run()
    given = {name: value for name, value in tools.call.env.items() if value != before.get(name)}
    expected = {
        "pip": {"PIP_CONFIG_FILE"},
        "poetry": {"POETRY_HTTP_BASIC_BIG_VAULT_USERNAME", "POETRY_HTTP_BASIC_BIG_VAULT_PASSWORD"},
        "uv": {"UV_INDEX_BIG_VAULT_USERNAME", "UV_INDEX_BIG_VAULT_PASSWORD"},
    }
    assert expected[tool] <= given.keys()
    assert not Path(given.get("PIP_CONFIG_FILE", "/nothing")).exists()
    assert PASSWORD not in repr([tools.call.arguments, said])
    assert dict(os.environ) == before


# --- preflight -----------------------------------------------------------------------------------------------


def no_pyproject(project: Path) -> None:
    project.unlink()


def no_lock(project: Path) -> None:
    for name in ("requirements.txt", "poetry.lock", "uv.lock"):
        (project.parent / name).unlink()


def other_python(project: Path) -> None:
    project.write_text('[project]\nname = "shop"\nversion = "1"\nrequires-python = "<3.5"\n')


def odd_python(project: Path) -> None:
    project.write_text('[project]\nname = "shop"\nversion = "1"\nrequires-python = "new"\n')


def password(project: Path) -> None:
    for name in ("requirements.txt", "poetry.lock", "uv.lock"):
        with (project.parent / name).open("a") as file:
            file.write("# https://bob:hunter22@host/simple\n")


@pytest.mark.parametrize("tool", ALL)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (no_pyproject, "pyproject.toml does not exist: give the path"),
        (no_lock, r"does not exist: run '.* in .*shop and commit it"),
        (other_python, "asks for Python <3.5, the layer would be built with 3"),
        (odd_python, r"project\.requires-python is 'new', it must be a version specifier"),
        (password, r"https://\*\*\*\*@host carries a user name or password"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_cleared(
    tools: FakeTools, project: Path, tool: str, spoil: Callable[[Path], None], said: str
) -> None:
    """What an earlier build left is still there, and no tool was started."""
    layout = LayerPathLayout(project)
    layout.mkdirs()
    (layout.dir_python / "old.py").touch()
    spoil(project)
    with pytest.raises(ProjectError, match=said):
        builder(tool, project).run()
    assert (layout.dir_python / "old.py").exists()
    assert tools.calls == []


@pytest.mark.parametrize("tool", ALL)
def test_a_missing_tool_or_interpreter_is_said_first(
    project: Path, tool: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By name, with what to do."""
    with pytest.raises(ToolError, match=r"cannot be started: No such file"):
        builder(tool, project, python=tmp_path / "python3.9").run()
    real = sys.executable
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=f"^{tool} was not found .*: install it with 'pip install {tool}'$"):
        builder(tool, project, python=real).run()
    assert not LayerPathLayout(project).dir_build_lambda_layer.exists()


def test_a_stale_uv_lock_is_refused(tools: FakeTools, project: Path) -> None:
    """Left to itself uv would install from it without a word."""
    project.write_text(project.read_text() + 'dependencies = ["cart"]\n')
    with pytest.raises(ArtifactError, match=r"uv\.lock is stale: .*cart"):
        builder("uv", project).run()
    assert tools.calls == []


# --- programs and options of the released packages -----------------------------------------------------------


@pytest.mark.parametrize("tool", ALL)
def test_the_program_can_be_given(
    tools: FakeTools, project: Path, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its path, also a relative one though the tool runs elsewhere, or by its bare name."""
    other = tmp_path / "other"
    other.mkdir()
    (tools.folder / tool).rename(other / tool)
    tools.will_install([in_venv(project) / "cart.py"])
    monkeypatch.chdir(tmp_path)
    builder(tool, project, **{f"path_bin_{tool}": Path("other") / tool}).run()
    (other / tool).rename(tools.folder / tool)
    builder(tool, project, **{f"path_bin_{tool}": tool}).run()
    assert len(tools.calls) == 2


@pytest.mark.parametrize("tool", ALL)
def test_a_program_that_is_none_is_refused_first(project: Path, tool: str, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=rf"path_bin_{tool} is .*/none, which is no program") as caught:
        builder(tool, project, **{f"path_bin_{tool}": tmp_path / "none"}).run()
    assert caught.value.id == "tool-missing"
    assert not LayerPathLayout(project).dir_build_lambda_layer.exists()


def test_a_given_pip_installs_for_its_own_python(tools: FakeTools, project: Path, tmp_path: Path) -> None:
    """That of the environment it is in, unless another interpreter is named."""
    pip = tools.folder / "pip"
    (tools.folder / "python").symlink_to(sys.executable)
    builder("pip", project, path_bin_pip=pip).run()
    builder("pip", project, path_bin_pip=pip, python=sys.executable).run()
    assert [call.arguments[0] for call in tools.calls] == [
        f"--python={tools.folder / 'python'}",
        f"--python={sys.executable}",
    ]


def test_options_of_uv_sync_replace_the_default_ones(tools: FakeTools, project: Path) -> None:
    """The builder's own options stay."""
    tools.will_install([in_venv(project) / "cart.py"])
    builder("uv", project, uv_sync_options=lib.UvSyncOptions(no_default_groups=True)).run()
    assert tools.call.arguments[:4] == ["sync", "--frozen", "--no-dev", "--no-default-groups"]
    assert {*lib.STRUCTURAL_ARGS} <= {*tools.call.arguments}
    project.write_text(project.read_text() + '[project.optional-dependencies]\nweb = ["cart"]\n')
    with pytest.raises(ArtifactError, match=r"uv\.lock is stale: .*cart"):
        builder("uv", project, uv_sync_options=lib.UvSyncOptions(extras=["web"])).run()


def test_each_tool_has_a_container_builder() -> None:
    assert [CONTAINER_BUILDERS[tool].tool for tool in LayerBuildToolEnum] == list(LayerBuildToolEnum)
