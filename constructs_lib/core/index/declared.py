"""The package indexes that a project declares, and their credentials in the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import Credentials, variable_part
from constructs_lib.core.log import log
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.system.secrets import without_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_lib.core.project.pyproject import NamedIndex, Project, PyProject

_BY_ADDRESS = (
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
)


@dataclass(frozen=True)
class Index:
    """An index that pyproject.toml declares, without secrets."""

    name: str
    url: str
    variables: str
    """The beginning of the environment variables with its credentials: `UV_INDEX_NAME`."""
    username: str = ""
    """The one in its address, for keyring; may be empty."""


def indexes_of(project: Project, lock_folder: Path) -> list[Index]:
    """Return the indexes of the project, then those of the workspace whose lock is in `lock_folder`."""
    indexes = list(declared_indexes(project.pyproject))
    path = lock_folder / "pyproject.toml"
    if lock_folder != project.root and path.is_file():
        indexes += declared_indexes(read_pyproject(path))
    return indexes


def declared_indexes(pyproject: PyProject) -> Iterator[Index]:
    """Yield the indexes in `[[tool.uv.index]]` and `[[tool.poetry.source]]` that have a name and an address.

    A table that cannot be read is one line of the log: the tool that reads it refuses it, another tool's lock does
    not need it.
    """
    try:
        yield from _named(pyproject.uv_indexes, "UV_INDEX")
    except ProjectError as error:
        log.warning("%s", error)
    try:
        yield from _named(pyproject.poetry_sources, "POETRY_HTTP_BASIC")
    except ProjectError as error:
        log.warning("%s", error)


def named_credentials(project: Project, name: str, url: str = "") -> Credentials:
    """Return the credentials in the environment for the index `name`: of pyproject.toml, or at `url` where that is given.

    Raises a ProjectError for an index that is not declared, and for a variable that is missing.
    """
    declared = {index.name: index for index in declared_indexes(project.pyproject)}
    index = Index(name, url, f"UV_INDEX_{variable_part(name)}") if url else declared.get(name)
    if index is None:
        names = ", ".join(sorted(declared)) or "none"
        raise ProjectError(
            "index-unknown",
            f"{project.path_pyproject_toml} declares no index {name!r}, but {names}: choose one of those, or give its "
            f"address too, {name}=https://…",
        )
    variables = (f"{index.variables}_USERNAME", f"{index.variables}_PASSWORD")
    return Credentials.from_env(
        name, index.url, username_variable=variables[0], password_variable=variables[1]
    )


def _named(indexes: tuple[NamedIndex, ...], prefix: str) -> Iterator[Index]:
    for name, url in indexes:
        if name and url:
            plain, username, _ = without_user(url)
            yield Index(name, plain, f"{prefix}_{variable_part(name)}", username)


def environment_credentials(
    indexes: list[Index], environment: Mapping[str, str]
) -> Iterator[tuple[Credentials, str]]:
    """Yield credentials with the variable they come from; a user name alone is for keyring, not enough here."""
    for index in [*indexes, *_environment_indexes(environment)]:
        username = environment.get(f"{index.variables}_USERNAME") or index.username
        password = environment.get(f"{index.variables}_PASSWORD", "")
        if password:
            yield (
                Credentials(index.name, index.url, username, password),
                f"{index.variables}_PASSWORD",
            )
    for variable in _BY_ADDRESS:
        for entry in environment.get(variable, "").split():
            url, username, password = without_user(entry.partition("=")[2] if _is_named(entry) else entry)
            if password:
                yield Credentials(variable, url, username, password), variable


def _environment_indexes(environment: Mapping[str, str]) -> Iterator[Index]:
    """Yield the indexes that `UV_INDEX="name=https://…"` names."""
    for variable in ("UV_INDEX", "UV_DEFAULT_INDEX"):
        for entry in filter(_is_named, environment.get(variable, "").split()):
            name, _, url = entry.partition("=")
            plain, username, _ = without_user(url)
            yield Index(name, plain, f"UV_INDEX_{variable_part(name)}", username)


def _is_named(entry: str) -> bool:
    return re.match(r"[\w.-]+=", entry) is not None
