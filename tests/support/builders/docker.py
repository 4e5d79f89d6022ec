"""A Docker daemon for the tests marked `docker`, and a stand-in for the SAM build images.

A running daemon is used; without one root starts its own, in a folder of its own, until the tests end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE
from constructs_lib.core.system.docker.engine import NAME_PREFIX
from constructs_lib.core.target import Target
from tests.support.builders.hosts import interpreters
from tests.support.need import Need
from tests.support.patience import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / "build" / "docker"
BASE_PYTHON = "3.11"
"""The Python of Debian bookworm, of which the stand-in is made."""
PACKAGES = "python3,python3-pip,python3-dev,gcc,libc6-dev,git"
BALLAST = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/man")
SPARED = [f"--exclude={name}" for name in ("__pycache__", "lib/python3*/test", "*.a", "*.pth")]
"""What a copied Python does not need: most of its size, and this machine's own settings."""
SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Docker:
    """The daemon that the tests use."""

    own: bool
    """Whether it was started here."""

    def run(self, *arguments: str) -> str:
        return docker(*arguments)

    def containers(self) -> list[str]:
        """Names of the containers that our code has started, running or not."""
        names = docker("ps", "--all", "--format={{.Names}}", f"--filter=name={NAME_PREFIX}")
        return names.split()


def docker(*arguments: str, timeout: float = PATIENCE) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- whether they can run ----------------------------------------------------------------------------------


@cache
def why_not() -> str:
    """Return the reason why tests marked `docker` cannot run; empty if they can."""
    if shutil.which("docker") is None:
        return "there is no docker on PATH (Debian: apt-get install docker.io debootstrap)"
    if not answers():
        if os.getuid() != 0:
            return "no Docker daemon answers, and only root can start one"
        if shutil.which("dockerd") is None:
            return "no Docker daemon answers and there is no dockerd (Debian: apt-get install docker.io)"
    if not archive_of_base().exists() and (os.getuid() != 0 or shutil.which("debootstrap") is None):
        return "the stand-in image cannot be made without root and debootstrap (Debian: apt-get install debootstrap)"
    return ""


def answers() -> bool:
    """Whether a daemon runs. `docker info` succeeds without one in some releases, `docker ps` does not."""
    done = subprocess.run(["docker", "ps", "--quiet"], check=False, capture_output=True, timeout=PATIENCE)
    return done.returncode == 0


NEED = Need("docker", "Docker", why_not)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(NEED)


# --- the daemon --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def docker_daemon() -> Iterator[Docker]:
    """Yield a daemon that this process's environment leads to."""
    NEED.insist()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(PROGRAM_VARIABLE, raising=False)
        if answers():
            yield Docker(own=False)
            return
        with started_daemon() as socket:
            patch.setenv("DOCKER_HOST", f"unix://{socket}")
            yield Docker(own=True)


@contextmanager
def started_daemon() -> Iterator[Path]:
    """Start a daemon of our own in one folder, which is removed when it has ended."""
    folder = Path(tempfile.mkdtemp(prefix="dockerd-"))  # short: a socket's path has 108 characters
    socket = folder / "docker.sock"
    command = ["dockerd", "--default-ulimit=nofile=1024:4096", f"--host=unix://{socket}"]
    command += [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig=TERM", *command]  # also when pytest is killed
    log = folder / "log"
    with log.open("wb") as output:
        daemon = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}"}
        ask = ["docker", "ps"]
        wait_until(
            lambda: (
                daemon.poll() is not None
                or subprocess.run(ask, check=False, capture_output=True, env=environment).returncode == 0
            ),
            "dockerd answers",
        )
        if daemon.poll() is not None:
            pytest.fail(f"dockerd did not start: {log.read_text()[-2000:]}", pytrace=False)
        yield socket
    finally:
        daemon.terminate()
        try:
            daemon.wait(60)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
        for _ in range(50):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)


# --- the image ---------------------------------------------------------------------------------------------


@cache
def other_pythons() -> dict[str, Path]:
    """Python version → the folder that holds all of it, for those of this machine that can be copied."""
    found = {}
    for version, interpreter in interpreters().items():
        ask = [str(interpreter), "-c", "import sys; print(sys.base_prefix)"]
        prefix = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
        if version != BASE_PYTHON and version in RUNTIMES and prefix != Path("/usr"):
            found[version] = prefix
    return found


def image_pythons() -> list[str]:
    """Return the versions with an image and an interpreter here: Debian's own, and those of this machine."""
    return sorted(version for version in (BASE_PYTHON, *other_pythons()) if version in interpreters())


@pytest.fixture(scope="session")
def sam_image(docker_daemon: Docker) -> Iterator[str]:
    """Yield the name of the SAM build image for Python 3.11 on x86_64, of which the daemon has a stand-in."""
    with stand_in(docker_daemon, BASE_PYTHON) as name:
        yield name


@contextmanager
def stand_in(daemon: Docker, python_version: str) -> Iterator[str]:
    """Load a Debian with Python, pip and gcc under the name of the SAM build image, unless that is there.

    A daemon that was not started here loses it afterwards.
    """
    name = Target(python_version).build_image
    if image_exists(name):
        yield name
        return
    if python_version == BASE_PYTHON:
        docker("import", str(base_archive()), name)
    else:
        with stand_in(daemon, BASE_PYTHON) as base:
            add_python(base, python_version, name)
    try:
        yield name
    finally:
        if not daemon.own:
            docker("rmi", "--force", name)


def image_exists(name: str) -> bool:
    done = subprocess.run(["docker", "image", "inspect", name], check=False, capture_output=True)
    return done.returncode == 0


def archive_of_base() -> Path:
    return CACHE / f"build-python{BASE_PYTHON}-git.tar"


def base_archive() -> Path:
    """Make the stand-in as an archive, once for each checkout."""
    archive = archive_of_base()
    if archive.exists():
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    # dpkg syncs each file it writes: in memory that costs nothing.
    roomy = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > 2 << 30
    with tempfile.TemporaryDirectory(prefix="stand-in-", dir=SHARED_MEMORY if roomy else None) as folder:
        root = Path(folder) / "root"
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)]
        made = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if made.returncode != 0:
            pytest.fail(f"debootstrap failed: {made.stdout[-1500:]}{made.stderr[-500:]}", pytrace=False)
        for path in BALLAST:
            shutil.rmtree(root / path)
        unfinished = archive.with_suffix(f".{os.getpid()}")
        subprocess.run(["tar", "-C", str(root), "-cf", str(unfinished), "."], check=True)
        unfinished.rename(archive)
    return archive


def add_python(base: str, python_version: str, name: str) -> None:
    """Add another Python of this machine to the base, at the place where environments look for it."""
    container = f"stand-in-{os.getpid()}-{python_version}"
    place = other_pythons()[python_version]
    parents = " ".join(str(parent) for parent in place.parents)
    # Some Pythons are linked with a library of their own, which the loader has to find at the new place.
    settle = f"""\
chmod a+rx {parents}
ln -s {place}/bin/python{python_version} /usr/local/bin/python{python_version}
echo {place}/lib > /etc/ld.so.conf.d/{python_version}.conf
ldconfig"""
    try:
        docker("create", f"--name={container}", "--entrypoint=sh", base, "-c", settle)
        pack = [
            "tar",
            "-C",
            str(place),
            *SPARED,
            f"--transform=s,^[.],{str(place).lstrip('/')},",
            "-cf",
            "-",
            ".",
        ]
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packed:
            subprocess.run(["docker", "cp", "-", f"{container}:/"], check=True, stdin=packed.stdout)
        docker("start", "--attach", container)
        docker("commit", "--change=ENTRYPOINT []", "--change=CMD []", container, name)
    finally:
        docker("rm", "--force", container)
