"""Secrets: addresses with a user name and password, and passwords in texts, files and environments.

An address is split into its parts, redacted in what a person reads, refused in what is committed. A known password
is masked in what a program writes, and refused in what is published.
"""

from __future__ import annotations

import json
import re
import sys
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
# Texts, which `re` compiles and remembers where one is needed: most builds need none, and all would take 8 ms.
# `scheme://user:password@host` in a text, where quotes and brackets end an address.
_ADDRESS = r"""([A-Za-z][A-Za-z0-9+.-]*)://([^\s/?#"'<>`]+)@([^\s/?#"'<>`@]*)"""
# A password that should have been percent-encoded: after `host:` comes no port, and an `@` still follows.
_UNENCODED = r"""([A-Za-z][A-Za-z0-9+.-]*)://[^\s/?#"'<>`@:\[]+:(?!\d*(?:\W|$))[^\s"'<>`]*@()"""
# The query of an address: signed addresses and some indexes have their token there.
_QUERY = r"""([A-Za-z][A-Za-z0-9+.-]*://[^\s?#"'<>`]*)\?([^\s#"'<>`]+)"""
_PARAMETER = r"([^&;=]*)=?[^&;]*"
_SIGNED = (
    r"""(?i)([A-Za-z][A-Za-z0-9+.-]*)://([^\s/?#"'<>`]+)[^\s?#"'<>`]*\?(?:[^\s#"'<>`]*[&;])?"""
    r"""(?:[\w-]*(?:token|signature|credential|password|passwd|secret)|sig|api[-_]?key|auth)=(?!\$\{)[^\s&;#"'<>`]{8}"""
)
_AUTHORIZATION = (
    r"""(?i)(authorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|digest|token)\s+)?)[^\s"',]{8,}"""
)
_ESCAPED = r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|/)"
_GIT = "git+"
_MASKED = r"\**"
_PLACEHOLDER = r"\$\{\w+\}|\*+|"
# User names that the makers of these indexes prescribe; the secret is the password beside it.
_PUBLIC_USERS = frozenset(
    {"__token__", "_json_key_base64", "aws", "git", "oauth2", "oauth2accesstoken", "vsssessiontoken"}
)
_BROKEN = r"(?:\s*\n\s*)?"
_URL_SAFE = str.maketrans("+/", "-_")
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
    """Return `text` without `secrets`, and without what may be one.

    That is the user name and password of any address, the values of its query, and an Authorization header.
    """
    text = _USER_INFO.sub(f"://{MASK}@", mask(text, secrets))
    text = re.sub(_QUERY, lambda match: f"{match[1]}?{re.sub(_PARAMETER, _without_value, match[2])}", text)
    return re.sub(_AUTHORIZATION, rf"\g<1>{MASK}", text)


def _without_value(parameter: re.Match[str]) -> str:
    if not parameter[0]:
        return ""
    return f"{parameter[1]}={MASK}" if "=" in parameter[0] else MASK


def refuse_credentials(text: str, where: str | Path) -> None:
    """Raise a ProjectError if an address in `text` has a password or a token; `where` names its file.

    Such a text ends in every copy of the repository. `git@`, user names that are the same for everybody, and
    placeholders such as `${TOKEN}` are no secrets; but in the address of a git repository a placeholder's value would
    stand in git's arguments.
    """
    if not any(letter in text for letter in "@?\\"):  # hundreds of lines, and nothing to find in them
        return
    for number, line in enumerate(map(_unescaped, text.splitlines()), 1):
        for scheme, host in re.findall(_SIGNED, line) if "?" in line else ():
            raise ProjectError(
                "credentials-exposed",
                f"{where}:{number}: {scheme}://{host.rpartition('@')[2]} carries a token in its query: have it changed, "
                f"and lock the file by an address without a token, whose index takes Credentials, netrc or keyring",
            )
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


def _unescaped(line: str) -> str:
    """Return a line of TOML or JSON with the characters that it writes as escapes."""
    if "\\" not in line:
        return line

    def character(match: re.Match[str]) -> str:
        number = int(match[1] or match[2] or "2f", 16)
        return chr(number) if number <= sys.maxunicode else match[0]

    return re.sub(_ESCAPED, character, line)


def _exposed(line: str) -> Iterator[tuple[str, str]]:
    """Yield scheme and host of each address with a secret."""
    if "://" not in line or "@" not in line:
        return
    for scheme, user_info, host in re.findall(_ADDRESS, line):
        user, _, password = user_info.partition(":")
        is_public = user.lower() in _PUBLIC_USERS or scheme.lower().endswith("ssh")
        harmless = _MASKED if scheme.lower().startswith(_GIT) else _PLACEHOLDER
        if not re.fullmatch(harmless, password or user) and (password or not is_public):
            yield scheme, host
    yield from re.findall(_UNENCODED, line)


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
    """Return `text` without `secrets`, also where they are encoded or broken over two lines."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(_BROKEN.join(map(re.escape, form)), MASK, text, flags=re.IGNORECASE)
    return text


def refuse_secrets(name: str, content: bytes | bytearray, secrets: Iterable[str]) -> None:
    """Raise a ProjectError if the file `name`, which is about to be published, contains one of `secrets`."""
    folded = bytes(content).lower()
    for secret in secrets:
        if len(secret) < SHORTEST_REFUSED:
            continue
        forms = {form.encode("utf-8", "surrogateescape") for form in _forms(secret)}
        forms |= {secret.encode(encoding, "surrogatepass") for encoding in ("utf-16-le", "utf-16-be")}
        # Percent-encoding is written in both cases; of the other forms only the exact one is a secret.
        if any(form in content or (b"%" in form and form.lower() in folded) for form in forms):
            raise ProjectError(
                "secret-published",
                f"{name} holds a password that was given as Credentials: remove it from that file",
            )


def _forms(secret: str) -> set[str]:
    """Return the ways in which programs write a password."""
    import unicodedata  # 0.4 ms: only where there is a password

    normal = {secret, *(unicodedata.normalize(form, secret) for form in ("NFC", "NFD"))}
    forms = set(normal)
    for text in normal:
        readable = text.encode("utf-8", "surrogateescape")
        encoded = {quote(readable, safe=""), quote(readable), quote_plus(readable)}
        forms |= {*encoded, *map(quote, encoded), *_base64_forms(readable)}
        forms |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return forms


def _base64_forms(secret: bytes) -> Iterator[str]:
    """Yield how base64 writes a password that begins at any place of a text, `user:password` for instance."""
    import base64  # 2 ms: only where there is a password

    for before, cut in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        incomplete = {0: 0, 1: 3, 2: 2}[(before + len(secret)) % 3]
        form = encoded[cut : len(encoded) - incomplete]
        if len(form) >= SHORTEST_REFUSED:
            yield form
            yield form.translate(_URL_SAFE)
