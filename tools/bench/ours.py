"""The commands of this library's routes, and of a bare download to compare with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.core.store.store_folder import SCHEMA
from tools.bench.model import PYTHON_VERSION, Command, Place, architecture
from tools.bench.peers import uv_install

if TYPE_CHECKING:
    from pathlib import Path

_WHEEL_ROUTE = """\
import sys
from pathlib import Path
from constructs_lib.core import LayerOptions, Target, WheelStore, build_layer
project, archive, store, python, architecture = sys.argv[1:]
options = LayerOptions({options})
build_layer(project, Path(archive), Target(python, architecture), options, store=WheelStore(Path(store)))
"""

_ONE_ZIP = """\
import sys
from pathlib import Path
from constructs_lib.core import Target, WheelStore, build_function
project, archive, store, python, architecture = sys.argv[1:]
build_function(project, Path(archive), Target(python, architecture), store=WheelStore(Path(store)))
"""

_STEPS = "".join(f"def step_{number}(event):\n    return event, {number}\n\n\n" for number in range(60))
_PROJECT = {
    "app.py": "from shop.orders import step_0\n\n\ndef handler(event, context):\n    return step_0(event)\n",
    "shop/__init__.py": "",
    **{f"shop/{name}.py": _STEPS for name in ("mail", "orders", "prices", "stock")},
    "shop/cities.txt": "".join(f"city {number}\n" for number in range(2000)),
}
"""A small project beside the lock file: 40 kB, without a build backend."""

_TREE_ROUTE = """\
import sys
from pathlib import Path
from constructs_lib.core import Target, WheelStore, create_layer_zip_file
tree, archive, store, python, architecture = sys.argv[1:]
target, store = Target(python, architecture), WheelStore(Path(store))
create_layer_zip_file(tree, archive, verbose=False, target=target, store=store)
"""

# The cost of the network and of requests alone: the wheels that our route fetches, with as many threads, unverified.
# The address is looked up once: a resolver may drop some of eight questions at a time, which then wait for 5 s.
DOWNLOAD = """\
import functools, socket, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import requests
socket.getaddrinfo = functools.cache(socket.getaddrinfo)
folder = Path(sys.argv[2])
folder.mkdir(parents=True)
local = threading.local()
def fetch(url):
    session = vars(local).setdefault("session", requests.Session())
    with session.get(url, stream=True) as answer, (folder / url.rpartition("/")[2]).open("wb") as file:
        answer.raise_for_status()
        for piece in answer.iter_content(1 << 18):
            file.write(piece)
with ThreadPoolExecutor(8) as pool:
    list(pool.map(fetch, Path(sys.argv[1]).read_text().split()))
"""

# The least that a build from a full store has to do: an interpreter's start, the check of each wheel, one file of all
# bytes, and the hash of that file. `hashlib` is faster than `sha256sum`, which may lack the CPU's instructions for it.
_FLOOR = """\
import hashlib, os, sys
folder, archive = sys.argv[1:]
paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
buffer = memoryview(bytearray(1 << 20))
def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while size := file.readinto(buffer):
            digest.update(buffer[:size])
    return digest.hexdigest()
for path in paths:
    sha256(path)
with open(archive, "wb", buffering=0) as output:
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while size := file.readinto(buffer):
                output.write(buffer[:size])
print(sha256(archive))
"""

URLS = """\
import sys
from pathlib import Path
from packaging.utils import canonicalize_name
from constructs_lib.core import Target, default_ignore_package_list
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
project, python, architecture = sys.argv[1:]
ignored = {canonicalize_name(name) for name in default_ignore_package_list}
locked = resolve(Project.at(project), Target(python, architecture)).locked
files = [file for file in locked if isinstance(file, LockedFile) and file.name not in ignored]
files.sort(key=lambda file: -(file.size or 0))
Path(project, "urls.txt").write_text("".join(f"{file.location}\\n" for file in files))
"""
"""Writes the URLs of the wheels that our route fetches, in its order: the largest first."""

MODULES = {
    "W1": ("requests", "pydantic", "dateutil.parser"),
    "W2": ("fastapi", "pydantic", "httpx", "sqlalchemy", "aws_lambda_powertools", "jwt", "jinja2", "orjson"),
    "W3": ("numpy", "pandas", "scipy"),
}
"""The imports of an application on each workload."""


def _target(place: Place) -> list[str]:
    return [PYTHON_VERSION, architecture(place.machine)]


def _wheel_route(place: Place, store: str, options: str = "") -> Command:
    archive = place.project / "layer.zip"
    script = _WHEEL_ROUTE.format(options=options)
    argv = [place.python, "-c", script, str(place.project), str(archive), str(place.store / store)]
    return Command([*argv, *_target(place)], archive, (archive,))


def full_store(place: Place) -> Command:
    """Build by the wheel route; every wheel is in the store."""
    return _wheel_route(place, "full")


def one_zip(place: Place) -> Command:
    """Build a small project and its wheels into one zip; every wheel is in the store."""
    # Beside the project: a zip in it would be one of its files.
    archive = place.project.with_name(f"{place.project.name}.function.zip")
    argv = [place.python, "-c", _ONE_ZIP, str(place.project), str(archive), str(place.store / "full")]
    return Command([*argv, *_target(place)], archive, (archive,), files=_PROJECT)


def empty_store(place: Place) -> Command:
    """Build by the wheel route; every wheel comes from the index."""
    command = _wheel_route(place, "empty")
    return replace(command, fresh=(*command.fresh, place.store / "empty"))


def _packed(place: Place, store: str, options: str) -> Command:
    """Build by the wheel route, with every wheel in the store and no compressed or compiled files."""
    command = _wheel_route(place, store, options)
    fresh = (*command.fresh, place.store / store / SCHEMA / "packs")
    return replace(command, fresh=fresh, warm_up=_wheel_route(place, store).argv)


def smallest(place: Place) -> Command:
    """Build by the wheel route with `compression="smallest"`."""
    return _packed(place, "smallest", 'compression="smallest"')


def with_bytecode(place: Place) -> Command:
    """Build by the wheel route with bytecode."""
    return _packed(place, "bytecode", "compile_bytecode=True")


def _compress(place: Place, store: Path) -> list[str]:
    tree, archive = place.project / "python", place.project / "layer.zip"
    return [place.python, "-c", _TREE_ROUTE, str(tree), str(archive), str(store), *_target(place)]


def tree_route(place: Place) -> Command:
    """Install with uv, compress with `create_layer_zip_file`: two processes."""
    archive, store = place.project / "layer.zip", place.store / "tree"
    install = uv_install(place)
    # `uv_install` is a shell script with its arguments; those of the second process follow them.
    shell, flag, script, *arguments = install
    both = f'{script}shift {len(arguments) - 1}\n"$@"\n'
    return Command(
        [shell, flag, both, *arguments, *_compress(place, store)],
        archive,
        (archive, place.project / "python", store),
        warm_up=install,
    )


def compress_tree(place: Place) -> Command:
    """Compress a tree that is installed once: the second half of the tree route."""
    archive, store = place.project / "layer.zip", place.store / "compress"
    return Command(_compress(place, store), archive, (archive, store), prepare=uv_install(place))


def _imports(place: Place, store: str, options: str) -> Command:
    """Import the packages as a cold start does, from a layer that cannot be written to."""
    unpack = (
        f"{_WHEEL_ROUTE.format(options=f'ignore_package_list=[], {options}')}"
        "import zipfile\n"
        "zipfile.ZipFile(archive).extractall(Path(project, 'opt'))\n"
    )
    command = _wheel_route(place, store)
    modules = ", ".join(MODULES[place.project.name])
    return Command(
        [place.interpreter, "-c", f"import {modules}"],
        command.archive,
        (),
        {"PYTHONPATH": str(place.project / "opt/python"), "PYTHONDONTWRITEBYTECODE": "1"},
        prepare=[*command.argv[:2], unpack, *command.argv[3:]],
    )


def import_sources(place: Place) -> Command:
    """Import from a default layer: Python compiles each module."""
    return _imports(place, "full", "")


def import_bytecode(place: Place) -> Command:
    """Import from a layer with bytecode."""
    return _imports(place, "bytecode", "compile_bytecode=True")


def bare_download(place: Place) -> Command:
    """Download the wheels only: the lower limit for a build with an empty store."""
    target = place.project / "wheels"
    argv = [place.python, "-c", DOWNLOAD, str(place.project / "urls.txt"), str(target)]
    return Command(argv, None, (target,))


def floor(place: Place) -> Command:
    """Hash the wheels, join them into one file, hash that file."""
    download, joined = bare_download(place), place.project / "joined"
    argv = [place.python, "-c", _FLOOR, str(place.project / "wheels"), str(joined)]
    return Command(argv, None, (joined,), prepare=download.argv)
