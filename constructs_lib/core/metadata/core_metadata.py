"""The licenses and requirements in a wheel's METADATA, read once and kept in the store.

Source: the PyPA specification "Core metadata", with PEP 639 for licenses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.entry import Entry
from constructs_lib.core.archive.reader import read_members
from constructs_lib.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel

SBOM_SCHEMA = 2
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
# The standard library's `email` parses such headers too, but takes longer to import than this takes to run.
_END_OF_HEADER = re.compile(r"\n(?![ \t])")
_HEADER = re.compile(r"([!-9;-~]+):(.*)", re.DOTALL)
_LICENSE = "License :: "
# Values that name no license.
_NO_NAME = frozenset({"OSI Approved", "UNKNOWN", ""})
_LONGEST_NAME = 120
"""Characters of a license's name; some wheels have the whole text of their license in that place."""


class WheelMetadata(NamedTuple):
    """The part of a wheel's METADATA that goes into the SBOM and the inspection."""

    expression: str = ""
    """An SPDX expression; empty where the wheel gives none."""
    licenses: tuple[str, ...] = ()
    """Names, sorted, where there is no expression."""
    requires: tuple[str, ...] = ()
    """The lines of Requires-Dist."""
    requires_python: str = ""
    """The specifiers of Requires-Python."""


def wheel_metadata(wheel: Wheel, store: WheelStore) -> WheelMetadata:
    """Read the store's note, else the wheel; a header that METADATA lacks is empty."""
    note = store.read_note("sbom", wheel.sha256)
    if note is not None and note.get("schema") == SBOM_SCHEMA:
        return WheelMetadata(
            note["expression"], tuple(note["licenses"]), tuple(note["requires"]), note["requires_python"]
        )
    metadata = parse_metadata(_content(wheel))
    with suppress(StoreError):  # then the next build reads the wheel again
        store.write_note("sbom", wheel.sha256, {"schema": SBOM_SCHEMA, **metadata._asdict()})
    return metadata


def _content(wheel: Wheel) -> bytes:
    """Return METADATA alone; `wheel_entries` would compress a built wheel anew."""
    for name, method, crc32, size, _, data in read_members(wheel.content, wheel.filename):
        if _METADATA.fullmatch(name):
            return bytes(Entry(name, False, method, crc32, size, data, wheel.filename).content())  # noqa: FBT003 - a value
    return b""


def parse_metadata(content: bytes) -> WheelMetadata:
    """Read the bytes of a METADATA file."""
    headers = read_headers(content.decode("utf-8", "replace"))
    text = "".join(headers["license-expression"][:1])
    python = " ".join("".join(headers["requires-python"][:1]).split())
    expression = spdx_expression(text)
    if expression:
        return WheelMetadata(expression, (), required(headers), python)
    names = {_name(text)} if text else _names(headers["classifier"])
    names = names - _NO_NAME or {_name("".join(headers["license"][:1]))} - _NO_NAME
    return WheelMetadata("", tuple(sorted(names)), required(headers), python)


def read_headers(text: str) -> defaultdict[str, list[str]]:
    """Return the values of each header by lower-case name, up to the first line that is none: a README may follow.

    Folded values keep their line ends.
    """
    headers: defaultdict[str, list[str]] = defaultdict(list)
    for line in _END_OF_HEADER.split(text.replace("\r\n", "\n").partition("\n\n")[0]):
        header = _HEADER.fullmatch(line)
        if header is None:
            break
        headers[header[1].lower()].append(header[2].strip())
    return headers


def required(headers: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return the requirements of a distribution (PEP 508)."""
    return tuple(" ".join(line.split()) for line in headers["requires-dist"])


def spdx_expression(text: str) -> str:
    """Return the expression in its canonical spelling; empty if it is invalid."""
    if not text:
        return ""
    # 12 ms: the store has a note of most wheels.
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return ""


def _names(classifiers: list[str]) -> set[str]:
    return {
        _name(classifier.rpartition(" :: ")[2])
        for classifier in classifiers
        if classifier.startswith(_LICENSE)
    }


def _name(text: str) -> str:
    """Return the first line with text, cut to the length of a name."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return " ".join(first.split())[:_LONGEST_NAME].strip()
