"""Package indexes that a project names, and what the environment says of their credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.core.index.credentials import Credentials, variable_part
from constructs_lib.core.project.pyproject import read_toml
from constructs_lib.core.system.secrets import without_user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Tool, its table of indexes, and how its environment variables begin.
_DECLARED = (("uv", "index", "UV_INDEX"), ("poetry", "source", "POETRY_HTTP_BASIC"))
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
    """An index that pyproject.toml names, without secrets."""

    name: str
    url: str
    variables: str
    """How the environment variables with its credentials begin: `UV_INDEX_NAME`."""
    username: str = ""
    """From its address, where that has one: for keyring."""


def indexes_of(folders: Iterable[Path]) -> list[Index]:
    """The indexes that the pyproject.toml of these folders name; a folder without one names none."""
    paths = dict.fromkeys(folder / "pyproject.toml" for folder in folders)
    return [index for path in paths if path.is_file() for index in declared_indexes(read_toml(path))]


def declared_indexes(pyproject: Mapping[str, Any]) -> Iterator[Index]:
    """The indexes in `[[tool.uv.index]]` and `[[tool.poetry.source]]` that have a name and an address."""
    for tool, table, prefix in _DECLARED:
        rows = pyproject.get("tool", {}).get(tool, {}).get(table, ())
        for row in rows if isinstance(rows, list) else ():
            name, url = row.get("name"), row.get("url")
            if isinstance(name, str) and isinstance(url, str):
                plain, username, _ = without_user(url)
                yield Index(name, plain, f"{prefix}_{variable_part(name)}", username)


def environment_credentials(
    indexes: list[Index], environment: Mapping[str, str]
) -> Iterator[tuple[Credentials, str]]:
    """Credentials with the variable they come from; a user name alone is for keyring, not enough here."""
    for index in [*indexes, *_environment_indexes(environment)]:
        username = environment.get(f"{index.variables}_USERNAME") or index.username
        password = environment.get(f"{index.variables}_PASSWORD", "")
        if password:
            yield (
                Credentials(index.name, index.url, username, password),
                f"{index.variables}_PASSWORD",
            )
    for variable in _BY_ADDRESS:
        for each in environment.get(variable, "").split():
            url, username, password = without_user(each.partition("=")[2] if _is_named(each) else each)
            if password:
                yield Credentials(variable, url, username, password), variable


def _environment_indexes(environment: Mapping[str, str]) -> Iterator[Index]:
    """`UV_INDEX="name=https://…"` names an index too."""
    for variable in ("UV_INDEX", "UV_DEFAULT_INDEX"):
        for each in filter(_is_named, environment.get(variable, "").split()):
            name, _, url = each.partition("=")
            plain, username, _ = without_user(url)
            yield Index(name, plain, f"UV_INDEX_{variable_part(name)}", username)


def _is_named(entry: str) -> bool:
    return re.match(r"[\w.-]+=", entry) is not None
