"""Secrets: refused in manifests, masked in what programs say, kept out of archives."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MASK = "****"
SHORTEST = 4
"""Masking what is shorter would make a text unreadable and hide nothing."""
SHORTEST_REFUSED = 8
"""In a file that is going to be published, a shorter string is there by chance."""

# `scheme://user:password@host`; what comes after the first `/`, `?` or `#` is no user name (`…/repo@v1`).
_ADDRESS = re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*)://([^\s/?#"'<>`]+)@([^\s/?#"'<>`@]*)""")
# A password that should have been percent-encoded: after `host:` comes no port, and an `@` still follows.
_UNENCODED = re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*)://[^\s/?#"'<>`@:\[]+:(?!\d*(?:\W|$))[^\s"'<>`]*@()""")
_PLACEHOLDER = re.compile(r"\$\{\w+\}|\*+|")
# What the makers of these indexes prescribe as a user name; the secret is the password beside it.
_PUBLIC_USERS = frozenset(
    {"__token__", "_json_key_base64", "aws", "git", "oauth2", "oauth2accesstoken", "vsssessiontoken"}
)
_TOOLS = ("UV_", "PIP_", "POETRY_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SECRET_VARIABLE = re.compile(r"_(PASSWORD|TOKEN)$|^POETRY_PYPI_TOKEN_")


def refuse_credentials(text: str, where: str | Path) -> None:
    """Raise a ProjectError where an address in `text` carries a password or a token; `where` is its file.

    What is written there ends in every copy of the repository. `git@`, user names that are the same for
    everybody, and placeholders such as `${TOKEN}` are no secrets.
    """
    for number, line in enumerate(text.splitlines(), 1):
        for scheme, host in _exposed(line):
            address = f"{scheme}://{MASK}@{host}"
            msg = (
                f"{where}:{number}: {address} carries a user name or password: take it out and have it changed, then "
                f"give it as Credentials, by UV_INDEX_<NAME>_USERNAME and _PASSWORD, by netrc or by keyring"
            )
            raise ProjectError(msg)


def _exposed(line: str) -> Iterator[tuple[str, str]]:
    if "://" not in line or "@" not in line:
        return
    for scheme, userinfo, host in _ADDRESS.findall(line):
        user, _, password = userinfo.partition(":")
        public = user.lower() in _PUBLIC_USERS or scheme.lower().endswith("ssh")
        if not _PLACEHOLDER.fullmatch(password or user) and (password or not public):
            yield scheme, host
    yield from _UNENCODED.findall(line)


def secrets_of(environment: Mapping[str, str]) -> set[str]:
    """The passwords and tokens that uv, pip and Poetry (and proxies) are given by these variables."""
    found = set()
    for variable, value in environment.items():
        name = variable.upper()
        if name.startswith(_TOOLS) and _SECRET_VARIABLE.search(name):
            found.add(value)
        elif name.startswith(_TOOLS) and name.endswith("_USERNAME"):
            # A token may be a user name without a password.
            if not environment.get(f"{variable[: -len('USERNAME')]}PASSWORD"):
                found.add(value)
        elif name.startswith(_TOOLS) or name in _PROXIES:
            for _, userinfo, _ in _ADDRESS.findall(value):
                user, _, password = userinfo.partition(":")
                found.add(unquote(password or user))
    return found


def mask(text: str, secrets: Iterable[str]) -> str:
    """`text` without `secrets`, also where they are percent-encoded or written as JSON."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    return text


def refuse_secrets(name: str, content: bytes | bytearray, secrets: Iterable[str]) -> None:
    """Raise a ProjectError if the file `name`, which is about to be published, holds one of `secrets`."""
    for secret in secrets:
        forms = _forms(secret) if len(secret) >= SHORTEST_REFUSED else set()
        if any(form.encode() in content for form in forms):
            msg = f"{name} holds a password that was given as Credentials: take it out of that file"
            raise ProjectError(msg)


def _forms(secret: str) -> set[str]:
    if len(secret) < SHORTEST:
        return set()
    readable = secret.encode("utf-8", "surrogateescape")
    encoded = {quote(readable, safe=""), quote(readable), quote_plus(readable)}
    return {secret, *encoded, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
