"""Where things lie in a project's folder."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.path_layout import LayerPathLayout, SourcePathLayout
from constructs_lib.core.errors import ProjectError, StoreError


class Terminal(io.StringIO):
    """A person who types an answer."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def layout(tmp_path: Path) -> LayerPathLayout:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyproject.toml").write_text("[project]\n")
    return LayerPathLayout(tmp_path / "shop" / "pyproject.toml")


def test_the_folders_and_files_of_a_build(layout: LayerPathLayout) -> None:
    """All below `build/lambda`, and what has to outlive a build outside of the folder that is cleared."""
    root = layout.dir_project_root
    assert {
        "build/lambda/layer": layout.dir_build_lambda_layer,
        "build/lambda/layer/layer.zip": layout.path_build_lambda_layer_zip,
        "build/lambda/layer/repo": layout.dir_repo,
        "build/lambda/layer/artifacts": layout.dir_artifacts,
        "build/lambda/layer/artifacts/python": layout.dir_python,
        "build/lambda/build_lambda_layer_in_container.py": layout.path_build_lambda_layer_in_container_script_in_local,
        "build/lambda/private-repository-credentials.json": layout.path_private_repository_credentials_in_local,
    } == {
        path.relative_to(root).as_posix(): path
        for path in (
            layout.dir_build_lambda_layer,
            layout.path_build_lambda_layer_zip,
            layout.dir_repo,
            layout.dir_artifacts,
            layout.dir_python,
            layout.path_build_lambda_layer_in_container_script_in_local,
            layout.path_private_repository_credentials_in_local,
        )
    }


def test_relative_paths_work(layout: LayerPathLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the working directory is later."""
    monkeypatch.chdir(layout.dir_project_root)
    relative = LayerPathLayout(Path("pyproject.toml"))
    monkeypatch.chdir("/")
    assert relative == layout
    assert (
        SourcePathLayout(layout.dir_project_root / "x" / "..").path_source_zip.parent
        == layout.dir_project_root
    )
    assert SourcePathLayout(layout.dir_project_root).dir_build == layout.dir_project_root / "build"


def test_paths_in_the_container(layout: LayerPathLayout, tmp_path: Path) -> None:
    """The project is at /var/task, also through a link to it; what lies outside is not there."""
    seen = "/var/task/build/lambda"
    assert layout.path_build_lambda_layer_in_container_script_in_container == (
        f"{seen}/build_lambda_layer_in_container.py"
    )
    assert (
        layout.path_private_repository_credentials_in_container
        == f"{seen}/private-repository-credentials.json"
    )
    assert layout.get_path_in_container(layout.dir_project_root) == "/var/task"
    (tmp_path / "link").symlink_to(layout.dir_project_root)
    assert layout.get_path_in_container(tmp_path / "link" / "a.py") == "/var/task/a.py"
    for outside in (tmp_path, tmp_path / "shop" / ".." / "x", tmp_path / "shopping"):
        with pytest.raises(ValueError, match=r"is outside .*, which is all that the container sees"):
            layout.get_path_in_container(outside)


def test_manifests(layout: LayerPathLayout) -> None:
    """By the enum or its value; another tool is a ValueError that names those there are."""
    names = [layout.get_path_manifest(tool).name for tool in LayerBuildToolEnum]
    assert names == ["requirements.txt", "poetry.lock", "uv.lock"]
    assert layout.get_path_manifest("uv") == layout.dir_project_root / "uv.lock"
    with pytest.raises(ValueError, match="build tool 'conda' is unknown: choose one of pip, poetry, uv"):
        layout.get_path_manifest("conda")


def test_site_packages_is_found_whatever_the_python(layout: LayerPathLayout) -> None:
    """Before there is one, the error says what to do."""
    with pytest.raises(FileNotFoundError, match="not found: build the layer first"):
        _ = layout.dir_build_lambda_layer_repo_venv_site_packages
    folder = layout.dir_repo / ".venv" / "lib" / "python3.13" / "site-packages"
    folder.mkdir(parents=True)
    assert layout.dir_build_lambda_layer_repo_venv_site_packages == folder


def test_clean_removes_the_layer_and_nothing_else(layout: LayerPathLayout) -> None:
    """Off a terminal nobody is asked; what is not there need not be removed."""
    layout.clean()
    layout.mkdirs()
    beside = layout.path_build_lambda_layer_in_container_script_in_local
    beside.write_text("x")
    (layout.dir_python / "old.py").write_text("x")
    layout.clean()
    assert not layout.dir_build_lambda_layer.exists()
    assert beside.exists()


@pytest.mark.parametrize(("answer", "kept"), [("y", False), ("yes", False), ("", True), ("n", True)])
def test_on_a_terminal_a_person_decides(
    layout: LayerPathLayout, monkeypatch: pytest.MonkeyPatch, answer: str, kept: bool
) -> None:
    """Unless the caller says not to ask."""
    layout.mkdirs()
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    if kept:
        with pytest.raises(ProjectError, match="was kept as you asked, so nothing was built"):
            layout.clean()
    else:
        layout.clean()
    assert layout.dir_build_lambda_layer.exists() == kept
    layout.clean(skip_prompt=True)
    assert not layout.dir_build_lambda_layer.exists()


@pytest.mark.parametrize("part", ["build", "build/lambda", "build/lambda/layer"])
def test_clean_follows_no_link(layout: LayerPathLayout, tmp_path: Path, part: str) -> None:
    """A link in the place of the folder, or above it, is left for a person to look at."""
    precious = tmp_path / "precious"
    for folder in (precious, precious / "layer", precious / "lambda" / "layer"):
        folder.mkdir(parents=True, exist_ok=True)
    link = layout.dir_project_root / part
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(precious)
    with pytest.raises(StoreError, match=r"is not a plain folder of the project but leads to .*precious"):
        layout.clean(skip_prompt=True)
    assert (precious / "lambda" / "layer").is_dir()


def test_copies_say_what_they_do(layout: LayerPathLayout) -> None:
    """Each file lands beside the copied pyproject.toml; the container's script outside of the cleared folder."""
    said: list[str] = []
    root = layout.dir_project_root
    for name in ("poetry.lock", "uv.lock", "script.py"):
        (root / name).write_text(name)
    layout.copy_pyproject_toml(said.append)
    layout.copy_poetry_lock(said.append)
    layout.copy_uv_lock(said.append)
    layout.copy_build_script(root / "script.py", said.append)
    assert sorted(path.name for path in layout.dir_repo.iterdir()) == [
        "poetry.lock",
        "pyproject.toml",
        "uv.lock",
    ]
    assert layout.path_build_lambda_layer_in_container_script_in_local.read_text() == "script.py"
    assert said[1] == f"Copy {root / 'poetry.lock'} to {layout.dir_repo / 'poetry.lock'}"
    assert len(said) == 4


def test_names_of_the_project_and_its_copy(layout: LayerPathLayout) -> None:
    """As the released packages have them."""
    root, repo = layout.dir_project_root, layout.dir_repo
    assert layout.dir_build_lambda == root / "build" / "lambda"
    assert (layout.path_requirements_txt, layout.path_poetry_lock, layout.path_uv_lock) == (
        root / "requirements.txt",
        root / "poetry.lock",
        root / "uv.lock",
    )
    assert (layout.path_tmp_pyproject_toml, layout.path_tmp_poetry_lock, layout.path_tmp_uv_lock) == (
        repo / "pyproject.toml",
        repo / "poetry.lock",
        repo / "uv.lock",
    )
    assert layout.path_venv_bin_python == layout.dir_venv / "bin" / "python" == root / ".venv/bin/python"


@pytest.mark.parametrize(
    "line", ["version = 3.13.1", "version_info = 3.13.1", "version_info = 3.13.1.final.0"]
)
def test_the_environments_python_is_read_not_run(layout: LayerPathLayout, line: str) -> None:
    """As venv, uv and virtualenv write it; without it the error names the file."""
    with pytest.raises(ProjectError, match=r"pyvenv.cfg does not exist: make the virtual environment first"):
        _ = layout.venv_python_version
    layout.dir_venv.mkdir()
    config = layout.dir_venv / "pyvenv.cfg"
    config.write_text("home = /usr/bin\n")
    with pytest.raises(ProjectError, match=r"pyvenv.cfg names no Python version"):
        _ = layout.venv_python_version
    config.write_text(f"home = /usr/bin\n{line}\n")
    assert layout.venv_python_version == (3, 13, 1)
