"""The values of a foreign document, made valid for a CycloneDX 1.6 document or left out.

Documents come from wheels that others wrote. A value with an odd form is left out, since one of them would make the
whole document invalid; a text is made printable and cut.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from constructs_lib.core.metadata.core_metadata import spdx_expression
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_NAME = 200
"""Characters of a name, version or group."""
_LONGEST_TEXT = 500
_LONGEST_ADDRESS = 500
MAX_ITEMS = 20
"""Hashes, licenses and addresses of one component."""

TYPES = frozenset(
    {
        "application",
        "framework",
        "library",
        "container",
        "platform",
        "operating-system",
        "device",
        "device-driver",
        "firmware",
        "file",
        "machine-learning-model",
        "data",
        "cryptographic-asset",
    }
)
SCOPES = frozenset({"required", "optional", "excluded"})
REFERENCE_TYPES = frozenset(
    {"vcs", "website", "documentation", "distribution", "source-distribution", "issue-tracker", "advisories"}
    | {"license", "release-notes", "security-contact", "support", "other"}
)
# Hex digits of each algorithm's hash.
_DIGITS = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
}
_HEX = re.compile(r"[0-9a-f]+")
_ESCAPE = r"%[0-9A-Fa-f]{2}"
# RFC 3986, with the schemes that such documents have, and no user name, port or query.
_ADDRESS = re.compile(
    rf"(?:https?|git|git\+https)://[A-Za-z0-9.-]+(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{_ESCAPE})*)?"
    rf"(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{_ESCAPE})*)?"
)
# The purl specification: type, namespace and name, version, qualifiers, subpath.
_PART = rf"(?:[A-Za-z0-9._~+:!$&'()*,;=-]|{_ESCAPE})+"
_PURL = re.compile(
    rf"(?P<base>pkg:[A-Za-z][A-Za-z0-9.-]*/(?:{_PART}/)*{_PART}(?:@{_PART})?)"
    rf"(?P<qualifiers>\?[a-z][a-z0-9._-]*=[!-\"$-%'-~]+(?:&[a-z][a-z0-9._-]*=[!-\"$-%'-~]+)*)?"
    rf"(?P<subpath>#(?:{_PART})(?:/{_PART})*)?"
)
_LICENSE_ID = re.compile(r"(?!LicenseRef-)[A-Za-z0-9.-]+")
# Each letter can match in one way alone: else a text made for it would take years.
_CPE = re.compile(r"cpe:(?:2\.3:|/)[aho*-](?::(?:[!-9;-\[\]-~]|\\[!-~])*)+")


def text(value: object, longest: int = _LONGEST_TEXT) -> str:
    """Return a text in one printable line, without passwords of addresses; empty for any other value."""
    if not isinstance(value, str):
        return ""
    # Cut first: what comes after it costs no time.
    line = " ".join(value[: 2 * longest].split())
    if not line.isprintable():
        line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    return (redact(line) if "://" in line else line)[:longest].strip()


def one_of(value: object, allowed: frozenset[str], default: str = "") -> str:
    """Return the value if it is allowed."""
    return value if isinstance(value, str) and value in allowed else default


def purl(value: object) -> str:
    """Return a valid package URL; without its qualifiers where one of them has a password."""
    match = _PURL.fullmatch(value) if isinstance(value, str) and len(value) <= _LONGEST_ADDRESS else None
    if match is None:
        return ""
    url = match[0]
    if _is_secret(url):
        url = match["base"] + (match["subpath"] or "")
    return "" if _is_secret(url) else url


def purl_base(value: str) -> str:
    """Return type, namespace, name and version of a valid package URL."""
    match = _PURL.fullmatch(value)
    return match["base"] if match else ""


def has_subpath(value: str) -> bool:
    """Return whether a package URL names a part of its package."""
    return "#" in value


def cpe(value: object) -> str:
    """Return a CPE name of either form."""
    is_name = isinstance(value, str) and len(value) <= _LONGEST_TEXT and _CPE.fullmatch(value)
    return str(value) if is_name else ""


def address(value: object) -> str:
    """Return an address without user name and query, which may hold a secret; empty for any other value."""
    is_plain = isinstance(value, str) and len(value) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(value)
    return str(value) if is_plain and not _is_secret(str(value)) else ""


def digest(algorithm: object, value: object) -> tuple[str, str] | None:
    """Return algorithm and lower-case digest of a hash with the right length."""
    if not isinstance(algorithm, str) or not isinstance(value, str) or algorithm not in _DIGITS:
        return None
    content = value.lower()
    return (algorithm, content) if len(content) == _DIGITS[algorithm] and _HEX.fullmatch(content) else None


@cache
def expression(value: str) -> str:
    """Return an SPDX expression in its canonical spelling; empty for another text, and for a long one.

    `packaging` compiles it as Python, which breaks at some hundreds of brackets.
    """
    return spdx_expression(value) if len(value) <= LONGEST_NAME else ""


def is_license_id(spdx: str) -> bool:
    """Return whether an expression is one identifier of SPDX's list, which is all that CycloneDX takes as an `id`."""
    return _LICENSE_ID.fullmatch(spdx) is not None


def rows(value: object, limit: int = MAX_ITEMS) -> Iterator[dict[str, Any]]:
    """Yield the first objects of a list; nothing for any other value."""
    if isinstance(value, list):
        yield from (row for row in value[:limit] if isinstance(row, dict))


def _is_secret(value: str) -> bool:
    decoded = unquote(value)
    return "://" in decoded and (redact(value) != value or redact(decoded) != decoded)
