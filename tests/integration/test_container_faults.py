"""What goes wrong with a real engine: one line each, and nothing stays behind."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core import Container, Target
from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.docker.engine import NAME_PREFIX
from tests.support.builders.native import build, native_project
from tests.support.files.elf import elf_header
from tests.support.patience import PATIENCE, wait_until

if TYPE_CHECKING:
    from tests.support.builders.docker import Docker

pytestmark = [pytest.mark.integration, pytest.mark.docker]

ROOT = Path(__file__).resolve().parents[2]
SLEEP = "import time; time.sleep(3600)"

# Builds a layer in a process of its own, so that it can be interrupted.
BUILDER = """\
import sys, tempfile
from pathlib import Path
from constructs_lib.core import LayerOptions, Progress, Target, WheelStore, build_layer
project, scratch, store, layer = map(Path, sys.argv[1:])
tempfile.tempdir = str(scratch)
options = LayerOptions(container=True)
build_layer(project, layer, Target("3.11"), options, store=WheelStore(store), progress=Progress())
"""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, to be looked at."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def wait_for_container(daemon: Docker, process: subprocess.Popen[bytes] | None = None) -> str:
    """Wait for a container to run; return its name."""
    names: list[str] = []

    def runs() -> bool:
        assert process is None or process.poll() is None
        names[:] = daemon.containers()
        return bool(names)

    wait_until(runs, "a container runs")
    return names[0]


def test_a_failed_build_shows_the_compilers_words(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, scratch: Path
) -> None:
    """Image, platform, and the last lines."""
    project = native_project(tmp_path / "mill", before="raise SystemExit('crunch.h: No such file')")
    with pytest.raises(
        ToolError,
        match=rf"^crunch-1.0.tar.gz cannot be built in {sam_image} for linux/amd64: crunch.h: No such file$",
    ):
        build(project, tmp_path)
    assert list(scratch.iterdir()) == []
    assert docker_daemon.containers() == []


def test_a_timeout_leaves_nothing(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S8, S31: neither container nor temporary folder nor entry."""
    project = native_project(tmp_path / "mill", before=SLEEP)
    communicate = subprocess.Popen.communicate

    def wait_for_the_start(program: Any, input: Any = None, timeout: float | None = None) -> Any:  # noqa: A002, ANN401
        if timeout == 3:  # a busy machine takes longer to start the container
            wait_until(lambda: docker_daemon.containers() or program.poll() is not None, "a container runs")
        return communicate(program, input, timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", wait_for_the_start)
    with pytest.raises(ToolError, match=r"did not end within 3 s and was stopped$"):
        build(project, tmp_path, container=Container(timeout=3))
    assert docker_daemon.containers() == []
    assert list(scratch.iterdir()) == []
    assert not list((tmp_path / "store").rglob("*.json"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_leaves_nothing(
    docker_daemon: Docker, sam_image: str, tmp_path: Path, number: signal.Signals
) -> None:
    """S31: when the process has ended, container, temporary folder and children are gone."""
    project = native_project(tmp_path / "mill", before=SLEEP)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folders = [project, scratch, tmp_path / "store", tmp_path / "layer.zip"]
    command = [sys.executable, "-c", BUILDER, *map(str, folders)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        wait_for_container(docker_daemon, process)
        assert list(scratch.iterdir())
        process.send_signal(number)
        assert process.wait(PATIENCE) != 0
    assert docker_daemon.containers() == []
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "layer.zip").exists()
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_uid != os.getuid()]


def test_an_image_that_nobody_has_is_said(docker_daemon: Docker, tmp_path: Path) -> None:
    """S38: the image and the platform."""
    project = native_project(tmp_path / "mill")
    with pytest.raises(ToolError, match=r"^image localhost:9/it:1 for linux/amd64 could not be pulled: "):
        build(project, tmp_path, container="localhost:9/it:1")


def test_an_image_for_another_cpu_is_said(docker_daemon: Docker, sam_image: str, tmp_path: Path) -> None:
    """S38: the x86_64 image does not serve an arm64 layer, and nothing is built on this machine instead."""
    project = native_project(tmp_path / "mill")
    with pytest.raises(ToolError, match=rf"^image {sam_image} for linux/arm64 could not be pulled: "):
        build(project, tmp_path, container=sam_image, target=Target("3.11", "arm64"))
    assert not list((tmp_path / "store").rglob("*.whl"))


def test_a_cpu_without_emulation_is_said(docker_daemon: Docker, tmp_path: Path) -> None:
    """S38: an arm64 image whose Python is for a CPU that no machine has or emulates."""
    name = f"{NAME_PREFIX}foreign:{os.getpid()}"
    layer = tar_of({"usr/bin/python3.13": elf_header(0x7FFE)})
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = {"architecture": "arm64", "os": "linux", "config": {}, "rootfs": rootfs}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {"config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
    (tmp_path / "image.tar").write_bytes(tar_of({**files, "layer.tar": layer}))
    docker_daemon.run("load", f"--input={tmp_path}/image.tar")
    project = native_project(tmp_path / "mill")
    try:
        with pytest.raises(ToolError, match=rf"^image {name} for linux/arm64 does not run on this machine"):
            build(project, tmp_path, container=name, target=Target("3.13", "arm64"))
    finally:
        docker_daemon.run("rmi", "--force", name)


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.mode, info.size = 0o755, len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_an_image_without_that_python_is_said(docker_daemon: Docker, sam_image: str, tmp_path: Path) -> None:
    """The stand-in for 3.11 has no 3.14."""
    project = native_project(tmp_path / "mill")
    with pytest.raises(
        ToolError, match=rf"^image {sam_image} for linux/amd64 has no python3.14: name an image that has it$"
    ):
        build(project, tmp_path, container=sam_image, target=Target("3.14"))


def test_a_daemon_that_is_down_is_said(
    sam_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S37: by the real client."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    project = native_project(tmp_path / "mill")
    with pytest.raises(ToolError, match=r"^docker is installed, but its daemon does not answer: "):
        build(project, tmp_path)
