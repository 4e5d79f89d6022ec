"""The wheel of a project: what its backend makes in place in a fresh clone, and nothing is left beside it."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.lock.locked import LockedDirectory
from constructs_lib.core.progress import QUIET
from constructs_lib.core.source.build_source import SourceArtifact, build_source
from constructs_lib.core.source.source_options import SourceOptions
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.build_here import BuildsHere
from constructs_lib.core.wheels.builder import WheelBuilder
from constructs_lib.core.wheels.built import EPOCH
from constructs_lib.core.wheels.contents import wheel_entries
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.builders.uv import must, uv
from tests.support.files.backends import (
    BACKENDS,
    DYNAMIC,
    HATCH,
    PACKAGE,
    git,
    hatchling,
    system,
    write_repository,
)
from tests.support.files.sources import write_files
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def store(tmp_path: Path) -> WheelStore:
    """A store of its own: nothing is kept from another test."""
    return WheelStore(tmp_path / "store")


def members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {
            name.removeprefix("./"): archive.read(name)
            for name in archive.namelist()
            if not name.endswith("/") and not name.endswith(".dist-info/RECORD")
        }


def in_place(project: Path, out: Path) -> dict[str, bytes]:
    """The members of the wheel that `uv build` makes."""
    must(
        uv(
            "build",
            "--wheel",
            "--quiet",
            f"--out-dir={out}",
            str(project),
            cwd=project,
            env={"SOURCE_DATE_EPOCH": EPOCH},
        )
    )
    [wheel] = out.glob("*.whl")
    return {"": wheel.name.encode(), **members(wheel)}


def built(project: Path, store: WheelStore) -> dict[str, bytes]:
    wheel = BuildsHere(store, QUIET, Access()).directory(project)
    return {"": wheel.filename.encode(), **members(store.path(wheel.sha256))}


def package(project: Path) -> Path:
    """The folder of a module that the wheel holds."""
    places = (project / name for name in ("src/pkg", "pkg", "../components/acme/mail"))
    return next((place for place in places if place.is_dir()), project)


def change(project: Path) -> None:
    """Work that is not committed: a new module, a changed and a deleted one, a changed folder beside the project."""
    folder = package(project)
    files = {"new.py": "n = 1\n", "new.txt": "n", "__init__.py": '"""Changed."""\n__version__ = "1.0"\n'}
    write_files(folder, files)
    (folder / "removed.py").unlink()
    write_files(project.parent / "shared", {"extra.py": "e = 2\n"})


def leave_behind(project: Path) -> None:
    """What git ignores: secrets, and files of earlier builds, by which deleted modules come back."""
    if (
        package(project) != project
    ):  # hatchling takes no file that git ignores, other than beside `packages = ["."]`
        write_files(package(project), {"local_secrets.py": "canary", ".env.local": "canary"})
    write_files(project.parent / "shared", {"local_secrets.py": "canary", ".env.local": "canary"})
    write_files(
        project,
        {"build/lib/pkg/removed.py": "canary", "pkg.egg-info/SOURCES.txt": "src/pkg/local_secrets.py"},
    )


@pytest.mark.parametrize("name", BACKENDS)
def test_the_wheel_is_that_of_a_fresh_clone(name: str, store: WheelStore, tmp_path: Path) -> None:
    """Committed, then with changes and with what git ignores: name, version, members, bytes; nothing is left behind."""
    root = tmp_path / "repository"
    project = write_repository(root, {**BACKENDS[name]})
    write_files(package(project), {"removed.py": "r = 1\n"})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "second")
    clone = tmp_path / "clone" / "proj"
    with ThreadPoolExecutor() as pool:
        for state in ("committed", "changed"):
            if state == "changed":
                change(project)
                leave_behind(project)
            git(tmp_path, "clone", "-q", "repository", str(clone.parent))
            if state == "changed":
                change(clone)
            before = git(root, "status", "--porcelain", "--ignored")
            expected = pool.submit(in_place, clone, tmp_path / state)
            assert (state, built(project, store)) == (state, expected.result())
            assert git(root, "status", "--porcelain", "--ignored") == before
            shutil.rmtree(clone.parent)


def test_an_ignored_folder_beside_the_project_is_taken_by_its_name(store: WheelStore, tmp_path: Path) -> None:
    """A built page is named on purpose; what git ignores in a named folder is left out, with a note."""
    setting = '"../shared" = "pkg/shared"\n'
    files = dict(BACKENDS["hatchling-force-include"])
    files["pyproject.toml"] = files["pyproject.toml"].replace(
        setting, setting + '"../web/made.txt" = "pkg/page"\n'
    )
    project = write_repository(tmp_path / "repo", files)
    write_files(tmp_path / "repo", {"web/made.txt": "page", "shared/local_secrets.py": "canary"})
    wheel = built(project, store)
    [left_out] = BuildsHere(store, QUIET, Access()).directory(project).left_out
    assert wheel["pkg/page"] == b"page"
    assert "pkg/shared/extra.py" in wheel
    assert "pkg/shared/local_secrets.py" not in wheel
    assert left_out.text.startswith("proj: left out are ../shared/local_secrets.py: git ignores them")


LEGACY_POETRY = '[tool.poetry]\nname = "My.Service"\nversion = "0.3.0"\ndescription = ""\nauthors = []\n'
POETRY_BACKEND = system('["poetry-core"]', "poetry.core.masonry.api")
# Of projects in the wild that were refused, or built wrongly: what their sources must become.
SHAPES: dict[str, tuple[dict[str, str], str, set[str]]] = {
    # Functions of a solution: the project's own folder is the package, its members begin with `./`.
    "the folder itself is the package": (
        {
            "pyproject.toml": hatchling('[tool.hatch.build.targets.wheel]\npackages = ["."]\n').replace(
                '"pkg"', '"chat"'
            ),
            **dict.fromkeys(("handler.py", "flows/__init__.py", "utils/helper.py"), "x = 1\n"),
        },
        "chat-1.0-py3-none-any.whl",
        {"handler.py", "flows/__init__.py", "utils/helper.py", "pyproject.toml"},
    ),
    # A scheduler: Poetry before `[project]`, in a folder of another name.
    "legacy Poetry": (
        {
            "pyproject.toml": POETRY_BACKEND + LEGACY_POETRY + 'packages = [{ include = "app" }]\n',
            "app/__init__.py": "",
            "app/main.py": "x = 1\n",
        },
        "my_service-0.3.0-py3-none-any.whl",
        {"app/__init__.py", "app/main.py"},
    ),
    # A library with optional dependencies, its package beside tests that stay out.
    "legacy Poetry with extras": (
        {
            "pyproject.toml": POETRY_BACKEND
            + LEGACY_POETRY
            + 'packages = [{ include = "tools" }]\ninclude = [{ path = "NOTICE", format = ["sdist", "wheel"] }]\n'
            + '[tool.poetry.dependencies]\npython = ">=3.10"\nidna = { version = "*", optional = true }\n'
            + '[tool.poetry.extras]\nall = ["idna"]\n',
            "NOTICE": "n\n",
            "tools/__init__.py": "",
            "tools/py.typed": "",
            "tests/test_a.py": "",
        },
        "my_service-0.3.0-py3-none-any.whl",
        {"NOTICE", "tools/__init__.py", "tools/py.typed"},
    ),
    # An SDK: the root of a workspace, whose version comes from git.
    "workspace with versions of git": (
        {
            "pyproject.toml": hatchling(
                HATCH + '[tool.hatch.version]\nsource = "uv-dynamic-versioning"\n'
                '[tool.uv-dynamic-versioning]\nvcs = "git"\nstyle = "pep440"\nbump = true\n'
                '[tool.uv.workspace]\nmembers = ["examples/*"]\n[tool.uv.sources]\npkg = { workspace = true }\n',
                "uv-dynamic-versioning",
                version=DYNAMIC,
            ),
            "examples/tool/pyproject.toml": hatchling("").replace('"pkg"', '"tool"'),
            "examples/tool/tool/__init__.py": "",
            **PACKAGE,
        },
        "pkg-1.2.3-py3-none-any.whl",
        {"pkg/__init__.py", "pkg/mod.py", "pkg/data.txt"},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_real_projects(name: str, store: WheelStore, tmp_path: Path) -> None:
    """As the source of a function and as a path dependency: the wheel's own name, version and members."""
    files, filename, expected = SHAPES[name]
    project = write_repository(tmp_path / "repo", files)
    source = build_source(project, tmp_path / "source.zip", store=store)
    assert source.version == filename.split("-")[1]
    assert modules(source) == expected
    distribution = filename.split("-")[0].replace("_", "-")
    wheel = WheelBuilder.of(WheelSource(Target("3.13"), store)).build(LockedDirectory(distribution, project))
    assert {entry.name for entry in wheel_entries(wheel) if ".dist-info/" not in entry.name} == expected


@pytest.mark.parametrize("place", ["../shared/src", "../../components"])
def test_a_workspace_that_needs_a_plugin_of_poetry_gives_the_reason(
    place: str, store: WheelStore, tmp_path: Path
) -> None:
    """Poetry's backend alone cannot build it, in place neither: the line names the folder that it does not take."""
    packages = f'packages = [{{ include = "acme", from = "{place}" }}]\n'
    files = {"pyproject.toml": POETRY_BACKEND + LEGACY_POETRY + packages, f"{place}/acme/__init__.py": ""}
    project = write_repository(tmp_path / "repo" / "projects", files)
    with pytest.raises(
        ToolError, match=rf"^{project} cannot be built: ValueError: .*{tmp_path}.* is not in the subpath of"
    ):
        built(project, store)


def modules(built: SourceArtifact) -> set[str]:
    return {name for name in unpacked(built.archive.path) if ".dist-info/" not in name}


def test_patterns_and_secrets_hold_where_git_gives_the_version(tmp_path: Path) -> None:
    """Excluded files and a secret that was committed by mistake, by a backend that writes into the tree."""
    files = {**BACKENDS["hatch-vcs"], "src/pkg/test_mod.py": "t = 1\n", "src/pkg/.env": "TOKEN=canary\n"}
    project = write_repository(tmp_path / "repo", files)
    built = build_source(project, tmp_path / "a.zip", SourceOptions(exclude=["test_*.py"]))
    assert built.version == "1.2.3"
    assert modules(built) == {"pkg/__init__.py", "pkg/_version.py", "pkg/data.txt", "pkg/mod.py"}
    git(project, "tag", "-d", "v1.2.3")
    git(project, "tag", "v2.0")
    assert build_source(project, tmp_path / "b.zip").version == "2.0"


def test_the_name_is_the_wheels_and_its_members_lose_their_dot(tmp_path: Path) -> None:
    """Neither `[project]` nor the folder has the name that setup.cfg gives."""
    legacy = write_repository(tmp_path / "legacy", BACKENDS["setup-cfg"])
    assert build_source(legacy, tmp_path / "a.zip").version == "1.0"
    dotted = write_repository(tmp_path / "dotted", BACKENDS["hatchling-dot"])
    assert "main.py" in modules(build_source(dotted, tmp_path / "b.zip"))


def test_a_project_without_a_backend_obeys_gitignore(tmp_path: Path) -> None:
    """Unless `include` names such a file: a built page, for instance."""
    toml = '[project]\nname = "app"\nversion = "1.0"\n'
    files = {"pyproject.toml": toml, "main.py": "", "local_secrets.py": "canary", ".env.local": "canary"}
    project = write_repository(tmp_path / "repo", files)
    names = {"main.py", "pyproject.toml"}
    assert modules(build_source(project, tmp_path / "a.zip")) == names
    named = SourceOptions(include=["pyproject.toml", "main.py", "local_secrets.py", ".env.local"])
    assert modules(build_source(project, tmp_path / "b.zip", named)) == {*names, "local_secrets.py"}


def test_a_path_dependency_is_built_as_the_project_is(tmp_path: Path, store: WheelStore) -> None:
    """A layer holds neither its ignored files nor its secrets."""
    library = write_repository(tmp_path / "repo", BACKENDS["uv_build"])
    write_files(library, {"src/pkg/local_secrets.py": "canary", "src/pkg/.npmrc": "canary"})
    wheel = WheelBuilder.of(WheelSource(Target("3.13"), store)).build(LockedDirectory("pkg", library))
    names = {entry.name for entry in wheel_entries(wheel) if ".dist-info/" not in entry.name}
    assert names == {"pkg/__init__.py", "pkg/data.txt", "pkg/mod.py"}


def test_patterns_that_leave_no_module_are_refused(tmp_path: Path) -> None:
    """The metadata alone is nothing to deploy."""
    project = write_repository(tmp_path / "repo", BACKENDS["uv_build"])
    with pytest.raises(ProjectError, match=r"has no file to deploy: include=\['\*\.js'\]"):
        build_source(project, tmp_path / "a.zip", SourceOptions(include=["*.js"]))
