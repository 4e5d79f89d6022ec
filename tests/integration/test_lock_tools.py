"""One project locked by each of the four tools, with the real tools and the real index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.lock.locked import LockedFile, LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.system import process
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.integration

PYPROJECT = """\
[project]
name = "four"
version = "1"
requires-python = ">=3.10,<3.15"
dependencies = ["requests==2.34.2", "pydantic-core==2.50.4"]

[project.optional-dependencies]
fast = ["orjson==3.13.0"]

[dependency-groups]
web = ["markupsafe==3.0.4"]

[tool.uv]
package = false

[tool.poetry]
package-mode = false
"""


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [process.find_tool(command[0]), *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Yield the same project four times, each with the lock file of one tool only."""
    root = tmp_path_factory.mktemp("four")
    folders = {name: root / name for name in ("uv", "poetry", "pip", "pylock")}
    for folder in folders.values():
        folder.mkdir()
        (folder / "pyproject.toml").write_text(PYPROJECT)
    uv = folders["uv"]
    run(uv, "uv", "lock", "--quiet", "--no-python-downloads", f"--python={sys.executable}")
    export = ("uv", "export", "--frozen", "--quiet", "--no-emit-project", "--no-default-groups")
    run(uv, *export, "--format=requirements-txt", f"--output-file={folders['pip'] / 'requirements.txt'}")
    run(uv, *export, "--format=pylock.toml", f"--output-file={folders['pylock'] / 'pylock.toml'}")
    poetry_lock(folders["poetry"], uv / "uv.lock")
    return folders


def poetry_lock(folder: Path, uv_lock: Path) -> None:
    """Lock with Poetry against the index that uv used: Poetry's own default needs an API that not all have."""
    packages = read_uv_lock(uv_lock).packages
    index = next(package.source.location for package in packages if package.source.kind == "registry")
    source = (
        f'\n[[tool.poetry.source]]\nname = "simple"\nurl = "{index.rstrip("/")}/"\npriority = "primary"\n'
    )
    with (folder / "pyproject.toml").open("a") as manifest:
        manifest.write(source)
    run(folder, "poetry", "lock", "--no-interaction")


@pytest.mark.parametrize("target", [Target("3.12"), Target("3.13", "arm64")], ids=str)
def test_four_manifests_give_one_layer(four: Mapping[str, Path], target: Target, tmp_path: Path) -> None:
    """Whichever tool locked it, the zip and its fingerprint are the same, and only the manifest's name differs."""
    built = {name: build_layer(folder, tmp_path / f"{name}.zip", target) for name, folder in four.items()}
    assert len({each.archive.sha256 for each in built.values()}) == 1
    assert len({each.fingerprint for each in built.values()}) == 1
    assert {each.manifest.name for each in built.values()} == {
        "uv.lock",
        "poetry.lock",
        "requirements.txt",
        "pylock.toml",
    }
    assert all(each.warnings == () for each in built.values())


@pytest.mark.parametrize("name", ["uv", "poetry"])
def test_extras_and_groups_are_left_out_until_asked_for(four: Mapping[str, Path], name: str) -> None:
    """The main dependencies alone by default; an extra, a group, or a group alone when named."""

    def chosen(options: LockOptions) -> set[str]:
        return {each.name for each in resolve(Project.at(four[name]), Target("3.12"), options).locked}

    main = chosen(LockOptions())
    assert {"requests", "pydantic-core"} <= main
    assert not main & {"orjson", "markupsafe"}
    assert chosen(LockOptions(extras=("fast",))) == main | {"orjson"}
    assert chosen(LockOptions(groups=("web",))) == main | {"markupsafe"}
    assert chosen(LockOptions(only_groups=("web",))) == {"markupsafe"}


@pytest.mark.parametrize("name", ["uv", "poetry"])
def test_an_unknown_group_is_one_line(four: Mapping[str, Path], name: str) -> None:
    """The tool's own words, or ours."""
    with pytest.raises((ToolError, ProjectError), match="nowhere") as caught:
        resolve(Project.at(four[name]), Target("3.12"), LockOptions(groups=("nowhere",)))
    assert "\n" not in str(caught.value)


def test_a_stale_poetry_lock_is_refused(four: Mapping[str, Path], tmp_path: Path) -> None:
    """Poetry notices; the lock file is not touched."""
    folder = tmp_path / "stale"
    shutil.copytree(four["poetry"], folder)
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("requests==2.34.2", "requests>=2"))
    before = (folder / "poetry.lock").read_bytes()
    with pytest.raises(ProjectError, match="Run 'poetry lock'") as caught:
        resolve(Project.at(folder), Target("3.12"))
    assert "\n" not in str(caught.value)
    assert (folder / "poetry.lock").read_bytes() == before


def test_requirements_without_hashes_bring_their_dependencies(
    four: Mapping[str, Path], tmp_path: Path
) -> None:
    """As with pip, what a line needs is installed; the warning names what the file leaves open."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "requirements.txt").write_text("requests==2.34.2\n")
    resolution = resolve(Project.at(tmp_path), Target("3.12"))
    assert {"certifi", "charset-normalizer", "idna", "requests", "urllib3"} == {
        each.name for each in resolution.locked
    }
    [warning] = resolution.warnings
    assert "does not pin certifi, charset-normalizer, idna, urllib3:" in warning


def test_wrong_hashes_are_refused(four: Mapping[str, Path], tmp_path: Path) -> None:
    """The index's file must be one of those that the requirements allow."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "requirements.txt").write_text(f"idna==3.20 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(
        ProjectError, match=r"requirements\.txt:1: the index has idna-3\.20-py3-none-any\.whl"
    ):
        resolve(Project.at(tmp_path), Target("3.12"))


def test_workspace_members_become_wheels(tmp_path: Path) -> None:
    """A member's layer holds the other member as files, nothing editable; its edit is a change of the layer."""
    member(
        tmp_path,
        "app",
        'dependencies = ["lib", "idna==3.20"]\n\n[tool.uv.sources]\nlib = { workspace = true }\n',
    )
    member(tmp_path, "lib", "dependencies = []\n")
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    run(tmp_path, "uv", "lock", "--quiet", "--no-python-downloads", f"--python={sys.executable}")
    first = build_layer(tmp_path / "packages" / "app", tmp_path / "first.zip", Target("3.12"))
    assert first.distributions == ("idna==3.20", "lib==1.0")
    assert first.manifest.path == tmp_path / "uv.lock"
    with zipfile.ZipFile(first.archive.path) as layer:
        names = layer.namelist()
    assert "python/lib/__init__.py" in names
    assert not [name for name in names if name.endswith(".pth") or "editable" in name or "direct_url" in name]
    (tmp_path / "packages" / "lib" / "src" / "lib" / "__init__.py").write_text("VALUE = 2\n")
    second = build_layer(tmp_path / "packages" / "app", tmp_path / "second.zip", Target("3.12"))
    assert second.archive.sha256 != first.archive.sha256
    assert second.fingerprint != first.fingerprint


def member(root: Path, name: str, more: str) -> None:
    source = root / "packages" / name / "src" / name
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("VALUE = 1\n")
    build = '[build-system]\nrequires = ["uv_build>=0.9"]\nbuild-backend = "uv_build"\n\n'
    project = f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.10"\n{more}'
    (root / "packages" / name / "pyproject.toml").write_text(build + project)


def test_a_stale_workspace_is_noticed_where_it_matters(tmp_path: Path) -> None:
    """A member that the entry needs must fit the lock; one that it does not need may be out of date."""
    member(tmp_path, "app", 'dependencies = ["lib"]\n\n[tool.uv.sources]\nlib = { workspace = true }\n')
    member(tmp_path, "lib", "dependencies = []\n")
    member(tmp_path, "other", "dependencies = []\n")
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    run(tmp_path, "uv", "lock", "--quiet", "--no-python-downloads", "--offline", f"--python={sys.executable}")
    for name, stale in (("other", False), ("lib", True)):
        manifest = tmp_path / "packages" / name / "pyproject.toml"
        manifest.write_text(manifest.read_text().replace("dependencies = []", 'dependencies = ["idna"]'))
        if not stale:
            assert [
                each.name
                for each in resolve(Project.at(tmp_path / "packages" / "app"), Target("3.12")).locked
            ] == ["lib"]
            continue
        with pytest.raises(ProjectError, match=r"uv\.lock is stale: .*lib/pyproject\.toml asks for idna"):
            resolve(Project.at(tmp_path / "packages" / "app"), Target("3.12"))


def test_poetry_path_dependencies_become_wheels(four: Mapping[str, Path], tmp_path: Path) -> None:
    """A path dependency of Poetry, `develop = true` or not, is built as a wheel like uv's."""
    member(tmp_path, "lib", "dependencies = []\n")
    app = tmp_path / "app"
    app.mkdir()
    (app / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["lib"]\n\n'
        "[tool.poetry]\npackage-mode = false\n\n[tool.poetry.dependencies]\n"
        'lib = { path = "../packages/lib", develop = true }\n'
    )
    poetry_lock(app, four["uv"] / "uv.lock")
    layer = build_layer(app, tmp_path / "layer.zip", Target("3.12"))
    assert layer.distributions == ("lib==1.0",)
    assert layer.manifest.name == "poetry.lock"


def test_files_keep_the_names_of_the_index(four: Mapping[str, Path]) -> None:
    """Every selected file is a wheel with address and sha256, whichever tool named it."""
    for folder in four.values():
        for each in resolve(Project.at(folder), Target("3.12")).locked:
            assert isinstance(each, LockedFile)
            assert each.is_wheel
            assert str(each.location).startswith(("https://", "http://"))
            assert len(each.sha256) == 64


def test_an_environment_for_daily_work_does_not_matter(
    four: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that people export for uv do not change what a layer holds."""
    before = resolve(Project.at(four["uv"]), Target("3.12")).locked
    for name in ("UV_LOCKED", "UV_FROZEN", "UV_PREVIEW"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("VIRTUAL_ENV", os.devnull)
    assert resolve(Project.at(four["uv"]), Target("3.12")).locked == before


def test_a_project_of_poetrys_own_table(four: Mapping[str, Path], tmp_path: Path) -> None:
    """S4: a project without `[project]`, in Poetry's older form, gives a layer and a source zip."""
    package = tmp_path / "old" / "old_style"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (tmp_path / "old" / "pyproject.toml").write_text(
        '[tool.poetry]\nname = "old-style"\nversion = "2.0"\ndescription = ""\nauthors = []\n\n'
        '[tool.poetry.dependencies]\npython = ">=3.10,<3.15"\nidna = "3.20"\n\n'
        '[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n'
    )
    poetry_lock(tmp_path / "old", four["uv"] / "uv.lock")
    assert build_layer(tmp_path / "old", tmp_path / "layer.zip", Target("3.12")).distributions == (
        "idna==3.20",
    )
    source = build_source(tmp_path / "old", tmp_path / "source.zip")
    assert source.version == "2.0"


def test_a_lock_of_nothing_is_no_layer(tmp_path: Path) -> None:
    """S4, S21: a table that uv does not read leaves the lock empty, and an empty layer is an error that says so."""
    (tmp_path / "pyproject.toml").write_text('[tool.poetry]\nname = "x"\nversion = "1"\n')
    run(tmp_path, "uv", "lock", "--quiet", "--offline", "--no-python-downloads", f"--python={sys.executable}")
    with pytest.raises(ProjectError, match=r"uv\.lock locks no package for this target"):
        build_layer(tmp_path, tmp_path / "layer.zip", Target("3.12"))
