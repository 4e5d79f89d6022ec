"""Values of lock files, parsed before they become a path, an address, a key or a line on a terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    canonicalize_version,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.toml_table import cut
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import redact, without_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.specifiers import SpecifierSet

    from constructs_lib.core.target import Target

ARCHIVES = (".whl", ".zip", ".tgz", ".tbz", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar")
"""Endings of the files that packages come in."""
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
# What a name of a file may hold in an index, a store and a message; `%` would be decoded once more by somebody.
_FILENAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!-]*")
_LONGEST_NAME = 255
_LONGEST_QUOTE = 80
"""Characters of a value that an error quotes."""
_SCHEMES = ("https", "http", "file")


def quoted(value: object) -> str:
    """Return a foreign value in quotes, on one line, without passwords, cut to a readable length."""
    return cut(redact(repr(value)), _LONGEST_QUOTE)


def first_line(error: object) -> str:
    """Return the reason of a parser's error: further lines of it draw a picture of the place."""
    return cut("".join(str(error).strip().splitlines()[:1]))


def sha256_of(digest: str, where: str, manifest: Path) -> str:
    """Return a sha256 in lower-case hex; a ProjectError for any other text, which is no name for a file."""
    if not _SHA256.fullmatch(digest):
        raise ProjectError(
            "lock-invalid", f"{manifest}: {where} has the sha256 {quoted(digest)}, it must be 64 hex digits"
        )
    return digest.lower()


def version_of(text: str) -> str:
    """Return a version in its normal form; raise a ValueError for any other text."""
    return str(Version(text))


def is_of(filename: str, name: str, version: str) -> bool:
    """Return whether it is the name of a wheel or source distribution of a release; eggs and installers are none."""
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        parsed = parse(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return False
    return (parsed[0], canonicalize_version(parsed[1])) == (
        canonicalize_name(name),
        canonicalize_version(version),
    )


def filename_of(name: str, where: str, manifest: Path) -> str:
    """Return the name of a wheel or source distribution, which holds no separator and has a known ending."""
    if not _FILENAME.fullmatch(name) or len(name) > _LONGEST_NAME or not name.lower().endswith(ARCHIVES):
        raise ProjectError(
            "lock-invalid",
            f"{where} in {manifest} is a file that is neither a wheel nor a source distribution: {quoted(name)}",
        )
    return name


def address_of(url: str, where: str, manifest: Path) -> str | Path:
    """Return an address that can be fetched, or the path of a `file:` address."""
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) if parts.scheme != "file" else parts.netloc in ("", "localhost")
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        is_complete = False
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not is_complete or not url.isprintable():
        raise ProjectError("lock-invalid", f"{where} in {manifest} has no usable address: {quoted(url)}")
    return local_path(Path("/"), unquote(parts.path), where, manifest) if parts.scheme == "file" else url


def index_address(url: str) -> str:
    """Return the address of an index with its variables filled in, and without user name and password.

    The login goes first: a letter of a password, such as `#`, would end the address. Empty for what is no address.
    """
    try:
        return without_user(os.path.expandvars(without_user(url).url)).url
    except ValueError:
        return ""


def local_path(base: Path, path: str, where: str, manifest: Path) -> Path:
    """Return a path of this machine, absolute; a ProjectError for what can be none, and for a pipe or device."""
    try:
        resolved = (base / path).resolve()
        is_special = resolved.exists() and not (resolved.is_file() or resolved.is_dir())
    except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, a loop of links
        raise ProjectError(
            "lock-invalid", f"{where} in {manifest} has no usable path: {quoted(path)}"
        ) from None
    if is_special:
        raise ProjectError(
            "file-not-regular", f"{where} in {manifest} is locked to {resolved}, which is no regular file"
        )
    return resolved


def archive_or_directory(
    path: str, hashes: frozenset[str], where: str, manifest: Path, more: Mapping[str, str]
) -> dict[str, Any]:
    """Return the table `archive` or `directory` of a pylock.toml for a path that starts from the lock file's folder.

    A file of this machine may have no hash in its lock file: it is then the one that is there.
    """
    if path.startswith("file:"):
        path = str(address_of(path, where, manifest))
    if not path.lower().endswith(ARCHIVES):
        return {"directory": {"path": path, **more}}
    if not hashes:
        import hashlib

        local = local_path(manifest.parent, path, where, manifest)
        with reading(local):
            hashes = frozenset({hashlib.sha256(local.read_bytes()).hexdigest()})
    return {"archive": {"path": path, "hashes": {"sha256": min(hashes)}, **more}}


def parse_marker(text: str, where: str, manifest: Path) -> Marker | None:
    """Parse an environment marker; None for an empty text."""
    if not text.strip():
        return None
    try:
        return Marker(text)
    except (InvalidMarker, RecursionError, ValueError) as error:
        raise ProjectError(
            "lock-invalid", f"{manifest}: {where} has no valid marker: {first_line(error)}"
        ) from None


def applies(marker: Marker, target: Target, manifest: Path) -> bool:
    """Return whether a marker holds on the target."""
    try:
        return marker.evaluate(cast("dict[str, str]", target.environment))
    except (
        ValueError,
        RecursionError,
    ) as error:  # all that packaging raises, and a part of thousands of digits
        raise unevaluated(error, manifest) from None


def allows(pythons: SpecifierSet, target: Target, manifest: Path) -> bool:
    """Return whether the specifiers allow the target's Python; they may name a version that can be none."""
    try:
        return target.is_in(pythons)
    except ValueError as error:  # a part of thousands of digits
        raise ProjectError(
            "lock-invalid", f"{manifest} is for a Python that can be none: {first_line(error)}"
        ) from None


def unevaluated(error: Exception, manifest: Path) -> ProjectError:
    """Return the error for a marker that asks for an unknown variable or compares what has no order."""
    return ProjectError(
        "lock-invalid", f"{manifest} has a marker that cannot be evaluated: {first_line(error)}"
    )
