"""The code of a project that runs in its build: what it gives may depend on anything, the clock included."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_lib.core.project.toml_table import TomlTable

_SETTINGS: Final = (
    *(("poetry", "build"), ("setuptools", "cmdclass")),
    *(("pdm", "build", "custom-hook"), ("pdm", "build", "hooks")),
)
_FILES = ("hatch.toml", "pdm_build.py")
# The tables in which plugins read how a version is made.
_VERSIONS: Final = (
    *(("setuptools_scm",), ("setuptools-git-versioning",), ("versioningit",), ("hatch", "version")),
    *(("uv-dynamic-versioning",), ("poetry-dynamic-versioning",), ("pdm", "version")),
)
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_TEMPLATE = re.compile(r"\{.*\b(?:env|now|timestamp|datetime)\b")
_KEYS = frozenset(
    {"module", "format-jinja-imports", "version_callback", "branch_formatter", "tag_formatter", "tag_filter"}
)
# A setup.py that does more than to name files.
_PROGRAM = re.compile(
    r"\b(?:cmdclass|environb?|getenv|subprocess|popen|system|pardir|parents|now|today|__import__|import_module)\b"
    r"|\.parent\s*\.parent|dirname\s*\([^)]*dirname"
)
_IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w., ]+))", re.MULTILINE)
_PLAIN_IMPORTS = frozenset(
    {
        "setuptools",
        "distutils",
        "__future__",
        "ast",
        "codecs",
        "glob",
        "io",
        "json",
        "os",
        "pathlib",
        "re",
        "sys",
        "typing",
    }
    | {"pbr", "setuptools_scm", "versioningit", "configparser", "tomllib"}
)
_ATTRIBUTE = re.compile(r"^\s*version\s*=\s*attr:\s*([\w.]+)\s*$", re.MULTILINE)


def nested(values: object, *keys: str) -> object:
    """Return the value of nested keys; None where one is missing."""
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def has_program(root: Path, tool: Mapping[str, object]) -> bool:
    """Return whether a setting or file makes code of the project, or a variable, a part of the build."""
    return (
        any(nested(tool, *keys) for keys in _SETTINGS)
        or nested(tool, "pdm", "version", "source") == "call"
        or nested(tool, "hatch", "version", "source") in ("code", "env")
        or any((root / name).exists() for name in _FILES)
        or any(map(_runs, (nested(tool, *keys) for keys in _VERSIONS)))
    )


def _runs(value: object) -> bool:
    """Return whether a versioning plugin's setting names a function, or a template asks for a variable or the time."""
    if isinstance(value, str):
        return bool(_FUNCTION.fullmatch(value) or _TEMPLATE.search(value))
    if isinstance(value, dict):
        return not _KEYS.isdisjoint(value) or any(map(_runs, value.values()))
    return isinstance(value, list) and any(map(_runs, value))


def is_program(text: str) -> bool:
    """Return whether a file of setuptools does more than to name files and to read those of the project."""
    modules = (
        name.strip().partition(" ")[0].partition(".")[0]
        for match in _IMPORT.finditer(text)
        for name in (match[1] or match[2]).split(",")
    )
    return bool(_PROGRAM.search(text)) or not _PLAIN_IMPORTS.issuperset(filter(None, modules))


def has_literal_version(root: Path, document: TomlTable | None, family: str, programs: Sequence[str]) -> bool:
    """Return whether a version that is read from a module is a literal there; otherwise the module is run."""
    project = document.table("project").values if document else {}
    dynamic = project.get("dynamic")
    attributes = [match[1] for text in programs for match in _ATTRIBUTE.finditer(text)]
    if document and isinstance(dynamic, list) and "version" in dynamic:
        tool = document.table("tool").values
        if isinstance(attribute := nested(tool, "setuptools", "dynamic", "version", "attr"), str):
            attributes.append(attribute)
        if family == "flit":
            module = nested(tool, "flit", "module", "name") or str(project.get("name")).replace("-", "_")
            attributes.append(f"{module}.__version__")
    return all(_is_literal(root, attribute) for attribute in attributes)


def _is_literal(root: Path, attribute: str) -> bool:
    module, _, name = attribute.rpartition(".")
    literal = re.compile(
        rf"^{re.escape(name)}\s*(?::[^=\n]*)?=\s*([\"'])[^\"'\n]*\1\s*(?:#.*)?$", re.MULTILINE
    )
    return any(literal.search(text) for text in _texts(root, module.split(".")))


def _texts(root: Path, module: Sequence[str]) -> Iterator[str]:
    """Yield the texts of a module, in the project's folder or in one below it."""
    path = Path(*module)
    for folder in (root, *(entry for entry in root.iterdir() if entry.is_dir())):
        for file in (folder / path / "__init__.py", folder / path.with_suffix(".py")):
            try:
                yield file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
