"""A private index's user name and password, and how each tool gets them.

Never in an argument list, which every user of the machine can read: in the environment of the child alone, or in a
file of mode 0600 that is removed afterwards.
"""

from __future__ import annotations

import configparser
import dataclasses
import io
import json
import os
import re
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.system.files import atomic_write, reading
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FIELDS = ("index_name", "index_url", "username", "password")


@dataclass(frozen=True)
class Credentials:
    """A package index with the user name and password for it."""

    index_name: str
    """As `[[tool.uv.index]]` or `[[tool.poetry.source]]` names it."""
    index_url: str
    """With or without `https://` and `/simple/`; without user name and password."""
    # A user name may be a token that stands alone, so neither is printed.
    username: str = field(repr=False)
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in _FIELDS:
            if problem := self._problem(name, getattr(self, name)):
                raise ProjectError(
                    "credentials-invalid",
                    f"the credentials of index {_name(self.index_name)} have a {name} that {problem}",
                )

    def _problem(self, name: str, value: object) -> str:
        """Return what is wrong with a field, without its value; empty where nothing is."""
        if not isinstance(value, str):
            return f"is no text but {type(value).__name__}"
        if _CONTROL.search(value) or any("\ud800" <= letter <= "\udfff" for letter in value):
            return "contains a line end or another control character: was it read with its newline?"
        if name == "username" and ":" in value:
            return "contains a colon, which basic authentication cannot carry"
        if name == "index_name" and not re.search("[0-9A-Za-z]", value):
            return "has no letter or digit: name it as pyproject.toml does"
        return _url_problem(self._address) if name == "index_url" else ""

    @classmethod
    def from_env(
        cls,
        index_name: str,
        index_url: str,
        *,
        username_variable: str | None = None,
        password_variable: str | None = None,
    ) -> Credentials:
        """Read user name and password from environment variables; by default those that uv reads.

        Raises a ProjectError for a variable that is missing or empty.
        """
        values = []
        for variable, suffix in ((username_variable, "USERNAME"), (password_variable, "PASSWORD")):
            name = variable or f"UV_INDEX_{variable_part(index_name)}_{suffix}"
            value = os.environ.get(name)
            if not value:
                state = "is not set" if value is None else "is empty"
                raise ProjectError(
                    "variable-missing",
                    f"the environment variable {name} {state}: the index {index_name!r} needs it",
                )
            values.append(value)
        return cls(index_name, index_url, *values)

    @classmethod
    def load(cls, path: str | Path) -> Credentials:
        """Read a file that `dump` wrote."""
        with reading(path, "write it with Credentials.dump"):
            content = Path(path).read_bytes()
        try:
            values = json.loads(content)
            return cls(**{name: values[name] for name in _FIELDS})
        except (ValueError, KeyError, TypeError):
            raise ProjectError(
                "credentials-invalid",
                f"{path} does not contain credentials: a JSON object with {', '.join(_FIELDS)}",
            ) from None

    def dump(self, path: str | Path) -> None:
        """Write a JSON file that no other user can read at any moment; missing folders above it are made.

        Raises a StoreError where it cannot be written.
        """
        with atomic_write(Path(path), mode=0o600) as file:
            file.write(json.dumps(dataclasses.asdict(self)).encode())

    # --- derived values ----------------------------------------------------------------------------------

    @property
    def _address(self) -> str:
        return self.index_url if "://" in self.index_url else f"https://{self.index_url}"

    @property
    def scheme(self) -> str:
        """`http` where `index_url` begins with it, else `https`."""
        return urlsplit(self._address).scheme.lower()

    @property
    def normalized_index_url(self) -> str:
        """Host and path: no scheme, no `/simple`, no slash at the end."""
        parts = urlsplit(self._address)
        return (parts.netloc.lower() + parts.path).rstrip("/").removesuffix("/simple").rstrip("/")

    @property
    def uppercase_index_name(self) -> str:
        """The index's name in the environment variables of uv and Poetry."""
        return variable_part(self.index_name)

    @property
    def pip_extra_index_url(self) -> str:
        """The index's address with user name and password in it, percent-encoded."""
        user, password = (quote(value, safe="") for value in (self.username, self.password))
        return f"{self.scheme}://{user}:{password}@{self.normalized_index_url}/simple/"

    @property
    def secret(self) -> str:
        """The password, or the user name where that is a token without one."""
        return self.password or self.username

    @property
    def additional_pip_install_args_index_url(self) -> list[str]:
        """Arguments for a command line that no other user can read, inside a container for instance."""
        return ["--index-url", self.pip_extra_index_url]

    @property
    def additional_pip_install_args_extra_index_url(self) -> list[str]:
        """The same for a second index, which invites dependency confusion (CVE-2018-20225)."""
        return ["--extra-index-url", self.pip_extra_index_url]

    # --- for a copied environment ------------------------------------------------------------------------

    def uv_environment(self) -> dict[str, str]:
        """Return the two variables from which uv reads them."""
        return self._variables("UV_INDEX")

    def poetry_environment(self) -> dict[str, str]:
        """Return the two variables from which Poetry reads them."""
        return self._variables("POETRY_HTTP_BASIC")

    def environment(self) -> dict[str, str]:
        """Return all variables, for a child that may be either tool."""
        return {**self.uv_environment(), **self.poetry_environment()}

    @contextmanager
    def pip_environment(self, base: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
        """Yield a copy of `base` (this process's environment) in which pip finds the index and the password.

        They are in a pip configuration of mode 0600 that includes the one in `base`. It is removed at the end, also
        after an interrupt or SIGTERM.
        """
        base = os.environ if base is None else base
        # pip prefers the environment to its files.
        environment = {name: value for name, value in base.items() if name != "PIP_INDEX_URL"}
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
            path = Path(folder) / "pip.conf"
            self.write_pip_config(path, base.get("PIP_CONFIG_FILE"))
            yield {**environment, "PIP_CONFIG_FILE": str(path)}

    def write_pip_config(self, path: Path, other: str | None = None) -> None:
        """Write a pip configuration of mode 0600: this index as the default, all else from the file `other`."""
        config = configparser.RawConfigParser()
        with suppress(OSError, UnicodeDecodeError, configparser.Error):
            config.read(other or os.devnull, encoding="utf-8")
        if not config.has_section("global"):
            config.add_section("global")
        config.set("global", "index-url", self.pip_extra_index_url)
        text = io.StringIO()
        config.write(text)
        with atomic_write(path, mode=0o600) as file:
            file.write(text.getvalue().encode())

    # --- for this process --------------------------------------------------------------------------------

    def uv_login(self) -> tuple[str, str]:
        """Set uv's two variables in this process and return their names."""
        return self._login(self.uv_environment())

    def poetry_login(self) -> tuple[str, str]:
        """Set Poetry's two variables in this process and return their names."""
        return self._login(self.poetry_environment())

    def _login(self, variables: dict[str, str]) -> tuple[str, str]:
        os.environ.update(variables)
        username, password = variables
        return username, password

    def _variables(self, tool: str) -> dict[str, str]:
        start = f"{tool}_{self.uppercase_index_name}"
        return {f"{start}_USERNAME": self.username, f"{start}_PASSWORD": self.password}


def with_credentials(base: Mapping[str, str], credentials: Iterable[Credentials]) -> dict[str, str]:
    """Return a copy of `base` in which uv and Poetry find `credentials`, which replace those that are there."""
    environment = dict(base)
    for entry in credentials:
        environment |= entry.environment()
    return environment


def for_index(url: str, credentials: Iterable[Credentials]) -> Credentials | None:
    """Return the first of `credentials` that belongs to the index at `url`."""
    if _url_problem(url):
        return None
    index = Credentials("index", url, "", "")
    for entry in credentials:
        if (entry.scheme, entry.normalized_index_url) == (index.scheme, index.normalized_index_url):
            return entry
    return None


def named_index(url: str, credentials: Iterable[Credentials]) -> str:
    """Return `name=url`, as uv's variables accept it, where one of `credentials` is for this index; else `url`."""
    entry = for_index(url, credentials)
    return f"{entry.uppercase_index_name}={url}" if entry else url


def variable_part(index_name: str) -> str:
    """Return an index's name as in a variable's name.

    As uv does: ASCII letters and digits stay. Poetry differs only for names that it does not allow.
    """
    return re.sub("[^0-9A-Za-z]", "_", index_name).upper()


def _name(value: object) -> str:
    return repr(value) if isinstance(value, str) else "without a name"


def _url_problem(address: str) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return "is no address: write https://host/path"
    if "@" in parts.netloc:
        return "contains a user name or password: give them as username and password"
    if parts.scheme.lower() not in ("https", "http") or not parts.hostname:
        return "is no address: write https://host/path"
    return "has a query or fragment, which no index has: remove it" if parts.query or parts.fragment else ""
