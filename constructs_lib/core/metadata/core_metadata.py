"""What a wheel says of itself: licences and requirements, read once and kept in the store.

Source: the PyPA specification "Core metadata", with PEP 639 for licences.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import Entry
from constructs_lib.core.archive.reader import read_members
from constructs_lib.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel

SBOM_SCHEMA = 1
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
# The standard library's parser of such headers reads mails as well: it takes longer to import than to do this.
_END_OF_HEADER = re.compile(r"\n(?![ \t])")
_HEADER = re.compile(r"([!-9;-~]+):(.*)", re.DOTALL)
_LICENSE = "License :: "
# Says that there is a licence, not which.
_NO_NAME = frozenset({"OSI Approved", "UNKNOWN", ""})
_LONGEST_NAME = 120
"""Characters of a licence's name; some wheels have the licence's whole text in that place."""


@dataclass(frozen=True)
class WheelMetadata:
    """What goes from a wheel's METADATA into the document."""

    expression: str = ""
    """An SPDX expression; empty where the wheel gives none."""
    licenses: tuple[str, ...] = ()
    """Names, sorted, where there is no expression."""
    requires: tuple[str, ...] = ()
    """The lines of Requires-Dist."""


def wheel_metadata(wheel: Wheel, store: WheelStore) -> WheelMetadata:
    """From the store's note, else from the wheel; what METADATA does not say is empty."""
    note = store.read_note("sbom", wheel.sha256)
    if note is not None and note.get("schema") == SBOM_SCHEMA:
        return WheelMetadata(note["expression"], tuple(note["licenses"]), tuple(note["requires"]))
    metadata = parse_metadata(_content(wheel))
    with suppress(StoreError):  # it is read from the wheel again the next time
        store.write_note("sbom", wheel.sha256, {"schema": SBOM_SCHEMA, **asdict(metadata)})
    return metadata


def _content(wheel: Wheel) -> bytes:
    """Only this file is unpacked, so it is read past `wheel_entries`, which compresses built wheels anew."""
    for name, method, crc32, size, _, data in read_members(wheel.content, wheel.filename):
        if _METADATA.fullmatch(name):
            return bytes(Entry(name, False, method, crc32, size, data, wheel.filename).content())  # noqa: FBT003 - a value
    return b""


def parse_metadata(content: bytes) -> WheelMetadata:
    """Read the bytes of a METADATA file."""
    headers = read_headers(content.decode("utf-8", "replace"))
    given = "".join(headers["license-expression"][:1])
    expression = _spdx(given)
    if expression:
        return WheelMetadata(expression, (), required(headers))
    names = {_name(given)} if given else _names(headers["classifier"])
    names = names - _NO_NAME or {_name("".join(headers["license"][:1]))} - _NO_NAME
    return WheelMetadata("", tuple(sorted(names)), required(headers))


def read_headers(text: str) -> defaultdict[str, list[str]]:
    """Name in lower case → values with the line ends they were folded at, up to what is no header: a README may follow."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in _END_OF_HEADER.split(text.replace("\r\n", "\n").partition("\n\n")[0]):
        header = _HEADER.fullmatch(line)
        if header is None:
            break
        found[header[1].lower()].append(header[2].strip())
    return found


def required(headers: Mapping[str, list[str]]) -> tuple[str, ...]:
    """What a distribution needs, as PEP 508 writes it."""
    return tuple(" ".join(line.split()) for line in headers["requires-dist"])


def _spdx(text: str) -> str:
    """The expression in its canonical spelling; empty if it is none."""
    if not text:
        return ""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return ""


def _names(classifiers: list[str]) -> set[str]:
    return {_name(each.rpartition(" :: ")[2]) for each in classifiers if each.startswith(_LICENSE)}


def _name(text: str) -> str:
    """The first line that says something, cut to the length of a name."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return " ".join(first.split())[:_LONGEST_NAME].strip()
