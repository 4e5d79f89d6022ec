"""User name and password for the files of an index.

From the first of: the given credentials, the environment's credentials for an index that the project declares, netrc,
and, after an answer 401, the `keyring` program. Each is sent to one scheme, host and port only: those of its index.
"""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from constructs_lib.core.errors import ToolError
from constructs_lib.core.index.declared import environment_credentials
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import without_user
from constructs_lib.core.system.user_folders import home_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.index.declared import Index

_DEFAULT_PORTS = {"https": 443, "http": 80}
_KEYRING_TIMEOUT = 60
"""Seconds; a keyring may wait until its owner unlocks it."""


@dataclass(frozen=True)
class Login:
    """A user name and password, and their origin, which an error can name."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    origin: str


class Access:
    """The logins of one build. Safe to share between threads; keyring is asked once for each index."""

    def __init__(
        self,
        credentials: Sequence[Credentials] = (),
        indexes: Iterable[Index] = (),
        project: Path | None = None,
    ) -> None:
        self.credentials = tuple(credentials)
        self.project = project
        """The folder whose settings for uv hold for source builds."""
        self._indexes = list(indexes)
        by_argument = [
            (entry, f"the credentials given for index {entry.index_name!r}") for entry in credentials
        ]
        by_environment = environment_credentials(self._indexes, os.environ)
        self._known = [
            *by_argument,
            *((entry, f"the environment ({variable})") for entry, variable in by_environment),
        ]
        self._keyring: dict[str, Login | None] = {}
        self._lock = threading.Lock()

    def login(self, url: str, index: str | None, start: str = "") -> Login | None:
        """Return the login for the first request for the file at `url`, which the lock takes from `index`.

        `start` is the address before any redirect. netrc knows neither scheme nor port: its password goes over https,
        or to the origin of the index or of `start`, never to a plain address that a redirect names.
        """
        _, username, password = without_user(url)
        if username:
            return Login(username, password, "the address itself")
        matches = [(entry, origin) for entry, origin in self._known if covers(entry, url, index)]
        if matches:
            # The one with the longest path; of equals the first, which is one of the given ones.
            best, origin = max(matches, key=lambda match: _shared_path(match[0], index or url))
            return Login(best.username, best.password, origin)
        if _origin(url)[0] != "https" and not _same_origin(url, index or start or url):
            return None
        from requests.utils import get_netrc_auth

        entry = get_netrc_auth(url)
        return Login(entry[0], entry[1], "netrc") if entry else None

    def login_after_refusal(self, url: str, index: str | None) -> Login | None:
        """Return keyring's login, after the file's host has answered 401."""
        declared = [entry for entry in self._indexes if _same_origin(entry.url, url)]
        if index and _same_origin(index, url):
            declared = [entry for entry in declared if _index_path(entry.url) == _index_path(index)]
            services = [index]
        else:
            services = [entry.url for entry in declared[:1]]
        username = _username(declared[0]) if declared else ""
        services.append(urlsplit(url).netloc.rpartition("@")[2])
        with self._lock:
            if services[0] not in self._keyring:
                self._keyring[services[0]] = _ask_keyring(services, username)
            return self._keyring[services[0]]


def covers(credentials: Credentials, url: str, index: str | None) -> bool:
    """Return whether these credentials are for the file at `url`, which the lock takes from `index`.

    They are if the file has their index's scheme, host and port, and the lock takes it from that index or one below
    it. Where the lock names no index, or one on another host, the host alone decides: indexes serve files from other
    paths than their pages.
    """
    index_url = f"{credentials.scheme}://{credentials.normalized_index_url}"
    if not _same_origin(index_url, url):
        return False
    if not index or not _same_origin(index_url, index):
        return True
    return f"{_index_path(index)}/".startswith(f"{_index_path(index_url)}/")


def _shared_path(credentials: Credentials, url: str) -> int:
    """Return with how many folders of the index's path the path of `url` begins."""
    index_path = urlsplit(f"//{credentials.normalized_index_url}").path.split("/")
    pairs = zip(index_path, urlsplit(url).path.split("/"), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _index_path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").removesuffix("/simple").rstrip("/")


def _username(index: Index) -> str:
    return os.environ.get(f"{index.variables}_USERNAME") or index.username


def _same_origin(first: str, second: str) -> bool:
    return _origin(first) == _origin(second)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme.lower())


def _ask_keyring(services: Iterable[str], username: str) -> Login | None:
    """Ask the program on PATH as pip and uv do: for the index's address first, then for its host."""
    keyring = shutil.which("keyring")
    if keyring is None:
        return None
    # keyring reads a file of settings in its working directory, so that must be a folder of this user or of programs.
    home = home_folder()
    folder = home if home and home.is_dir() else Path(keyring).resolve().parent
    for service in services:
        question = ["get", service, username] if username else ["--mode", "creds", "get", service]
        try:
            answer = process.run([keyring, *question], cwd=folder, timeout=_KEYRING_TIMEOUT)
        except ToolError:
            continue  # no such entry, or a keyring that cannot be unlocked
        lines = answer.splitlines()
        if username and lines:
            return Login(username, lines[0], "keyring")
        if len(lines) == 2:
            return Login(lines[0], lines[1], "keyring")
    return None
