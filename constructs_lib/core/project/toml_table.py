"""TOML files as tables with typed getters: a value of a wrong type is one error with file and key.

The model is `packaging.pylock`. A key is checked where it is read, so that a table which only other tools need cannot
stop a build.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

import tomli

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

T = TypeVar("T")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_VALUE = 80
"""Characters of a wrong value that an error quotes."""
_LONGEST_REASON = 160


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """Parse `text`, which was read from `path`; a ProjectError names the file with line and column."""
    try:
        return tomli.loads(text)
    except (
        ValueError
    ) as error:  # a TOMLDecodeError; a number with too many digits, a date that does not exist
        reason = str(error).partition(";")[0]
        raise ProjectError("toml-invalid", f"{path} is not valid TOML: {cut(reason)}") from None
    except RecursionError:
        raise ProjectError("toml-invalid", f"{path} is not valid TOML: it is nested too deeply") from None


def cut(text: str, limit: int = _LONGEST_REASON) -> str:
    """Return `text` no longer than a line can take; the rest of a foreign value says nothing more."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _quoted(value: object) -> str:
    try:
        return repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a table of thousands of levels
        return type(value).__name__


class TomlTable:
    """A table of a TOML file and its place there.

    A getter returns None or an empty value for a missing key, and raises a ProjectError for one of a wrong type.
    """

    def __init__(self, values: Mapping[str, Any], path: Path, error_id: str, key: str = "") -> None:
        self.values = values
        self.path = path
        self.error_id = error_id
        self.key = key
        """The table's own key, `tool.uv`; empty for the whole file."""

    @classmethod
    def parse(cls, content: bytes, path: Path, error_id: str) -> TomlTable:
        """Parse the bytes of `path`, which must be UTF-8 and free of credentials."""
        with reading(path):
            text = content.decode().removeprefix("\ufeff")  # uv takes a byte order mark too
        refuse_credentials(text, path)
        return cls(parse_toml(text, path), path, error_id)

    @classmethod
    def read(cls, path: Path, error_id: str) -> TomlTable:
        """Read and parse a file that must exist."""
        with reading(path):
            content = path.read_bytes()
        return cls.parse(content, path, error_id)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self.refusal(self.key_of(name), value, "a string")

    def required_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise ProjectError(self.error_id, f"{self.path}: {self.key_of(name)} is missing")
        return value

    def required_text_as(self, name: str, convert: Callable[[str], T], meaning: str) -> T:
        return self.convert(self.key_of(name), self.required_text(name), convert, meaning)

    def text_as(self, name: str, convert: Callable[[str], T], meaning: str) -> T | None:
        """Return a string as a value of another type; `convert` raises a ValueError for an unfit one."""
        text = self.text(name)
        return None if text is None else self.convert(self.key_of(name), text, convert, meaning)

    def number(self, name: str) -> int | None:
        value = self.values.get(name)
        # A bool is an int in Python; TOML tells them apart.
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self.refusal(self.key_of(name), value, "an integer")

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if isinstance(value, bool):
            return value
        raise self.refusal(self.key_of(name), value, "true or false")

    def texts(self, name: str) -> list[str]:
        """Return a list of strings."""
        values = self._list(name)
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise self.refusal(f"{self.key_of(name)}[{number}]", value, "a string")
        return values

    def texts_as(self, name: str, convert: Callable[[str], T], meaning: str) -> tuple[T, ...]:
        """Return a list of strings as values of another type, as `text_as` does."""
        key = self.key_of(name)
        return tuple(
            self.convert(f"{key}[{number}]", text, convert, meaning)
            for number, text in enumerate(self.texts(name))
        )

    def table(self, name: str) -> TomlTable:
        value = self.values.get(name, {})
        if isinstance(value, dict):
            return TomlTable(value, self.path, self.error_id, self.key_of(name))
        raise self.refusal(self.key_of(name), value, "a table")

    def tables(self, name: str) -> list[TomlTable]:
        """Return a list of tables, `[[name]]`."""
        return self._tables(self._list(name), self.key_of(name))

    def _tables(self, values: list[Any], key: str) -> list[TomlTable]:
        tables = []
        for number, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.refusal(f"{key}[{number}]", value, "a table")
            tables.append(TomlTable(value, self.path, self.error_id, f"{key}[{number}]"))
        return tables

    def lists_of_tables(self, name: str) -> list[list[TomlTable]]:
        """Return a list of lists of tables."""
        key = self.key_of(name)
        lists = []
        for number, value in enumerate(self._list(name)):
            if not isinstance(value, list):
                raise self.refusal(f"{key}[{number}]", value, "a list")
            lists.append(self._tables(value, f"{key}[{number}]"))
        return lists

    def table_or_tables(self, name: str) -> list[TomlTable]:
        """Return the tables of a key that may have one table or a list of them."""
        return [self.table(name)] if isinstance(self.values.get(name), dict) else self.tables(name)

    def texts_or_tables(self, name: str) -> list[tuple[str, str | TomlTable]]:
        """Return the strings and tables of a list that may mix them, each with its full key."""
        rows: list[tuple[str, str | TomlTable]] = []
        for number, value in enumerate(self._list(name)):
            key = f"{self.key_of(name)}[{number}]"
            if not isinstance(value, (str, dict)):
                raise self.refusal(key, value, "a string or a table")
            row = value if isinstance(value, str) else TomlTable(value, self.path, self.error_id, key)
            rows.append((key, row))
        return rows

    def key_of(self, name: str) -> str:
        """Return the dotted key of `name` in the file, in quotes where TOML needs them."""
        part = name if _BARE_KEY.fullmatch(name) else json.dumps(name)
        return f"{self.key}.{part}" if self.key else part

    def refusal(self, key: str, value: object, meaning: str) -> ProjectError:
        """Return the error for a `value` of the full `key` that is not `meaning`."""
        quoted = cut(_quoted(value), _LONGEST_VALUE)
        return ProjectError(self.error_id, f"{self.path}: {key} is {quoted}, it must be {meaning}")

    def _list(self, name: str) -> list[Any]:
        value = self.values.get(name, [])
        if isinstance(value, list):
            return value
        raise self.refusal(self.key_of(name), value, "a list")

    def convert(self, key: str, text: str, convert: Callable[[str], T], meaning: str) -> T:
        """Convert the `text` of the full `key`, as `text_as` does."""
        try:
            return convert(text)
        except ValueError as error:
            # Parsers of `packaging` quote the text on further lines and mark the place.
            reason = cut("".join(str(error).splitlines()[:1]))
            raise self.refusal(key, text, f"{meaning}: {reason}") from None
