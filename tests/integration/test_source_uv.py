"""A function's own code, built by real backends."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.source.build_source import SourceArtifact, build_source
from constructs_lib.core.source.source_options import SourceOptions
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.builders.uv import must, uv
from tests.support.files.installed import installed
from tests.support.files.sources import project_toml, write_files, write_src_project
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

SETUPTOOLS = '[build-system]\nrequires = ["setuptools>=70"]\nbuild-backend = "setuptools.build_meta"\n'
HATCH_VCS = (
    '[project]\nname = "app"\ndynamic = ["version"]\n'
    '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\nbuild-backend = "hatchling.build"\n'
    '[tool.hatch.version]\nsource = "vcs"\n'
)


def tree(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Everything below a folder: content, mode and time."""
    return {
        path.relative_to(root).as_posix(): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mode,
            path.stat().st_mtime_ns,
        )
        for path in root.rglob("*")
    }


def build(root: Path, name: str = "source", **options: list[str]) -> SourceArtifact:
    """Build, and make sure that the project's folder stays as it is."""
    before = tree(root)
    built = build_source(root, root.parent / "out" / f"{name}.zip", SourceOptions(**options))  # type: ignore[arg-type]
    assert tree(root) == before
    return built


def as_installed(root: Path, target: Path) -> dict[str, tuple[bytes, bool]]:
    must(uv("pip", "install", "--quiet", "--no-deps", f"--target={target}", str(root), cwd=root.parent))
    return installed(target)


def without_record(path: Path) -> dict[str, tuple[bytes, bool]]:
    return {name: file for name, file in unpacked(path).items() if not name.endswith(".dist-info/RECORD")}


def test_a_src_layout_is_what_an_installer_writes(tmp_path: Path) -> None:
    """Packages at the root, package data and dist-info with them, the tests not."""
    root = write_src_project(tmp_path / "app", "app", dependencies=["requests"])
    write_files(root, {"tests/test_app.py": "", "README.md": "hello"})
    built = build(root)
    assert built.version == "1.0"
    found = without_record(built.archive.path)
    assert {"app/__init__.py", "app/data.txt", "app/sub/__init__.py"} <= set(found)
    assert found == as_installed(root, tmp_path / "target")


def test_a_setuptools_project_leaves_nothing_in_its_folder(tmp_path: Path) -> None:
    """No `build`, no `egg-info`; a flat layout with package data and a version that is read from the code."""
    root = write_files(
        tmp_path / "app",
        {
            "pyproject.toml": (
                f'[project]\nname = "app"\ndynamic = ["version"]\n{SETUPTOOLS}'
                '[tool.setuptools.dynamic]\nversion = { attr = "app.VERSION" }\n'
                '[tool.setuptools]\npackages = ["app"]\n[tool.setuptools.package-data]\napp = ["*.txt"]\n'
            ),
            "app/__init__.py": 'VERSION = "3.2.1"\n',
            "app/data.txt": "data\n",
        },
    )
    built = build(root)
    assert built.version == "3.2.1"
    found = without_record(built.archive.path)
    assert {"app/__init__.py", "app/data.txt"} <= set(found)
    assert found == as_installed(root, tmp_path / "target")


def git(root: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def test_a_version_from_git_follows_the_tag(tmp_path: Path) -> None:
    """A new tag on the same files is a new version, also when they were built before."""
    root = write_files(tmp_path / "app", {"pyproject.toml": HATCH_VCS, "src/app/__init__.py": "x = 1\n"})
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    git(root, "tag", "v1.0")
    assert build_source(root, tmp_path / "one.zip").version == "1.0"
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    git(root, "tag", "v2.0")
    assert build_source(root, tmp_path / "two.zip").version == "2.0"


def test_include_and_exclude_come_before_the_build(tmp_path: Path) -> None:
    """What is excluded is not there for the backend to pack; the rest is as it was."""
    root = write_src_project(tmp_path / "app", "app")
    write_files(root, {"src/app/big.bin": "x" * 1000, "src/app/sub/more.py": ""})
    everything = set(unpacked(build(root, "a").archive.path))
    less = set(unpacked(build(root, "b", exclude=["*.bin", "src/app/sub/more.py"]).archive.path))
    assert everything - less == {"app/big.bin", "app/sub/more.py"}
    only = set(unpacked(build(root, "c", include=["pyproject.toml", "src/app/*.py"]).archive.path))
    assert {name for name in only if ".dist-info" not in name} == {"app/__init__.py"}


def test_secrets_are_not_packed(tmp_path: Path) -> None:
    """Neither by a backend that packs all it sees, nor where the folder is copied."""
    root = write_src_project(tmp_path / "app", "app")
    write_files(root, {"src/app/.env": "TOKEN=canary", "src/app/.netrc": "canary", ".env": "canary"})
    plain = write_files(tmp_path / "plain", {"a.py": "", ".env": "canary", "sub/.netrc": "canary"})
    write_files(plain, {"pyproject.toml": '[project]\nname = "plain"\nversion = "1"\n'})
    for project in (root, plain):
        found = unpacked(build(project, project.name).archive.path)
        assert not [name for name, (content, _) in found.items() if b"canary" in content]


def test_folder_clock_and_umask_do_not_count(tmp_path: Path) -> None:
    """The same sources elsewhere give the same bytes, whether they were built before or not."""
    hashes = set()
    for number, mask in enumerate((0o022, 0o077)):
        before = os.umask(mask)
        try:
            root = write_src_project(tmp_path / str(number) / "app", "app")
            for path in root.rglob("*.py"):
                os.utime(path, (number * 10**9, number * 10**9))
            store = WheelStore(tmp_path / f"store{number}")
            hashes.add(build_source(root, tmp_path / "out" / "a.zip", store=store).archive.sha256)
        finally:
            os.umask(before)
    assert len(hashes) == 1


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    """As in a layer."""
    root = write_src_project(tmp_path / "app", "app")
    write_files(root, {"src/app/Sub.py": "", "src/app/sub.py": ""})
    with pytest.raises(ArtifactError, match="they differ only in case"):
        build(root)


def test_a_compiled_project_is_refused(tmp_path: Path) -> None:
    """Its code would be for this machine."""
    root = write_files(
        tmp_path / "app",
        {
            "pyproject.toml": project_toml("app").partition("[build-system]")[0] + SETUPTOOLS,
            "app/__init__.py": "",
            "setup.py": (
                "from setuptools import setup\nfrom setuptools.dist import Distribution\n"
                "class Native(Distribution):\n    def has_ext_modules(self):\n        return True\n"
                "setup(distclass=Native, packages=['app'])\n"
            ),
        },
    )
    with pytest.raises(
        ArtifactError, match=r"became app-1\.0-cp.*, which holds code compiled on this machine"
    ) as caught:
        build(root)
    assert len(str(caught.value).splitlines()) == 1
