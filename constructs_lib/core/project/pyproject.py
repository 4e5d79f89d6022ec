"""A project and its pyproject.toml, which is parsed once into a typed value (PEP 518, 621 and 735)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.aws_facts import BY_PREFERENCE
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.toml_table import TomlTable
from constructs_lib.core.system.files import reading
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

    from constructs_lib.core.project.requirements import ProjectRequirements
    from constructs_lib.core.project.uv_settings import UvSettings


class NamedIndex(NamedTuple):
    """A package index as pyproject.toml declares it; either part may be empty."""

    name: str
    url: str


class PyProject:
    """A parsed pyproject.toml; a key is checked when it is first read.

    Every wrong shape is a ProjectError `pyproject-invalid` with file and key.
    """

    def __init__(self, document: TomlTable, content: bytes) -> None:
        self.document = document
        self.content = content
        """The bytes of the file."""

    @property
    def path(self) -> Path:
        return self.document.path

    @cached_property
    def _project(self) -> TomlTable:
        """The `[project]` table, empty where there is none."""
        return self.document.table("project")

    @cached_property
    def name(self) -> str | None:
        return self._project.text("name")

    @property
    def is_described(self) -> bool:
        """True if a table gives the project a name and a version: `[project]` or `[tool.poetry]`."""
        return "project" in self.document or "poetry" in self.document.table("tool")

    @cached_property
    def version(self) -> str | None:
        """The version as it is written there; None where it is dynamic or missing."""
        return self._project.text("version")

    @property
    def poetry_version(self) -> str | None:
        """The version in `[tool.poetry]`, for a project without `[project]`."""
        version = _value(self.document.table("tool"), "poetry", "version")
        return version if isinstance(version, str) else None

    @property
    def is_plain_poetry(self) -> bool:
        """True for Poetry's non-package mode, in which a project needs no version."""
        return _value(self.document.table("tool"), "poetry", "package-mode") is False

    @cached_property
    def dynamic(self) -> frozenset[str]:
        """The keys of `[project]` that the build backend decides."""
        return frozenset(self._project.texts("dynamic"))

    def lists(self, *keys: str) -> bool:
        """Return whether the file itself, and not the build backend, has these keys of `[project]`.

        A `[tool.poetry]` beside a `[project]` without dependencies may have them, as uv sees it too.
        """
        is_poetrys = "dependencies" not in self._project and isinstance(
            self.document.table("tool").values.get("poetry"), dict
        )
        return bool(self._project.values) and not is_poetrys and self.dynamic.isdisjoint(keys)

    @cached_property
    def poetry_python(self) -> tuple[SpecifierSet, ...]:
        """The alternatives of `python` in `[tool.poetry.dependencies]`; empty where it has none."""
        dependencies = _value(self.document.table("tool"), "poetry", "dependencies")
        python = dependencies.get("python") if isinstance(dependencies, dict) else None
        text = python.get("version") if isinstance(python, dict) else python
        if not isinstance(text, str):
            return ()
        from constructs_lib.core.project.poetry_python import poetry_ranges  # as below

        table = self.document.table("tool").table("poetry").table("dependencies")
        return table.convert(table.key_of("python"), text, poetry_ranges, "a version constraint of Poetry")

    @cached_property
    def requires_python(self) -> SpecifierSet | None:
        # 3 ms, and the construct of a source asks only for name and version.
        from packaging.specifiers import SpecifierSet

        return self._project.text_as("requires-python", SpecifierSet, "a version specifier")

    @property
    def is_package(self) -> bool:
        """True if the project names the backend that makes it a wheel (PEP 518), and does not refuse to be a package.

        uv's `package = false` and Poetry's `package-mode = false` refuse it, and `poetry init` writes a backend anyway.
        """
        tool = self.document.table("tool")
        refusals = (_value(tool, "uv", "package"), _value(tool, "poetry", "package-mode"))
        return self._build_system is not None and False not in refusals

    @cached_property
    def _build_system(self) -> TomlTable | None:
        return self.document.table("build-system") if "build-system" in self.document else None

    @cached_property
    def requirements(self) -> ProjectRequirements:
        """The dependencies, extras and dependency groups."""
        # 9 ms of packaging: the command line's help and a source's construct need none of it.
        from constructs_lib.core.project.requirements import ProjectRequirements

        return ProjectRequirements(self.document)

    @cached_property
    def uv(self) -> UvSettings:
        """The `[tool.uv]` table."""
        # As above.
        from constructs_lib.core.project.uv_settings import UvSettings

        return UvSettings(self.document.table("tool").table("uv"))

    @cached_property
    def uv_indexes(self) -> tuple[NamedIndex, ...]:
        """The rows of `[[tool.uv.index]]`."""
        return _indexes(self.document.table("tool").table("uv"), "index")

    @cached_property
    def flat_indexes(self) -> tuple[str, ...]:
        """The pages and folders of files that `[tool.uv]` names: `find-links`, and indexes of the format `flat`."""
        uv = self.document.table("tool").table("uv")
        flat = (row.text("url") or "" for row in uv.tables("index") if row.text("format") == "flat")
        return (*uv.texts("find-links"), *flat)

    @cached_property
    def poetry_sources(self) -> tuple[NamedIndex, ...]:
        """The rows of `[[tool.poetry.source]]`."""
        return _indexes(self.document.table("tool").table("poetry"), "source")


def _value(table: TomlTable, name: str, key: str) -> object:
    """Return a value of a tool's table, of whatever type; a table of another shape is not this library's to judge."""
    inner = table.values.get(name)
    return inner.get(key) if isinstance(inner, dict) else None


def _indexes(table: TomlTable, name: str) -> tuple[NamedIndex, ...]:
    return tuple(NamedIndex(row.text("name") or "", row.text("url") or "") for row in table.tables(name))


def read_pyproject(path: Path) -> PyProject:
    """Read a pyproject.toml that must exist, be UTF-8 and carry no credentials."""
    with reading(path):
        content = path.read_bytes()
    return _parse(content, path)


# The layers of one app, and the members of one workspace, read the same few files.
@lru_cache(maxsize=32)
def _parse(content: bytes, path: Path) -> PyProject:
    return PyProject(TomlTable.parse(content, path, "pyproject-invalid"), content)


PROJECT_FILES = (
    "pyproject.toml",
    *("requirements.txt", "pylock.toml", "Pipfile.lock", "Pipfile"),
    *("setup.py", "setup.cfg", "requirements.in"),
)
"""The files that make a folder a project."""


def folder_of(entry: str | Path) -> Path:
    """Return the folder `entry` as an absolute path; raise a ProjectError where there is none."""
    try:
        root = Path(entry).resolve()
        problem = "" if root.is_dir() else "is not a folder" if root.exists() else "does not exist"
    except (OSError, RuntimeError, ValueError) as error:  # too long, closed, a loop of links, a zero byte
        root, reason = Path(entry), error.strerror if isinstance(error, OSError) else error
        problem = f"cannot be opened: {reason}"
    if problem:
        raise ProjectError(
            "entry-invalid",
            f"entry {str(entry)!r} {problem} ({root}): give the folder that holds pyproject.toml or the lock file",
        )
    return root


@dataclass(frozen=True)
class Project:
    """The folder of a project, with or without a `pyproject.toml`."""

    root: Path

    @classmethod
    def at(cls, entry: str | Path) -> Project:
        """Return the project in the folder `entry`, a path that may be relative to the working directory."""
        root = folder_of(entry)
        # A function's folder may hold nothing but its code.
        if not any((root / name).is_file() for name in PROJECT_FILES) and not any(root.glob("*.py")):
            raise ProjectError(
                "pyproject-missing",
                f"{root} holds no project: neither a *.py file nor one of {', '.join(PROJECT_FILES[:4])}; give the "
                f"folder of the function, or write its dependencies into a requirements.txt there",
            )
        return cls(root)

    @property
    def path_pyproject_toml(self) -> Path:
        return self.root / "pyproject.toml"

    @cached_property
    def pyproject(self) -> PyProject:
        """The parsed pyproject.toml; an empty one where the folder has none."""
        path = self.path_pyproject_toml
        if not path.exists():
            return PyProject(TomlTable({}, path, "pyproject-invalid"), b"")
        return read_pyproject(path)

    @property
    def name(self) -> str:
        """The name in `[project]`, else that of the folder."""
        return self.pyproject.name or self.root.name

    @property
    def version(self) -> str | None:
        """The version in `[project]`; None where it is dynamic or missing."""
        return self.pyproject.version

    @property
    def is_package(self) -> bool:
        """True if the project names the backend that makes it a wheel (PEP 518), or has a setup.py alone."""
        if not self.path_pyproject_toml.exists():
            return (self.root / "setup.py").is_file()
        return self.pyproject.is_package


def newest_python(project: Project) -> str:
    """Return the newest Python of Lambda that the project allows, `3.13`; the newest of all if it allows none.

    `requires-python` decides, else `python` in `[tool.poetry.dependencies]`.

    A preview comes last: it is for a project that allows nothing else. A project that cannot be read gets the newest
    too: its build raises the error.
    """
    targets = [Target(python) for python in BY_PREFERENCE]
    try:
        pyproject = project.pyproject
        required = pyproject.requires_python
        allowed = (required,) if required is not None else pyproject.poetry_python
        # Raises for a part of thousands of digits.
        _ = [targets[0].is_in(specifiers) for specifiers in allowed]
    except (ProjectError, ValueError):
        allowed = ()
    fitting = (target for target in targets if not allowed or any(map(target.is_in, allowed)))
    return next(fitting, targets[0]).python_version
