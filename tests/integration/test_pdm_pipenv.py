"""Pipfile.lock and pdm.lock: what is chosen is what Pipenv and PDM themselves install here, shape by shape.

The packages are small wheels of an index on loopback. The tools come into an environment of their own: nothing of the
library needs them.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from packaging.utils import canonicalize_name

from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from tests.support.builders.lock_tools import PYTHON, TARGET, Tools, lock_tools
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

_SEEDED = ("packaging", "pip", "setuptools", "wheel")
LIB = {
    "lib/pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n'
    '[project]\nname = "lib"\nversion = "1.0"\ndependencies = ["beta"]\n',
    "lib/lib.py": "",
    "lib/backend.py": """\
import os, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "lib-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        info = "lib-1.0.dist-info"
        wheel.writestr("lib.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: lib\\nVersion: 1.0\\nRequires-Dist: beta\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "".join(f"{each},,\\n" for each in [*wheel.namelist(), f"{info}/RECORD"]))
    return name

get_requires_for_build_editable, build_editable = get_requires_for_build_wheel, build_wheel
""",
}


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    with lock_tools(tmp_path_factory.mktemp("tools") / "environment") as running:
        yield running


def installed(root: Path) -> set[str]:
    """Return the distributions in the environment that a tool made in the project's folder."""
    places = (f".venv/lib/python{PYTHON}/site-packages", f"__pypackages__/{PYTHON}/lib")
    texts = [path.read_text() for place in places for path in (root / place).glob("*.dist-info/METADATA")]
    pairs = [
        [re.findall(rf"^{key}: (.+)$", text, re.MULTILINE)[0] for key in ("Name", "Version")]
        for text in texts
    ]
    return {f"{canonicalize_name(name)}=={version}" for name, version in pairs if name not in _SEEDED}


def chosen(root: Path, options: LockOptions) -> set[str]:
    """Return the distributions of the layer's lock, a folder as the wheel that it becomes."""
    return {
        "lib==1.0" if str(locked).startswith("lib from") else str(locked)
        for locked in resolve(Project.at(root), TARGET, options).locked
    }


class Shape(NamedTuple):
    """A project, how its tool installs a part of it, and how that part is chosen here."""

    manifest: str
    sync: tuple[str, ...] = ()
    options: LockOptions = LockOptions()


_LOCKS: dict[tuple[str, str, str], bytes] = {}
"""The lock files of this module's index, by it, their names and manifests: shapes that differ in choices share one."""


def lock_once(path: Path, command: tuple[str, ...], shape: Shape, tools: Tools) -> None:
    """Lock the project, or take the lock file of the same manifest."""
    key = (tools.index.url, path.name, shape.manifest)
    if key in _LOCKS:
        path.write_bytes(_LOCKS[key])
        return
    tools.run(path.parent, *command)
    _LOCKS[key] = path.read_bytes()


GROUPS = '[packages]\nalpha = "*"\n[dev-packages]\nepsilon = "*"\n[docs]\ndelta = "*"'
PIPENV = {
    "dependencies": Shape('[packages]\ngamma = "*"\nrich = {version = "==1.0", extras = ["more"]}'),
    "markers": Shape(
        '[packages]\nalpha = "*"\ndelta = {version = "*", markers = "sys_platform == \'win32\'"}\n'
        'epsilon = {version = "*", os_name = "== \'nt\'"}'
    ),
    "default": Shape(GROUPS),
    "develop": Shape(GROUPS, ("--dev",), LockOptions(groups=("dev",))),
    "category": Shape(GROUPS, ("--categories=packages docs",), LockOptions(groups=("docs",))),
    "category alone": Shape(GROUPS, ("--categories=docs",), LockOptions(only_groups=("docs",))),
    "path": Shape('[packages]\nlib = {path = "./lib"}'),
    "editable": Shape('[packages]\nlib = {path = "./lib", editable = true}'),
    "wheel by path": Shape('[packages]\nalpha = {path = "./alpha-1.0-py3-none-any.whl"}'),
    "names and pre-releases": Shape(
        '[packages]\nDotted_Name = "*"\nnative = "*"\npre = "*"\n[pipenv]\nallow_prereleases = true'
    ),
    "two sources": Shape(
        '[[source]]\nname = "two"\nurl = "INDEX/simple"\nverify_ssl = false\n'
        '[packages]\nalpha = {version = "*", index = "two"}\n'
        f'[requires]\npython_version = "{PYTHON}"'
    ),
}


@pytest.mark.parametrize("shape", PIPENV.values(), ids=PIPENV)
def test_a_layer_holds_what_pipenv_installs(tools: Tools, shape: Shape, tmp_path: Path) -> None:
    """Names and versions are equal, and every file is one that the lock allows."""
    root = write_pipfile(tmp_path / "app", shape.manifest, tools)
    lock_once(root / "Pipfile.lock", ("pipenv", "lock"), shape, tools)
    tools.run(root, "pipenv", "sync", *shape.sync)
    assert chosen(root, shape.options) == installed(root) != set()


def write_pipfile(root: Path, manifest: str, tools: Tools) -> Path:
    source = '[[source]]\nname = "loop"\nurl = "INDEX/simple"\nverify_ssl = false\n'
    write_files(root, {**LIB, "Pipfile": f"{source}{manifest}\n".replace("INDEX", tools.index.url)})
    (root / "alpha-1.0-py3-none-any.whl").write_bytes(tools.index.files["alpha-1.0-py3-none-any.whl"])
    return root


EXTRAS = (
    'dependencies = ["alpha"]\n[project.optional-dependencies]\nFast_One = ["delta"]\n'
    '[dependency-groups]\nweb = ["epsilon", {include-group = "more"}]\nmore = ["Dotted_Name"]\n'
    '[tool.pdm.dev-dependencies]\ntest = ["pre"]'
)
PDM = {
    "dependencies": Shape('dependencies = ["gamma", "rich[more]==1.0"]'),
    "markers": Shape(
        "dependencies = [\"alpha==1.0; python_version < '3'\", \"alpha==2.0; python_version >= '3'\", "
        "\"delta; sys_platform == 'win32'\"]"
    ),
    "main": Shape(EXTRAS),
    "extra": Shape(EXTRAS, ("--prod", "-G", "fast-one"), LockOptions(extras=("fast_one",))),
    "group": Shape(EXTRAS, ("-G", "web"), LockOptions(groups=("web",))),
    "group alone": Shape(EXTRAS, ("--no-default", "-G", "web"), LockOptions(only_groups=("web",))),
    "older group": Shape(EXTRAS, ("-G", "test"), LockOptions(groups=("test",))),
    "path": Shape('dependencies = ["lib @ file:///${PROJECT_ROOT}/lib"]'),
    "wheel by path": Shape('dependencies = ["alpha @ file:///${PROJECT_ROOT}/alpha-1.0-py3-none-any.whl"]'),
    "wheel by address": Shape('dependencies = ["alpha @ INDEX/files/alpha-1.0-py3-none-any.whl"]'),
    "resolution": Shape(
        'dependencies = ["gamma", "native"]\n[tool.pdm.resolution]\nexcludes = ["epsilon"]\n'
        '[tool.pdm.resolution.overrides]\nalpha = "1.0"'
    ),
    "static addresses": Shape('dependencies = ["gamma"]\n[tool.pdm.static]'),
}


@pytest.mark.parametrize("shape", PDM.values(), ids=PDM)
def test_a_layer_holds_what_pdm_installs(tools: Tools, shape: Shape, tmp_path: Path) -> None:
    """Names and versions are equal, and every file is one that the lock allows."""
    root = write_pdm_project(tmp_path / "app", shape.manifest, tools)
    strategy = ("--strategy", "static_urls") if "static" in shape.manifest else ()
    lock_once(root / "pdm.lock", ("pdm", "lock", "--quiet", "-G:all", *strategy), shape, tools)
    tools.run(root, "pdm", "sync", "--quiet", "--no-self", *(shape.sync or ("--prod",)))
    assert chosen(root, shape.options) == installed(root) != set()


def write_pdm_project(root: Path, manifest: str, tools: Tools) -> Path:
    head = f'[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">={PYTHON}"\n'
    tail = '\n[[tool.pdm.source]]\nname = "pypi"\nurl = "INDEX/simple"\nverify_ssl = false\n'
    text = f"{head}{manifest}\n{tail}".replace("INDEX", tools.index.url)
    write_files(root, {**LIB, "pyproject.toml": text, ".pdm-python": sys.executable})
    (root / "alpha-1.0-py3-none-any.whl").write_bytes(tools.index.files["alpha-1.0-py3-none-any.whl"])
    return root
