"""One project by every route: the wheel that its backend makes in place in a fresh clone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import (
    build_layer,
    build_layer_artifacts_using_pip_in_local,
    build_layer_artifacts_using_uv_in_local,
    build_source_dir_using_pip,
    build_source_dir_using_uv,
)
from constructs_lib.core.errors import ToolError
from constructs_lib.core.lock.locked import LockedDirectory
from constructs_lib.core.progress import QUIET
from constructs_lib.core.report.layer_report import report_layer
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.build_in_container import BuildsInContainer
from constructs_lib.core.wheels.builder import WheelBuilder
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.contents import wheel_entries
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.builders.uv import must, uv
from tests.support.files.backends import BACKENDS, HATCH, git, hatchling, write_repository
from tests.support.files.sources import write_files, write_src_project
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from constructs_lib.core.wheels.wheel import Wheel

pytestmark = pytest.mark.integration

PROJECTS: Mapping[str, dict[str, str]] = {
    # A version and a version file from git, and code of a folder beside the project.
    "hatchling": {
        **BACKENDS["hatch-vcs"],
        "pyproject.toml": BACKENDS["hatch-vcs"]["pyproject.toml"]
        + '[tool.hatch.build.targets.wheel.force-include]\n"../shared" = "pkg/shared"\n',
    },
    "setuptools": {
        **BACKENDS["setuptools-scm"],
        "pyproject.toml": BACKENDS["setuptools-scm"]["pyproject.toml"]
        + '[tool.setuptools]\npackages = ["pkg", "pkg.sub"]\n'
        '[tool.setuptools.package-dir]\npkg = "src/pkg"\n"pkg.sub" = "../shared"\n',
    },
    "poetry": BACKENDS["poetry-dynamic-versioning"],
}
"""Two builds of each take seconds: `test_backends.py` has the other backends."""


def code(files: Mapping[str, bytes | bytearray]) -> dict[str, bytes]:
    """Return the files less what installers write; the metadata has the version."""
    return {
        name: bytes(content)
        for name, content in files.items()
        if ".dist-info/" not in name or name.endswith("/METADATA")
    }


def of_wheel(wheel: Wheel) -> dict[str, bytes]:
    return code({entry.name: entry.content() for entry in wheel_entries(wheel)})


def of_zip(path: Path) -> dict[str, bytes]:
    return code({name: content for name, (content, _) in unpacked(path).items()})


def of_folder(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file() and path.name != ".lock"]
    return code({path.relative_to(root).as_posix(): path.read_bytes() for path in paths})


def distribution(project: Path) -> str:
    return "my-service" if "my-service" in (project / "pyproject.toml").read_text() else "pkg"


def in_place(project: Path, out: Path) -> dict[str, bytes]:
    must(uv("build", "--wheel", "--quiet", f"--out-dir={out}", str(project), cwd=project))
    [wheel] = out.glob("*.whl")
    return of_zip(wheel)


def by_layer(project: Path, folder: Path) -> dict[str, bytes]:
    builder = WheelBuilder.of(WheelSource(Target("3.13"), WheelStore(folder / "store")))
    return of_wheel(builder.build(LockedDirectory(distribution(project), project)))


def by_source(project: Path, folder: Path) -> dict[str, bytes]:
    source = build_source(project, folder / "source.zip", store=WheelStore(folder / "store"))
    return of_zip(source.archive.path)


def by_tree_with_uv(project: Path, folder: Path) -> dict[str, bytes]:
    build_source_dir_using_uv(
        None, project / "pyproject.toml", folder / "tree", skip_prompt=True, verbose=False
    )
    return of_folder(folder / "tree")


def by_tree_with_pip(project: Path, folder: Path) -> dict[str, bytes]:
    build_source_dir_using_pip(
        None, project / "pyproject.toml", folder / "tree", skip_prompt=True, verbose=False
    )
    return of_folder(folder / "tree")


def by_container(project: Path, folder: Path) -> dict[str, bytes]:
    store = WheelStore(folder / "store")
    builds = BuildsInContainer(Container(), Target("3.11"), store, QUIET)
    name = distribution(project)
    return of_wheel(builds.directory(LockedDirectory(name, project)).open(name, store))


HERE = [by_layer, by_source, by_tree_with_uv, by_tree_with_pip]


def check(route: Callable[[Path, Path], dict[str, bytes]], name: str, tmp_path: Path) -> None:
    """Build twice, with a deletion between; compare with a fresh clone, and leave nothing in the work tree."""
    root = tmp_path / "repository"
    project = write_repository(root, PROJECTS[name])
    write_files(
        project, {"src/pkg/local_secrets.py": "canary", "src/pkg/.env.local": "canary", "src/pkg/gone.py": ""}
    )
    write_files(project, {"build/lib/pkg/removed.py": ""})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "second")
    route(project, tmp_path)
    (project / "src/pkg/gone.py").unlink()
    git(root, "commit", "-qam", "third")
    git(root, "tag", "v2.0.0")
    before = git(root, "status", "--porcelain", "--ignored")
    built = route(project, tmp_path)
    assert git(root, "status", "--porcelain", "--ignored") == before
    git(tmp_path, "clone", "-q", "repository", "clone")
    assert built == in_place(tmp_path / "clone" / "proj", tmp_path / "out")
    [metadata] = [content for name, content in built.items() if name.endswith("/METADATA")]
    assert b"\nVersion: 2.0.0\n" in metadata
    assert not any(b"canary" in content for content in built.values())


@pytest.mark.parametrize(
    ("route", "name"),
    [*((route, "hatchling") for route in HERE), (by_source, "setuptools"), (by_tree_with_pip, "setuptools")],
)
def test_every_route_builds_as_in_place(
    route: Callable[[Path, Path], dict[str, bytes]], name: str, tmp_path: Path
) -> None:
    """Without ignored secrets and deleted modules, with the version from git and the folder beside the project."""
    check(route, name, tmp_path)


def test_a_layer_has_notes_of_its_path_dependencies(tmp_path: Path) -> None:
    """Each time, also when the wheel was kept; the report has them too."""
    root = write_src_project(tmp_path / "lib", "lib")
    write_files(root, {"src/lib/.npmrc": "canary", "src/lib/local.py": "", ".gitignore": "local.py\n"})
    shop = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["lib"]\n'
    write_files(
        tmp_path / "shop", {"pyproject.toml": shop + '[tool.uv.sources]\nlib = { path = "../lib" }\n'}
    )
    must(uv("lock", "--quiet", cwd=tmp_path / "shop"))
    store = WheelStore(tmp_path / "store")
    for _ in range(2):
        layer = build_layer(tmp_path / "shop", tmp_path / "layer.zip", Target("3.13"), store=store)
        assert [note.id for note in layer.notes] == ["secret-files", "ignored-files"]
        assert report_layer(layer).findings == layer.notes
        assert not any("canary" in note.text for note in layer.notes)


def test_pip_leaves_nothing_beside_a_path_in_requirements_txt(tmp_path: Path) -> None:
    """It builds there in place, and would take deleted modules out of an earlier build's leftovers."""
    root = tmp_path / "repository"
    project = write_repository(root, BACKENDS["setuptools"])
    write_files(root, {"pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n'})
    write_files(root, {"requirements.txt": "./proj\n"})
    write_files(project, {"build/lib/pkg/removed.py": ""})
    before = git(root, "status", "--porcelain", "--ignored")
    build_layer_artifacts_using_pip_in_local(root / "pyproject.toml", skip_prompt=True)
    built = of_folder(root / "build/lambda/layer/artifacts/python")
    assert {"pkg/__init__.py", "pkg/mod.py"} == {name for name in built if name.startswith("pkg/")}
    shutil.rmtree(root / "build")
    assert git(root, "status", "--porcelain", "--ignored") == before


def test_a_tools_tree_has_the_same_wheel(tmp_path: Path) -> None:
    """The tool sees a copy of the path dependency, which has neither git nor the folder beside it."""
    root = tmp_path / "repository"
    project = write_repository(root, PROJECTS["setuptools"])
    write_files(project, {"src/pkg/local_secrets.py": "canary"})
    shop = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["pkg"]\n'
    write_files(root, {"pyproject.toml": shop + '[tool.uv.sources]\npkg = { path = "proj" }\n'})
    must(uv("lock", "--quiet", cwd=root))
    before = git(root, "status", "--porcelain", "--ignored")
    build_layer_artifacts_using_uv_in_local(root / "pyproject.toml", skip_prompt=True)
    built = of_folder(root / "build/lambda/layer/artifacts/python")
    shutil.rmtree(root / "build")
    assert git(root, "status", "--porcelain", "--ignored") == before
    git(tmp_path, "clone", "-q", "repository", "clone")
    expected = in_place(tmp_path / "clone" / "proj", tmp_path / "out")
    assert {name: built[name] for name in expected} == expected
    assert "pkg/local_secrets.py" not in built


@pytest.mark.docker
@pytest.mark.parametrize("name", PROJECTS)
def test_a_container_builds_as_in_place(sam_image: str, name: str, tmp_path: Path) -> None:
    """With the same git, though the container sees a copy."""
    check(by_container, name, tmp_path)


FAILING = {
    **BACKENDS["hatchling"],
    "pyproject.toml": hatchling(
        HATCH + '[tool.hatch.build.targets.wheel.force-include]\n"nowhere" = "pkg/x"\n'
    ),
}


@pytest.mark.parametrize("route", HERE)
def test_a_failed_build_says_why(route: Callable[[Path, Path], dict[str, bytes]], tmp_path: Path) -> None:
    """The backend's own last line, with the project's path; a tree of an earlier build stays."""
    project = write_repository(tmp_path / "repo", FAILING)
    write_files(tmp_path / "tree", {"old.py": ""})
    with pytest.raises(
        ToolError, match=rf"^{project} cannot be built: .*Forced include not found: {project}/nowhere"
    ):
        route(project, tmp_path)
    assert (tmp_path / "tree" / "old.py").exists()


@pytest.mark.docker
def test_a_failed_build_in_a_container_says_why(sam_image: str, tmp_path: Path) -> None:
    project = write_repository(tmp_path / "repo", FAILING)
    with pytest.raises(
        ToolError, match=rf"^{project} cannot be built in .*Forced include not found: {project}/nowhere"
    ):
        by_container(project, tmp_path)
