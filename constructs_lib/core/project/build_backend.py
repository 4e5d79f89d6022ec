"""The build backend of a project, and what its builds write and read beside the project's files.

Tried with each backend's newest release: `docs/decisions/0030-wheels-as-built-in-place.md` has the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from constructs_lib.core.project.build_programs import has_literal_version, has_program, is_program, nested
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from constructs_lib.core.project.toml_table import TomlTable

_SETUPTOOLS: Final = ("setuptools.build_meta", "setuptools.build_meta:__legacy__")
_FAMILIES: Final = {
    **dict.fromkeys(_SETUPTOOLS, "setuptools"),
    "hatchling.build": "hatchling",
    "hatchling.ouroboros": "hatchling",
    "flit_core.buildapi": "flit",
    "uv_build": "uv",
    "poetry.core.masonry.api": "poetry",
    "poetry_dynamic_versioning.backend": "poetry",
    "pdm.backend": "pdm",
    "pbr.build": "setuptools",
}
_PLAIN = frozenset(
    {"setuptools", "wheel", "hatchling", "flit-core", "uv-build", "poetry-core", "pdm-backend"}
    | {"hatch-fancy-pypi-readme", "hatch-requirements-txt"}
)
# They ask git for the version, and some of them for the list of files.
_FROM_GIT = frozenset(
    {"setuptools-scm", "setuptools-git-versioning", "versioningit", "pbr", "hatch-vcs"}
    | {"uv-dynamic-versioning", "poetry-dynamic-versioning"}
)
_KNOWN_HOOKS = frozenset({"vcs", "fancy-pypi-readme", "requirements_txt"})
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_OUTSIDE = re.compile(
    r"(?:^|(?<=[\s\"'=,:(\[]))(?:[^\s\"'=,:()\[\]]*[/\\])?\.\.(?:[/\\][^\s\"',)\]]*)?(?=$|[\s\"',)\]])"
)
# Keys below `[tool]` that no backend builds from, and roots of repositories, which `git_state` covers.
_NOT_BUILT_FROM = frozenset(
    {"dependencies", "group", "dev-dependencies", "raw-options", "setuptools_scm", "envs"}
)
_BACKENDS_TABLES = frozenset(
    {"hatch", "setuptools", "setuptools_scm", "pdm", "flit", "poetry"}
    | {"setuptools-git-versioning", "versioningit", "poetry-dynamic-versioning", "uv-dynamic-versioning"}
)
_STEERING = (
    *(
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "MANIFEST.in",
        "hatch.toml",
        "hatch_build.py",
        "pdm_build.py",
    ),
    *("Cargo.toml", "CMakeLists.txt", "meson.build"),
)


@dataclass(frozen=True)
class BuildBackend:
    """The traits of a project's build, as far as they can be read from its files."""

    writes: bool
    """The build may write into the project's folder: it then builds in a copy."""
    asks_git: bool
    """The version or the list of files may come from git."""
    obeys_ignores: bool
    """The backend itself leaves out what git ignores, or takes it on purpose."""
    repeatable: bool
    """The result depends on the project's files, git and the known variables alone."""
    requirements: frozenset[str] = frozenset()
    """The normalized names of the build's requirements."""
    outside: tuple[str, ...] = ()
    """The paths in settings that leave the project, relative to it."""
    needs_git: bool = False
    """Without git the build fails, or takes along other files."""


def read_backend(root: Path) -> BuildBackend:
    """Return the traits of the build of the project in `root`; setuptools builds one that names no backend."""
    path = root / "pyproject.toml"
    document = read_pyproject(path).document if path.is_file() else None
    system = document.table("build-system") if document else None
    backend = (system.text("build-backend") if system else None) or _SETUPTOOLS[1]
    family = _FAMILIES.get(backend, "")
    tool = document.table("tool") if document else None
    values: Mapping[str, object] = tool.values if tool else {}
    requirements = _requirements(system)
    hooks = _hooks(values) if family == "hatchling" else frozenset[str]()
    from_git = (
        not requirements.isdisjoint(_FROM_GIT)
        or backend == "poetry_dynamic_versioning.backend"
        or (family == "pdm" and nested(values, "pdm", "version", "source") == "scm")
    )
    programs = _programs(root, family)
    is_known = (
        bool(family)
        and requirements <= _PLAIN | _FROM_GIT
        and hooks <= _KNOWN_HOOKS
        and not (system and "backend-path" in system)
        and not has_program(root, values)
    )
    # A plugin that is not known may read any table.
    tables = _BACKENDS_TABLES if is_known else values.keys() - {"uv"}
    texts = (*programs, *_paths(document, tables))
    outside = sorted({path for text in texts for path in _OUTSIDE.findall(text)})
    has_setup = family == "setuptools" and (root / "setup.py").exists()
    return BuildBackend(
        writes=not is_known or from_git or family == "pdm" or bool(hooks & {"vcs"}) or has_setup,
        asks_git=from_git or has_setup or not is_known,
        obeys_ignores=family in ("hatchling", "poetry"),
        repeatable=is_known
        and not outside
        and not any(map(is_program, programs))
        and has_literal_version(root, document, family, programs),
        requirements=requirements,
        outside=tuple(outside),
        needs_git=from_git or family == "poetry",
    )


def reaches_outside(root: Path) -> bool:
    """Return whether a file that steers the build of the project in `root` has a path with `..`."""
    for path in (root / name for name in _STEERING):
        if path.is_file():
            with reading(path):
                if _OUTSIDE.search(path.read_bytes().decode("utf-8", "replace")):
                    return True
    return False


def _requirements(system: TomlTable | None) -> frozenset[str]:
    lines = system.texts("requires") if system else ()
    # By a pattern: `packaging.requirements` takes 6 ms to import.
    names = (match[1] if (match := _NAME.match(line)) else line for line in lines)
    return frozenset(re.sub(r"[-_.]+", "-", name).lower() for name in names)


def _hooks(tool: Mapping[str, object]) -> frozenset[str]:
    """Return the names of hatchling's build and metadata hooks."""
    tables = [
        nested(tool, "hatch", *keys)
        for keys in (("build", "hooks"), ("build", "targets", "wheel", "hooks"), ("metadata", "hooks"))
    ]
    return frozenset(name for table in tables if isinstance(table, dict) for name in table)


def _programs(root: Path, family: str) -> list[str]:
    """Return the texts of setuptools' own files."""
    names = ("setup.py", "setup.cfg", "MANIFEST.in") if family == "setuptools" else ()
    texts = []
    for path in (root / name for name in names):
        if path.is_file():
            with reading(path):
                texts.append(path.read_bytes().decode("utf-8", "replace"))
    return texts


def _paths(document: TomlTable | None, tables: Iterable[str]) -> Iterator[str]:
    """Yield the strings of what a backend reads paths from: `tables` of `[tool]`, and standard keys."""
    if document is None:
        return
    tool, project = document.table("tool").values, document.table("project").values
    yield from _strings({key: project.get(key) for key in ("readme", "license")})
    yield from _strings({name: tool.get(name) for name in tables})
    yield from _strings(nested(tool, "uv", "build-backend"))


def _strings(value: object) -> Iterator[str]:
    """Yield the strings in a value of a TOML file, keys included."""
    waiting = [value]  # no recursion: a dotted key may have thousands of parts
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, inner in reversed(value.items()):
                if key not in _NOT_BUILT_FROM:
                    waiting += (inner, key)
        elif isinstance(value, list):
            waiting += reversed(value)
