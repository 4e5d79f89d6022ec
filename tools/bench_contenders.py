"""Who is measured. A new row of the table is one more entry of `CONTENDERS`, and a command that makes its zip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYTHON_VERSION = "3.12"
"""What the workloads are locked for."""

UPSTREAM = "aws-lbd-art-builder-uv"


@dataclass(frozen=True)
class Place:
    """Where one contender works on one workload, and with what."""

    project: Path
    """Its own copy of the locked project."""
    requirements: Path
    """What is locked, as pip reads it; outside the project, where it would be a second manifest."""
    python: str
    """The interpreter of its own environment."""
    interpreter: str
    """The interpreter that the environments were made from."""
    store: Path
    """Two wheel stores of ours: `full` and `empty`."""
    machine: str
    """`x86_64` or `aarch64`."""


@dataclass(frozen=True)
class Command:
    """What is timed, and what has to be so before."""

    argv: list[str]
    archive: Path | None = None
    fresh: tuple[Path, ...] = ()
    """Removed before each run, outside the timing."""
    env: dict[str, str] = field(default_factory=dict)
    warm_up: list[str] | None = None
    """Fills the same caches in less time; None: `argv` itself."""


@dataclass(frozen=True)
class Contender:
    """One row for each workload."""

    name: str
    what: str
    command: Callable[[Place], Command]
    packages: str
    """Its own environment: `ours`, or a file of pinned requirements in `tools`."""
    needs: tuple[str, ...] = ()
    """Programs on PATH."""
    needs_interpreter: bool = False
    """It installs for the interpreter it finds, so that has to be Python 3.12."""


_OURS = """\
import sys
from pathlib import Path
from constructs_lib.core import Target, WheelStore, build_layer
project, archive, store, python, architecture = sys.argv[1:]
build_layer(project, Path(archive), Target(python, architecture), store=WheelStore(Path(store)))
"""

# As the two packages' documentation shows it, with the local builder.
_UPSTREAM_INSTALL = """\
import sys
from pathlib import Path
from aws_lbd_art_builder_uv.api import layer_api
builder = layer_api.UvLambdaLayerLocalBuilder(path_pyproject_toml=Path(sys.argv[1]), skip_prompt=True)
builder.run()
"""
_UPSTREAM_ZIP = """\
layer_api.create_layer_zip_file(
    dir_python=builder.path_layout.dir_python,
    path_layer_zip=builder.path_layout.path_build_lambda_layer_zip,
)
"""

# The tree as it was installed, which is what people ship, without what Lambda brings (of that only urllib3 is in
# the workloads). `broken_promises` notices when a file of ours is not in it.
_UV_INSTALL = """\
set -e
uv pip install --quiet --no-deps --no-build --target python --python "$1" --python-version "$2" \\
  --python-platform "$3" --requirement "$4"
"""
_ZIP = """\
zip -9 -r -q layer.zip python -x 'python/urllib3*'
"""

# What the network and requests alone take: the wheels that ours fetches, with as many threads, unverified.
_DOWNLOAD = """\
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import requests
folder = Path(sys.argv[2])
folder.mkdir(parents=True)
own = threading.local()
def bring(url):
    session = vars(own).setdefault("session", requests.Session())
    with session.get(url, stream=True) as answer, (folder / url.rpartition("/")[2]).open("wb") as file:
        answer.raise_for_status()
        for piece in answer.iter_content(1 << 18):
            file.write(piece)
with ThreadPoolExecutor(8) as pool:
    list(pool.map(bring, Path(sys.argv[1]).read_text().split()))
"""

URLS = """\
import sys
from pathlib import Path
from packaging.utils import canonicalize_name
from constructs_lib.core import Target, default_ignore_package_list
from constructs_lib.core.lock import LockedFile, resolve
from constructs_lib.core.project import Project
project, python, architecture = sys.argv[1:]
ignored = {canonicalize_name(name) for name in default_ignore_package_list}
locked = resolve(Project.at(project), Target(python, architecture)).locked
files = [each for each in locked if isinstance(each, LockedFile) and each.name not in ignored]
files.sort(key=lambda file: -(file.size or 0))
Path(project, "urls.txt").write_text("".join(f"{file.location}\\n" for file in files))
"""
"""Writes the addresses of the wheels that ours would fetch, largest first, as ours fetches them."""


def architecture(machine: str) -> str:
    """Lambda's name of the machine: the peer builds for the machine it runs on."""
    return {"aarch64": "arm64"}.get(machine, machine)


def _ours(place: Place, store: str, fresh: tuple[Path, ...] = ()) -> Command:
    archive = place.project / "layer.zip"
    target = [PYTHON_VERSION, architecture(place.machine)]
    argv = [place.python, "-c", _OURS, str(place.project), str(archive), str(place.store / store), *target]
    return Command(argv, archive, (archive, *fresh))


def ours_full(place: Place) -> Command:
    """The wheel route; every wheel is in the store."""
    return _ours(place, "full")


def ours_empty(place: Place) -> Command:
    """The wheel route; every wheel comes from the index."""
    return _ours(place, "empty", (place.store / "empty",))


def upstream(place: Place) -> Command:
    """`uv sync`, move, `zip -9`; its copy of an earlier build is removed before, so it need not do that."""
    built = place.project / "build"
    project = str(place.project / "pyproject.toml")
    return Command(
        [place.python, "-c", _UPSTREAM_INSTALL + _UPSTREAM_ZIP, project],
        built / "lambda/layer/layer.zip",
        (built,),
        {"UV_PYTHON": place.interpreter},
        warm_up=[place.python, "-c", _UPSTREAM_INSTALL, project],
    )


def uv_and_zip(place: Place) -> Command:
    """The two commands that people write by hand."""
    archive = place.project / "layer.zip"
    platform = f"{place.machine}-manylinux_2_34"
    arguments = ["sh", place.python, PYTHON_VERSION, platform, str(place.requirements)]
    return Command(
        ["sh", "-c", _UV_INSTALL + _ZIP, *arguments],
        archive,
        (archive, place.project / "python"),
        warm_up=["sh", "-c", _UV_INSTALL, *arguments],
    )


def bare_download(place: Place) -> Command:
    """No layer: the floor below ours with an empty store."""
    target = place.project / "wheels"
    argv = [place.python, "-c", _DOWNLOAD, str(place.project / "urls.txt"), str(target)]
    return Command(argv, None, (target,))


OURS = "ours, full store"
OURS_EMPTY = "ours, empty store"
BUILDER = f"{UPSTREAM} + zip"
UV_AND_ZIP = "uv pip install + zip -9"
DOWNLOAD = "bare download"

CONTENDERS = (
    Contender(OURS, "the lock becomes layer.zip, every wheel is in the store", ours_full, "ours"),
    Contender(
        BUILDER,
        "its local builder and its `create_layer_zip_file`, uv's cache full",
        upstream,
        "bench-peers.txt",
        ("zip",),
        needs_interpreter=True,
    ),
    Contender(
        UV_AND_ZIP,
        "`uv pip install --target`, then `zip -9 -r` of that folder; uv's cache full",
        uv_and_zip,
        "ours",
        ("zip", "sh"),
    ),
    Contender(OURS_EMPTY, "the same with an empty store: every wheel is fetched", ours_empty, "ours"),
    Contender(DOWNLOAD, "the same wheels fetched with 8 threads and nothing else", bare_download, "ours"),
)
