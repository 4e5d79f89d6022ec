"""A private index's user name and password, and how each tool is told of them.

Never by an argument list, which everybody on the machine can read: by the environment of the child alone, or
by a file of mode 0600 that is gone afterwards.
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
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FIELDS = ("index_name", "index_url", "username", "password")


@dataclass(frozen=True)
class Credentials:
    """What a password-protected package index wants to see."""

    index_name: str
    """As `[[tool.uv.index]]` or `[[tool.poetry.source]]` names it."""
    index_url: str
    """With or without `https://` and `/simple/`; without user name and password."""
    # A user name may be a token that stands alone, so neither is printed.
    username: str = field(repr=False)
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for what in _FIELDS:
            if problem := self._problem(what, getattr(self, what)):
                msg = f"the credentials of index {_name(self.index_name)} have a {what} that {problem}"
                raise ProjectError(msg)

    def _problem(self, what: str, value: object) -> str:
        if not isinstance(value, str):
            return f"is no text but {type(value).__name__}"
        if _CONTROL.search(value) or any("\ud800" <= letter <= "\udfff" for letter in value):
            return "holds a line end or another control character: was it read with its newline?"
        if what == "username" and ":" in value:
            return "holds a colon, which basic authentication cannot carry"
        if what == "index_name" and not re.search("[0-9A-Za-z]", value):
            return "has no letter or digit: name it as pyproject.toml does"
        return _url_problem(self._address) if what == "index_url" else ""

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

        A ProjectError names a variable that is missing or empty.
        """
        values = []
        for variable, what in ((username_variable, "USERNAME"), (password_variable, "PASSWORD")):
            name = variable or f"UV_INDEX_{variable_part(index_name)}_{what}"
            value = os.environ.get(name)
            if not value:
                state = "is not set" if value is None else "is empty"
                msg = f"the environment variable {name} {state}: the index {index_name!r} needs it"
                raise ProjectError(msg)
            values.append(value)
        return cls(index_name, index_url, *values)

    @classmethod
    def load(cls, path: str | Path) -> Credentials:
        """Read what `dump` wrote."""
        try:
            values = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(**{name: values[name] for name in _FIELDS})
        except OSError as error:
            msg = f"{path} cannot be read: {error.strerror}"
            raise ProjectError(msg) from None
        except (ValueError, KeyError, TypeError):
            msg = f"{path} does not hold credentials: a JSON object with {', '.join(_FIELDS)}"
            raise ProjectError(msg) from None

    def dump(self, path: str | Path) -> None:
        """Write a JSON file that nobody else can read at any moment, in place of what was there."""
        _write_private(Path(path), json.dumps(dataclasses.asdict(self)))

    # --- derived values ----------------------------------------------------------------------------------

    @property
    def _address(self) -> str:
        return self.index_url if "://" in self.index_url else f"https://{self.index_url}"

    @property
    def scheme(self) -> str:
        """`https`, unless `index_url` says `http`."""
        return urlsplit(self._address).scheme.lower()

    @property
    def normalized_index_url(self) -> str:
        """Host and path: no scheme, no `/simple`, no slash at the end."""
        parts = urlsplit(self._address)
        return (parts.netloc.lower() + parts.path).rstrip("/").removesuffix("/simple").rstrip("/")

    @property
    def uppercase_index_name(self) -> str:
        """The index's name as it stands in the environment variables of uv and Poetry."""
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
        """For a command line that nobody else can read, inside a container for instance."""
        return ["--index-url", self.pip_extra_index_url]

    @property
    def additional_pip_install_args_extra_index_url(self) -> list[str]:
        """As above; a second index invites dependency confusion (CVE-2018-20225)."""
        return ["--extra-index-url", self.pip_extra_index_url]

    # --- for a copied environment ------------------------------------------------------------------------

    def uv_environment(self) -> dict[str, str]:
        """The two variables by which uv learns of them."""
        return self._variables("UV_INDEX")

    def poetry_environment(self) -> dict[str, str]:
        """The two variables by which Poetry learns of them."""
        return self._variables("POETRY_HTTP_BASIC")

    def environment(self) -> dict[str, str]:
        """All variables, for a child that may be either tool."""
        return {**self.uv_environment(), **self.poetry_environment()}

    @contextmanager
    def pip_environment(self, base: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
        """A copy of `base` (this process's environment) in which pip finds the index and the password.

        They stand in a pip configuration of mode 0600, which takes over what the one in `base` says and is
        gone at the end, also after an interrupt or SIGTERM.
        """
        base = os.environ if base is None else base
        # pip puts the environment before its files.
        kept = {name: value for name, value in base.items() if name != "PIP_INDEX_URL"}
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
            path = Path(folder) / "pip.conf"
            self.write_pip_config(path, base.get("PIP_CONFIG_FILE"))
            yield {**kept, "PIP_CONFIG_FILE": str(path)}

    def write_pip_config(self, path: Path, other: str | None = None) -> None:
        """A pip configuration of mode 0600: this index as the default, and all else that `other` says."""
        config = configparser.RawConfigParser()
        with suppress(OSError, UnicodeDecodeError, configparser.Error):
            config.read(other or os.devnull, encoding="utf-8")
        if not config.has_section("global"):
            config.add_section("global")
        config.set("global", "index-url", self.pip_extra_index_url)
        text = io.StringIO()
        config.write(text)
        _write_private(path, text.getvalue())

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
    """A copy of `base` in which uv and Poetry find `credentials`; they win over what is there."""
    environment = dict(base)
    for each in credentials:
        environment |= each.environment()
    return environment


def for_index(url: str, credentials: Iterable[Credentials]) -> Credentials | None:
    """Those of `credentials` that belong to the index at `url`."""
    if _url_problem(url):
        return None
    own = Credentials("index", url, "", "")
    wanted = (own.scheme, own.normalized_index_url)
    return next((each for each in credentials if (each.scheme, each.normalized_index_url) == wanted), None)


def named_index(url: str, credentials: Iterable[Credentials]) -> str:
    """`name=url`, as uv's variables take it, where one of `credentials` is for this index; else `url`."""
    found = for_index(url, credentials)
    return f"{found.uppercase_index_name}={url}" if found else url


def variable_part(index_name: str) -> str:
    """As uv does it: ASCII letters and digits stay; Poetry differs only for names that it does not allow."""
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
        return "holds a user name or password: give them as username and password"
    if parts.scheme.lower() not in ("https", "http") or not parts.hostname:
        return "is no address: write https://host/path"
    return "has a query or fragment, which an index has not" if parts.query or parts.fragment else ""


def _write_private(path: Path, text: str) -> None:
    """Write beside `path` and rename: `mkstemp` makes the file with mode 0600, whatever was there before."""
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise ProjectError(msg) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
