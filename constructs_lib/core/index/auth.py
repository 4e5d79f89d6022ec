"""Which user name and password an index's file is asked for with.

In this order: the credentials that were given, those that the environment holds for an index that the project
names, netrc, and, after an answer 401, the `keyring` program. Each goes to one scheme, host and port only: those
of the index it belongs to.
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
from constructs_lib.core.index.declared import environment_credentials, without_user
from constructs_lib.core.system import process

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.index.declared import Index

_DEFAULT_PORTS = {"https": 443, "http": 80}
_KEYRING_TIMEOUT = 60
"""Seconds; a keyring may wait for its owner to unlock it."""


@dataclass(frozen=True)
class Login:
    """A user name and password, and where they come from."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    origin: str


class Access:
    """The logins of one build. Threads may share it; keyring is asked once for each index."""

    def __init__(
        self,
        credentials: Sequence[Credentials] = (),
        indexes: Iterable[Index] = (),
        project: Path | None = None,
    ) -> None:
        self.credentials = tuple(credentials)
        self.project = project
        """The folder whose settings for uv hold for what is built here."""
        self._indexes = list(indexes)
        given = [(each, f"the credentials given for index {each.index_name!r}") for each in credentials]
        found = environment_credentials(self._indexes, os.environ)
        self._known = [*given, *((each, f"the environment ({variable})") for each, variable in found)]
        self._keyring: dict[str, Login | None] = {}
        self._lock = threading.Lock()

    def login(self, url: str, index: str | None) -> Login | None:
        """What is sent with the first request for the file at `url`, which the lock takes from `index`."""
        _, username, password = without_user(url)
        if username:
            return Login(username, password, "the address itself")
        fitting = [(each, origin) for each, origin in self._known if covers(each, url, index)]
        if fitting:
            # The most special one; of equals the first, which is one that was given.
            best, origin = max(fitting, key=lambda pair: _shared_path(pair[0], index or url))
            return Login(best.username, best.password, origin)
        from requests.utils import get_netrc_auth

        found = get_netrc_auth(url)
        return Login(found[0], found[1], "netrc") if found else None

    def login_after_refusal(self, url: str, index: str | None) -> Login | None:
        """What keyring knows, once the file's host has answered 401."""
        near = [each for each in self._indexes if _same_origin(each.url, url)]
        if index and _same_origin(index, url):
            near = [each for each in near if _index_path(each.url) == _index_path(index)]
            services = [index]
        else:
            services = [each.url for each in near[:1]]
        username = _username(near[0]) if near else ""
        services.append(urlsplit(url).netloc.rpartition("@")[2])
        with self._lock:
            if services[0] not in self._keyring:
                self._keyring[services[0]] = _ask_keyring(services, username)
            return self._keyring[services[0]]


def covers(credentials: Credentials, url: str, index: str | None) -> bool:
    """Whether these credentials are meant for the file at `url`, which the lock takes from `index`.

    They are if the file lies on their index's scheme, host and port, and the lock takes it from that index or
    one below it. Where the lock names no index, or one on another host, the host alone decides: indexes serve
    files from other paths than their pages.
    """
    own = f"{credentials.scheme}://{credentials.normalized_index_url}"
    if not _same_origin(own, url):
        return False
    if not index or not _same_origin(own, index):
        return True
    return f"{_index_path(index)}/".startswith(f"{_index_path(own)}/")


def _shared_path(credentials: Credentials, url: str) -> int:
    """How many folders of the index's path `url` begins with."""
    own = urlsplit(f"//{credentials.normalized_index_url}").path.split("/")
    pairs = zip(own, urlsplit(url).path.split("/"), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _index_path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").removesuffix("/simple").rstrip("/")


def _username(index: Index) -> str:
    return os.environ.get(f"{index.variables}_USERNAME") or index.username


def _same_origin(one: str, other: str) -> bool:
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme.lower())


def _ask_keyring(services: Iterable[str], username: str) -> Login | None:
    """As pip and uv ask: the program on PATH, for the index's address first, then for its host."""
    keyring = shutil.which("keyring")
    if keyring is None:
        return None
    for service in services:
        question = ["get", service, username] if username else ["--mode", "creds", "get", service]
        try:
            answer = process.run([keyring, *question], cwd=Path.home(), timeout=_KEYRING_TIMEOUT)
        except ToolError:
            continue  # no such entry, or a keyring that nobody can unlock
        lines = answer.splitlines()
        if username and lines:
            return Login(username, lines[0], "keyring")
        if len(lines) == 2:
            return Login(lines[0], lines[1], "keyring")
    return None
