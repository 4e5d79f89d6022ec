"""The entries of a wheel, by raw copy: a wheel already is a zip of deflated files.

Source of the rules: the PyPA specification "Binary distribution format", and where it is silent what pip and uv do.
"""

from __future__ import annotations

import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from constructs_lib.core.archive.entry import (
    DEFLATED,
    Entry,
    composed,
    compress,
    is_program,
    quoted,
    safe_name,
    shown,
)
from constructs_lib.core.archive.reader import ZipMember, read_members
from constructs_lib.core.aws_facts import LIMIT_TEXT, UNZIPPED_LIMIT
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_lib.core.wheels.wheel import Wheel

_DIST_INFO = ".dist-info"
_DATA = ".data"
# The schemes of `{distribution}.data/` whose folders an installer with `--target` puts beside the packages. Scripts
# would land in `bin/`, which is not on Lambda's PATH, and C headers are for compilers: both stay out.
_KEPT_SCHEMES = frozenset({"purelib", "platlib", "data"})
_LEFT_OUT_SCHEMES = frozenset({"scripts", "headers"})
# The installer's list of files, with its signatures: it would be wrong for a layer.
_INSTALLERS = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
# Bytes of the files that are read whole; those of the largest real wheels have a tenth.
_SIZE_LIMITS = {"WHEEL": 100_000, "METADATA": 16_000_000, "RECORD": 16_000_000, "entry_points.txt": 1_000_000}
_MAX_UNZIPPED = 8 * UNZIPPED_LIMIT
_EMPTY = (b"", b"\x03\x00")
"""Nothing, and how deflate packs nothing."""
_MAJOR = re.compile(rb"^Wheel-Version:\s*(\d{1,9})", re.MULTILINE)
_KNOWN_MAJOR = 1
_MAX_NAMES = 10
"""Folders that a text lists."""


class Contents(NamedTuple):
    """A wheel's zip, read once."""

    members: list[ZipMember]
    entries: list[Entry]
    """The files that installing it brings."""
    prefix: str
    """The folder they are below."""
    dist_info: str
    """The name of the wheel's one dist-info folder."""
    left_out: list[ZipMember]
    """The files that installing it does not bring."""


def wheel_entries(wheel: Wheel, prefix: str = "") -> list[Entry]:
    """Return the `entries` of `wheel_contents`."""
    return wheel_contents(wheel, prefix).entries


def wheel_contents(wheel: Wheel, prefix: str = "") -> Contents:
    """Read a wheel: its members, and the files that installing it brings, below `prefix` (`python/` in a layer).

    Scripts, headers and RECORD, which only an installer needs, stay out; so does bytecode, which is useless once
    file times are normalized. A wheel that was built here is compressed anew: its build backend used the
    host's zlib, whose bytes differ from those of other hosts. Raises a WheelError for an odd wheel.
    """
    members = read_members(wheel.content, wheel.filename)
    refuse_bomb(wheel.filename, sum([member.size for member in members]))
    dist_info = _dist_info(wheel, members)
    data = _data_folders(members, dist_info)
    entries, left_out = [], []
    for member in members:
        if (name := _installed_name(wheel, member, data)) is not None:
            # A wheel that was built here has the names of a folder of this machine.
            name = composed(name) if wheel.built_here else name
            entries.append(_entry(wheel, member, safe_name(name, wheel.filename, prefix)))
        elif not member.name.endswith("/"):
            left_out.append(member)
    return Contents(members, entries, prefix, dist_info, left_out)


def member_content(wheel: Wheel, member: ZipMember) -> bytes:
    """Unpack one member; `wheel_entries` would compress a built wheel anew."""
    return bytes(_copied(wheel, member, member.name).content())


def refuse_bomb(filename: str, unzipped: int) -> None:
    """Raise by the sizes that a zip declares, before anything of it is unpacked."""
    if unzipped > _MAX_UNZIPPED:
        raise WheelError(
            "wheel-too-large",
            f"{filename} unpacks to {unzipped / 1e6:.0f} MB, more than eight times what Lambda takes ({LIMIT_TEXT}), so it "
            f"was not unpacked; leave it out or lock another release",
        )


def _dist_info(wheel: Wheel, members: Iterable[ZipMember]) -> str:
    """Return the one `{name}-{version}.dist-info`, which has to be the wheel's own and of a known format."""
    listed = [member for member in members if f"{_DIST_INFO}/" in member.name]
    folders = sorted(
        {top for member in listed if (top := member.name.partition("/")[0]).endswith(_DIST_INFO)}
    )
    if len(folders) != 1:
        names = ", ".join(map(shown, folders[:_MAX_NAMES]))
        raise _unreadable(wheel, f"several: {names}" if folders else "none")
    inside = {member.name.removeprefix(f"{folders[0]}/"): member for member in listed}
    if problem := _dist_info_problem(wheel, folders[0], inside):
        raise _unreadable(wheel, f"{shown(folders[0])}{problem}")
    _refuse_large_metadata(wheel, inside)
    major = _MAJOR.search(member_content(wheel, inside["WHEEL"]))
    if major and int(major[1]) > _KNOWN_MAJOR:
        raise _unreadable(wheel, f"{folders[0]} in version {int(major[1])} of the format")
    if len({member.name for member in listed}) < len(listed):
        _refuse_two_readings(wheel, listed)
    return folders[0]


def _unreadable(wheel: Wheel, problem: str) -> WheelError:
    return WheelError(
        "wheel-invalid",
        f"{wheel.filename} is not a wheel that can be read: it needs one {_DIST_INFO} folder and has {problem}",
    )


def _dist_info_problem(wheel: Wheel, folder: str, inside: Mapping[str, ZipMember]) -> str:
    if not _is_own(folder.removesuffix(_DIST_INFO), wheel.filename):
        return ", which is another distribution's"
    missing = next((name for name in ("METADATA", "WHEEL") if name not in inside), None)
    return f" without a {missing} file" if missing else ""


def _is_own(stem: str, filename: str) -> bool:
    """Return whether `{name}-{version}` is that of the file name; old tools escaped neither of them."""
    name, version = filename.split("-")[:2]
    if stem == f"{name}-{version}":
        return True
    parts = stem.split("-")
    return any(
        canonicalize_name("-".join(parts[:count])) == canonicalize_name(name)
        and is_same_version("-".join(parts[count:]), version)
        for count in range(1, len(parts))
    )


def is_same_version(text: str, version: str) -> bool:
    """Compare two spellings of a version; a folder's name has `_` in place of some letters."""
    if text == version:
        return True
    try:
        wanted = Version(version.replace("_", "-"))
    except InvalidVersion:
        return canonicalize_name(text) == canonicalize_name(version)
    for spelling in (text, text.replace("_", "-"), text.replace("_", "+", 1)):
        with suppress(InvalidVersion):
            if Version(spelling) == wanted:
                return True
    return False


def _refuse_large_metadata(wheel: Wheel, inside: Mapping[str, ZipMember]) -> None:
    for name, limit in _SIZE_LIMITS.items():
        if name in inside and inside[name].size > limit:
            raise WheelError(
                "wheel-too-large",
                f"{wheel.filename}: its {name} has {inside[name].size / 1e6:.1f} MB, at most {limit / 1e6} MB are "
                f"read; leave it out or lock another release",
            )


def _refuse_two_readings(wheel: Wheel, members: Iterable[ZipMember]) -> None:
    """Raise for a file of the dist-info that occurs twice with different bytes: readers take one or the other."""
    contents: dict[str, bytes] = {}
    for member in members:
        content = member_content(wheel, member)
        if contents.setdefault(member.name, content) != content:
            raise WheelError(
                "path-duplicate",
                f"{wheel.filename} contains {quoted(member.name)} twice, with different content",
            )


def _data_folders(members: Iterable[ZipMember], dist_info: str) -> tuple[str, ...]:
    """Return `{name}-{version}.data/`, also spelled otherwise than the dist-info; others are code."""
    tops = {member.name.partition("/")[0] for member in members if f"{_DATA}/" in member.name}
    distribution = canonicalize_name(dist_info.removesuffix(_DIST_INFO))
    return tuple(
        f"{top}/"
        for top in sorted(tops)
        if top.endswith(_DATA) and canonicalize_name(top.removesuffix(_DATA)) == distribution
    )


def _installed_name(wheel: Wheel, member: ZipMember, data: tuple[str, ...]) -> str | None:
    """Return the path below site-packages; None for a member that stays out."""
    name = member.name
    if name.endswith("/"):
        _refuse_odd_folder(wheel, member)
        return None
    if data and name.startswith(data):
        scheme, _, name = name.partition("/")[2].partition("/")
        if scheme in _LEFT_OUT_SCHEMES:
            return None
        if scheme not in _KEPT_SCHEMES or not name:
            raise WheelError(
                "wheel-invalid",
                f"{wheel.filename}: {quoted(member.name)} is in no folder of {data[0]} that an installer knows",
            )
    folder, _, base = name.rpartition("/")
    if folder.endswith(_DIST_INFO) and base in _INSTALLERS:
        return None
    if base.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__":
        return None
    return name


def _refuse_odd_folder(wheel: Wheel, member: ZipMember) -> None:
    safe_name(member.name[:-1], wheel.filename)
    if member.size or bytes(member.data[:3]) not in _EMPTY:
        raise WheelError("wheel-invalid", f"{wheel.filename}: {quoted(member.name)} is a folder with content")


def _entry(wheel: Wheel, member: ZipMember, name: str) -> Entry:
    kind = stat.S_IFMT(member.mode)
    if kind not in (0, stat.S_IFREG):
        description = "a symbolic link" if stat.S_ISLNK(kind) else "neither a file nor a folder"
        raise WheelError(
            "wheel-invalid",
            f"{wheel.filename}: {quoted(member.name)} is {description}, which wheels do not have",
        )
    entry = _copied(wheel, member, name)
    if member.method == DEFLATED and not wheel.built_here:
        return entry
    content = entry.content()
    # In the sources every file may have been executable; a publisher's wheel is the same on every machine.
    executable = entry.executable and (is_program(content) or not wheel.built_here)
    return compress(name, content, wheel.filename, executable=executable)


def _copied(wheel: Wheel, member: ZipMember, name: str) -> Entry:
    executable = bool(member.mode & 0o111)
    return Entry(name, executable, member.method, member.crc32, member.size, member.data, wheel.filename)
