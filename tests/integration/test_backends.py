"""The wheel of a project: what its backend makes in place in a fresh clone, and nothing is left beside it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.index.auth import Access
from constructs_lib.core.progress import QUIET
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.build_here import BuildsHere
from constructs_lib.core.wheels.built import EPOCH
from tests.support.builders.uv import must, uv
from tests.support.files.backends import BACKENDS, git, write_repository
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

TABLE = (
    *("hatchling-hook", "hatchling-dot", "hatch-vcs", "setuptools-package-dir", "setuptools-scm"),
    *("poetry-dynamic-versioning", "pdm-scm", "flit", "uv_build"),
)
"""One of each kind of BACKENDS: two real builds of each take two seconds, so the others are for tries by hand."""


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
    return next(path for path in (project / "src/pkg", project / "pkg", project) if path.is_dir())


@pytest.mark.parametrize("name", TABLE)
def test_the_wheel_is_that_of_a_fresh_clone(name: str, store: WheelStore, tmp_path: Path) -> None:
    """With a change that is not committed; without what earlier builds and people left where git ignores it."""
    root = tmp_path / "repository"
    project = write_repository(root, BACKENDS[name])
    git(tmp_path, "clone", "-q", "repository", "clone")
    change = {"new.py": "n = 1\n", "__init__.py": '"""Changed."""\n__version__ = "1.0"\n'}
    write_files(package(project), change)
    write_files(package(tmp_path / "clone" / "proj"), change)
    if name != "hatchling-dot":
        write_files(package(project), {"local_secrets.py": "canary", ".env.local": "canary"})
    write_files(
        project, {"build/lib/pkg/removed.py": "", "pkg.egg-info/SOURCES.txt": "src/pkg/local_secrets.py"}
    )
    before = git(root, "status", "--porcelain", "--ignored")
    assert built(project, store) == in_place(tmp_path / "clone" / "proj", tmp_path / "out")
    assert git(root, "status", "--porcelain", "--ignored") == before
