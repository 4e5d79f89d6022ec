"""Staleness for projects of many shapes: `uv lock --check` and this library agree, both ways."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_version

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.layer.build_layer import LayerBuild
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.progress import QUIET
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.uv import must, uv
from tests.support.files.lock_shapes import SHAPES, Edit, Shape
from tests.support.files.sources import write_files
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as index:
        for name in ("aa", "bb", "cc", "dd", "lib"):
            for version in ("1.0", "2.0"):
                index.add(wheel_name(name, version), wheel_bytes(name, version, {f"{name}.py": b""}))
        yield index


@dataclass(frozen=True)
class Bench:
    """One shape on disk, with its lock."""

    root: Path
    index: Index
    shape: Shape

    def write(self) -> None:
        files = {path: self.filled(text) for path, text in self.shape.files.items()}
        write_files(self.root, files)
        for folder in ("wheels", "wheels/x"):
            path = self.root / folder / wheel_name("bb", "1.0")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(wheel_bytes("bb", "1.0", {"bb.py": b""}))
        for name in ("lib", "plain"):
            source = self.root / name / "pyproject.toml"
            if source.is_file():  # another project with another place
                write_files(self.root, {f"{name}2/pyproject.toml": source.read_text()})

    def filled(self, text: str) -> str:
        simple = self.index.simple
        files = simple.removesuffix("/simple") + "/files"
        names = {
            "{root}": str(self.root),
            "{simple}": simple,
            "{files}": files,
            "{other}": simple.replace("127.0.0.1", "localhost"),
        }
        for name, value in names.items():
            text = text.replace(name, value)
        return text

    def lock(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        options = (f"--python={sys.executable}", f"--default-index={self.index.simple}", "--no-cache")
        return uv("lock", *options, *arguments, cwd=self.root / "shop")

    def change(self, edit: Edit) -> None:
        path = self.root / edit.path
        old, new = self.filled(edit.old), self.filled(edit.new)
        text = path.read_text()
        assert old in text, f"{edit} changes nothing in {text}"
        path.write_text(text.replace(old, new))

    def resolve(self, python: str) -> dict[str, str]:
        """Return what this library chooses, names with versions; for a place as uv has it: without a version."""
        options = LayerOptions(lock=self.shape.options, ignore_package_list=[])
        store = WheelStore(self.root / "store")
        build = LayerBuild(Project.at(self.root / self.shape.entry), Target(python), options, store, QUIET)
        return {
            package.name: canonicalize_version(package.version)
            if isinstance(package, LockedFile) and package.index
            else ""
            for package in build.resolve().packages
        }

    def installed(self) -> dict[str, str]:
        """Return what `uv sync` would install of the same choice, names with versions."""
        options = self.shape.options
        named = (
            ("--extra", options.extras),
            ("--group", options.groups),
            ("--only-group", options.only_groups),
        )
        chosen = [f"{option}={value}" for option, values in named for value in values]
        members = ["--all-packages"] if "[project]" not in self.shape.files["shop/pyproject.toml"] else []
        whole = (
            "--frozen",
            "--dry-run",
            "--no-default-groups",
            "--no-install-project",
            f"--python={sys.executable}",
        )
        done = uv(
            "sync",
            *whole,
            *members,
            *chosen,
            cwd=self.root / self.shape.entry,
            env={"UV_PROJECT_ENVIRONMENT": str(self.root / "env")},
        )
        lines = re.findall(r"^ \+ ([^\s=]+)(?:==(\S+)| @ \S+)", must_say(done), re.MULTILINE)
        return {name: canonicalize_version(version) for name, version in lines}

    def verdict(self) -> str:
        """Return this library's refusal; empty if it takes the lock."""
        options = LayerOptions(lock=self.shape.options)
        store = WheelStore(self.root / "store")
        build = LayerBuild(Project.at(self.root / self.shape.entry), Target("3.12"), options, store, QUIET)
        try:
            build.resolve()
        except ProjectError as error:
            return f"{error.id}: {error}"
        return ""


def must_say(done: subprocess.CompletedProcess[str]) -> str:
    must(done)
    return done.stderr


@pytest.fixture(params=SHAPES)
def bench(request: pytest.FixtureRequest, tmp_path: Path, index: Index) -> Bench:
    bench = Bench(tmp_path, index, SHAPES[request.param])
    bench.write()
    must(bench.lock())
    return bench


def test_uv_and_this_library_agree(bench: Bench) -> None:
    """A fresh lock passes both; after an edit both refuse it, until the command in the line has been run.

    What only uv refuses is listed with its reason.
    """
    assert not bench.verdict()
    must(bench.lock("--check"))
    lock = bench.root / "shop" / "uv.lock"
    before = lock.read_bytes()
    for edit in bench.shape.stale:
        bench.change(edit)
        assert bench.lock("--check").returncode != 0, f"uv does not call it stale: {edit}"
        line = bench.verdict()
        assert "is stale: " in line, f"taken, though stale: {edit}"
        assert f"Run 'uv lock' in {lock.parent}" in line
        must(bench.lock())
        assert bench.verdict().partition(":")[0] == bench.shape.then, f"the remedy does not help: {edit}"
        bench.write()
        lock.write_bytes(before)
    for edit in bench.shape.fresh:
        bench.change(edit)
        done = bench.lock("--check")
        assert done.returncode == 0, f"uv calls it stale: {edit} {done.stderr}"
        assert not bench.verdict(), f"called stale, though fresh: {edit}"
        bench.write()
    for edit, reason in bench.shape.beyond:
        bench.change(edit)
        assert reason
        assert bench.lock("--check").returncode != 0, f"uv does not call it stale: {edit}"
        assert not bench.verdict(), f"called stale, though beyond: {edit}"
        bench.write()


def test_what_uv_installs_is_chosen(bench: Bench) -> None:
    """The same names and versions as `uv sync`, for the Python that runs here."""
    wanted = bench.installed()
    assert wanted
    assert bench.resolve(f"{sys.version_info[0]}.{sys.version_info[1]}") == wanted
