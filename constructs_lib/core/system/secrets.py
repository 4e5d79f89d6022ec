"""Secrets: addresses with a user name and password, and passwords in texts, files and environments.

An address is split into its parts, redacted in what a person reads, refused in what is committed. A known password
is masked in what a program writes, and refused in what is published.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, quote_plus, unquote, urlsplit

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MASK = "****"
SHORTEST = 4
"""Letters of a password that is masked: masking a shorter one would make a text unreadable and hide nothing."""
SHORTEST_REFUSED = 8
"""Letters of a password that is refused in a published file: a shorter one is there by chance."""

# What comes after the first `/`, `?` or `#` of an address is no user name (`…/repo@v1`).
_USER_INFO = re.compile(r"://([^/?#\s]+)@")
# `scheme://user:password@host` in a text, where quotes and brackets end an address.
_ADDRESS = re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*)://([^\s/?#"'<>`]+)@([^\s/?#"'<>`@]*)""")
# A password that should have been percent-encoded: after `host:` comes no port, and an `@` still follows.
_UNENCODED = re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*)://[^\s/?#"'<>`@:\[]+:(?!\d*(?:\W|$))[^\s"'<>`]*@()""")
_GIT = "git+"
_MASKED = re.compile(r"\**")
_PLACEHOLDER = re.compile(r"\$\{\w+\}|\*+|")
# User names that the makers of these indexes prescribe; the secret is the password beside it.
_PUBLIC_USERS = frozenset(
    {"__token__", "_json_key_base64", "aws", "git", "oauth2", "oauth2accesstoken", "vsssessiontoken"}
)
_TOOLS = ("UV_", "PIP_", "POETRY_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SECRET_VARIABLE = re.compile(r"_(PASSWORD|TOKEN)$|^POETRY_PYPI_TOKEN_")


# --- addresses with a user name and password -----------------------------------------------------------------


class Address(NamedTuple):
    """An address apart from the user name and password in it."""

    url: str
    """Without user name, password, query and fragment."""
    username: str
    password: str


def without_user(url: str) -> Address:
    """Split an address; user name and password are decoded, and empty where it has none."""
    parts = urlsplit(url)
    user_info, _, host = parts.netloc.rpartition("@")
    username, _, password = user_info.partition(":")
    plain = parts._replace(netloc=host, query="", fragment="").geturl()
    return Address(plain, unquote(username), unquote(password))


def passwords_in(text: str) -> set[str]:
    """Return the password of each address in `text`, or its lone user name, which may be a token.

    Each as it is written and decoded.
    """
    passwords = set()
    for user_info in _USER_INFO.findall(text):
        username, _, password = user_info.partition(":")
        passwords |= {password or username, unquote(password or username)}
    return passwords


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without the user name and password of any address in it, and without `secrets`."""
    return _USER_INFO.sub(f"://{MASK}@", mask(text, secrets))


def refuse_credentials(text: str, where: str | Path) -> None:
    """Raise a ProjectError if an address in `text` has a password or a token; `where` names its file.

    Such a text ends in every copy of the repository. `git@`, user names that are the same for everybody, and
    placeholders such as `${TOKEN}` are no secrets; but in the address of a git repository a placeholder's value would
    stand in git's arguments.
    """
    for number, line in enumerate(text.splitlines(), 1):
        for scheme, host in _exposed(line):
            address = f"{where}:{number}: {scheme}://{MASK}@{host}"
            if scheme.lower().startswith(_GIT):
                raise ProjectError(
                    "credentials-exposed",
                    f"{address} carries a user name or password: remove it, and give git access by a credential helper",
                )
            raise ProjectError(
                "credentials-exposed",
                f"{address} carries a user name or password: remove it and have it changed, then give it as "
                f"Credentials, by UV_INDEX_<NAME>_USERNAME and _PASSWORD, by netrc or by keyring",
            )


def _exposed(line: str) -> Iterator[tuple[str, str]]:
    """Yield scheme and host of each address with a secret."""
    if "://" not in line or "@" not in line:
        return
    for scheme, user_info, host in _ADDRESS.findall(line):
        user, _, password = user_info.partition(":")
        is_public = user.lower() in _PUBLIC_USERS or scheme.lower().endswith("ssh")
        harmless = _MASKED if scheme.lower().startswith(_GIT) else _PLACEHOLDER
        if not harmless.fullmatch(password or user) and (password or not is_public):
            yield scheme, host
    yield from _UNENCODED.findall(line)


# --- known passwords -----------------------------------------------------------------------------------------


def secrets_of(environment: Mapping[str, str]) -> set[str]:
    """Return the passwords and tokens that these variables hold for uv, pip, Poetry and proxies."""
    secrets = set()
    for variable, value in environment.items():
        name = variable.upper()
        if name.startswith(_TOOLS) and _SECRET_VARIABLE.search(name):
            secrets.add(value)
        elif name.startswith(_TOOLS) and name.endswith("_USERNAME"):
            # A token may be a user name without a password.
            if not environment.get(f"{variable[: -len('USERNAME')]}PASSWORD"):
                secrets.add(value)
        elif name.startswith(_TOOLS) or name in _PROXIES:
            secrets |= passwords_in(value)
    return secrets


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without `secrets`, also where they are percent-encoded or written as JSON."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    return text


def refuse_secrets(name: str, content: bytes | bytearray, secrets: Iterable[str]) -> None:
    """Raise a ProjectError if the file `name`, which is about to be published, contains one of `secrets`."""
    for secret in secrets:
        forms = _forms(secret) if len(secret) >= SHORTEST_REFUSED else set()
        if any(form.encode() in content for form in forms):
            raise ProjectError(
                "secret-published",
                f"{name} holds a password that was given as Credentials: remove it from that file",
            )


def _forms(secret: str) -> set[str]:
    """Return the ways in which programs write a password; none where it is too short to be masked."""
    if len(secret) < SHORTEST:
        return set()
    readable = secret.encode("utf-8", "surrogateescape")
    encoded = {quote(readable, safe=""), quote(readable), quote_plus(readable)}
    return {secret, *encoded, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
