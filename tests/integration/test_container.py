"""A package with C code and no wheel, built by a real engine and imported by a real interpreter."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import Target
from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.system.docker.engine import Engine
from tests.support.builders.docker import image_pythons, stand_in
from tests.support.builders.hosts import interpreters
from tests.support.builders.native import answer, build, native_project, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.system.docker.settings import Job
    from tests.support.builders.docker import Docker

pytestmark = [pytest.mark.integration, pytest.mark.docker]

FOREIGN = "crunch-1.0-cp311-cp311-win_amd64.whl"
CANARY = "tweety%2F%23%3F%40%3A%25"
CANARIES = (CANARY, "tweety/#?@:%", "tweety")


@pytest.fixture
def python() -> str:
    """Find a Python 3.11 outside of the virtual environment."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    found = shutil.which("python3.11")
    assert found, "the tests need a python3.11 on PATH to import what was built"
    return found


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, to be looked at."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_native_package_is_built_and_imports(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, scratch: Path, python: str
) -> None:
    """With setuptools from the index; the second build starts no container; all files are the caller's."""
    project = native_project(tmp_path / "mill", setuptools=True)
    said = io.StringIO()
    first = build(project, tmp_path, said=said)
    assert f"built crunch in {sam_image}" in said.getvalue()
    assert first.distributions == ("crunch==1.0",)
    assert answer(first.archive.path, python, tmp_path / "opt") == "42"
    assert docker_daemon.containers() == []
    assert list(scratch.iterdir()) == []

    events = subprocess.Popen(
        ["docker", "events", "--filter=type=container"], stdout=subprocess.PIPE, text=True
    )
    time.sleep(0.3)
    said = io.StringIO()
    second = build(project, tmp_path, said=said)
    time.sleep(0.3)
    events.terminate()
    assert events.communicate()[0] == ""
    assert "built" not in said.getvalue()
    assert second == first


@pytest.mark.parametrize("version", image_pythons())
def test_every_python_builds_for_itself(docker_daemon: Docker, tmp_path: Path, version: str) -> None:
    """The image of each runtime gives a wheel that its own interpreter imports."""
    project = native_project(tmp_path / "mill")
    with stand_in(docker_daemon, version):
        layer = build(project, tmp_path, target=Target(version))
    assert answer(layer.archive.path, str(interpreters()[version]), tmp_path / "opt") == "42"


def test_the_fingerprint_is_that_of_source_and_image(
    docker_daemon: Docker, sam_image: str, tmp_path: Path
) -> None:
    """Another machine builds from the same source in the same image: the bytes may differ, the identity not."""
    project = native_project(tmp_path / "mill")
    prints = {build(project, tmp_path / name).fingerprint for name in ("here", "there")}
    assert len(prints) == 1
    other = native_project(tmp_path / "other", before="'another source'")
    assert build(other, tmp_path / "here").fingerprint not in prints


def test_wheels_for_other_platforms_do_not_hinder(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, python: str
) -> None:
    """Without the container the message says what to do; with it the source distribution is built."""
    project = native_project(tmp_path / "mill", wheels=FOREIGN)
    with pytest.raises(
        ProjectError, match=r"crunch 1.0 in .*pylock.toml has no wheel .*cp311-win_amd64.*container=True"
    ):
        build(project, tmp_path, container=None)
    assert answer(build(project, tmp_path).archive.path, python, tmp_path / "opt") == "42"


def test_a_native_path_dependency_is_built(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, python: str
) -> None:
    """Its own folder is only read."""
    tree = write_tree(tmp_path / "crunch")
    before = sorted(tree.rglob("*"))
    project = tmp_path / "mill"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "mill"\nversion = "1"\ndependencies = ["crunch"]\n'
    )
    (project / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "a test"\n'
        '[[packages]]\nname = "crunch"\ndirectory = { path = "../crunch" }\n'
    )
    with pytest.raises(ProjectError, match=r"holds code compiled on this machine.*container=True"):
        build(project, tmp_path, container=None)
    assert answer(build(project, tmp_path).archive.path, python, tmp_path / "opt") == "42"
    assert sorted(tree.rglob("*")) == before


def test_the_wheel_belongs_to_a_person_without_root(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S39: what the container writes can be read and removed by who asked for it."""
    if os.getuid() != 0:
        pytest.skip("this user is not root, so the other tests show it")
    nobody = 65534
    owners: list[int] = []
    real_run = Engine.run

    def run(engine: Engine, job: Job) -> str:
        for mount in job.mounts:
            os.chown(mount.source, nobody, nobody)
        said = real_run(engine, job)
        owners.extend(
            path.stat().st_uid for mount in job.mounts if mount.writable for path in mount.source.rglob("*")
        )
        return said

    monkeypatch.setattr(Engine, "run", run)
    monkeypatch.setattr(os, "getuid", lambda: nobody)
    monkeypatch.setattr(os, "getgid", lambda: nobody)
    build(native_project(tmp_path / "mill"), tmp_path)
    assert owners == [nobody]


def test_a_secret_stays_in_the_environment(
    docker_daemon: Docker,
    sam_image: str,
    tmp_path: Path,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S18: in no argument list while it runs, and afterwards nowhere: image, store, layer, log, error."""
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"https://me:{CANARY}@index.invalid/simple")
    echo = "import sys; sys.stderr.write(os.environ['PIP_EXTRA_INDEX_URL']); time = __import__('time'); time.sleep(1)"
    said = io.StringIO()
    seen = watch_arguments(lambda: build(native_project(tmp_path / "mill", before=echo), tmp_path, said=said))
    assert any("--env=PIP_EXTRA_INDEX_URL" in arguments for arguments in seen)
    failing = echo.replace("time.sleep(1)", "sys.exit(os.environ['PIP_EXTRA_INDEX_URL'])")
    project = native_project(tmp_path / "failing", before=failing)
    with pytest.raises(ToolError) as caught:
        build(project, tmp_path)
    assert "****" in str(caught.value)
    everything = [*seen, said.getvalue(), str(caught.value), docker_daemon.run("image", "inspect", sam_image)]
    files = [*(tmp_path / "store").rglob("*"), *scratch.rglob("*")]
    everything += [path.read_bytes().decode("latin-1") for path in files if path.is_file()]
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        everything += [archive.read(name).decode("latin-1") for name in archive.namelist()]
    assert not [text for text in everything for canary in CANARIES if canary in text]


def watch_arguments(work: Callable[[], object]) -> set[str]:
    """Do `work` and return every argument list that the machine ran meanwhile."""
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes().replace(b"\0", b" ").decode("latin-1"))
                except OSError:  # ended meanwhile
                    continue
            time.sleep(0.02)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    return seen
