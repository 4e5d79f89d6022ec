"""A wheel → entries, by raw copy: a wheel already is a zip of deflated files.

Source of the rules: the PyPA specification "Binary distribution format", and where it is silent what pip and uv do.
"""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from constructs_lib.core.archive.entry import DEFLATED, Entry, compress, is_program, safe_name
from constructs_lib.core.archive.reader import ZipMember, read_members
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.wheels.wheel import Wheel

_DIST_INFO = ".dist-info"
_DATA = ".data"
# Where an installer with `--target` puts the folders of `{distribution}.data/`. Scripts would land in `bin/`,
# which is not on Lambda's PATH, and C headers are for compilers: both stay out.
_KEPT_SCHEMES = frozenset({"purelib", "platlib", "data"})
_LEFT_OUT_SCHEMES = frozenset({"scripts", "headers"})
# A list of what an installer wrote, with its signatures: of a layer it would be wrong.
_INSTALLERS = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
_MAJOR = re.compile(rb"^Wheel-Version:\s*(\d+)", re.MULTILINE)
_KNOWN_MAJOR = 1


class Contents(NamedTuple):
    """A wheel's zip, read once."""

    members: list[ZipMember]
    entries: list[Entry]
    """The files that installing it brings."""
    prefix: str
    """The folder they are below."""


def wheel_entries(wheel: Wheel, prefix: str = "") -> list[Entry]:
    """The `entries` of `wheel_contents`."""
    return wheel_contents(wheel, prefix).entries


def wheel_contents(wheel: Wheel, prefix: str = "") -> Contents:
    """What is in `wheel`, and the files that installing it brings, below `prefix` (`python/` in a layer).

    What only an installer needs stays out: scripts, headers, RECORD, and bytecode, which is useless once
    file times are normalized. A wheel that was built here is compressed anew: its build backend used the
    host's zlib, whose bytes differ from those of other hosts. A WheelError says what is odd about the wheel.
    """
    members = read_members(wheel.content, wheel.filename)
    dist_info = _dist_info(wheel, members)
    data = _data_folders(members, dist_info)
    entries = [
        _entry(wheel, member, safe_name(name, wheel.filename, prefix))
        for member in members
        if (name := _installed_name(wheel, member, data)) is not None
    ]
    return Contents(members, entries, prefix)


def _dist_info(wheel: Wheel, members: Iterable[ZipMember]) -> str:
    """The one `{name}-{version}.dist-info`, which has to be the wheel's own and of a format that is known."""
    inside = {member.name: member for member in members if f"{_DIST_INFO}/" in member.name}
    found = sorted({top for name in inside if (top := name.partition("/")[0]).endswith(_DIST_INFO)})
    why = ""
    if len(found) != 1:
        why = f"several: {', '.join(found)}" if found else "none"
    elif not canonicalize_name(found[0]).startswith(canonicalize_name(wheel.name)):
        why = f"{found[0]}, which is another distribution's"
    elif (notes := inside.get(f"{found[0]}/WHEEL")) is None:
        why = f"{found[0]} without a WHEEL file"
    elif (major := _MAJOR.search(_copied(wheel, notes, notes.name).content())) and int(
        major[1]
    ) > _KNOWN_MAJOR:
        why = f"{found[0]} in version {int(major[1])} of the format"
    if why:
        msg = f"{wheel.filename} is not a wheel that can be read: it needs one {_DIST_INFO} folder and has {why}"
        raise WheelError(msg)
    return found[0]


def _data_folders(members: Iterable[ZipMember], dist_info: str) -> tuple[str, ...]:
    """`{name}-{version}.data/`, also where it is spelled otherwise than the dist-info; others are code."""
    tops = {member.name.partition("/")[0] for member in members if f"{_DATA}/" in member.name}
    own = canonicalize_name(dist_info.removesuffix(_DIST_INFO))
    return tuple(
        f"{top}/"
        for top in sorted(tops)
        if top.endswith(_DATA) and canonicalize_name(top.removesuffix(_DATA)) == own
    )


def _installed_name(wheel: Wheel, member: ZipMember, data: tuple[str, ...]) -> str | None:
    """The path below site-packages; None for what stays out."""
    name = member.name
    if name.endswith("/"):
        _refuse_odd_folder(wheel, member)
        return None
    if data and name.startswith(data):
        scheme, _, name = name.partition("/")[2].partition("/")
        if scheme in _LEFT_OUT_SCHEMES:
            return None
        if scheme not in _KEPT_SCHEMES or not name:
            msg = f"{wheel.filename}: {member.name!r} is in no folder of {data[0]} that an installer knows"
            raise WheelError(msg)
    folder, _, base = name.rpartition("/")
    if folder.endswith(_DIST_INFO) and base in _INSTALLERS:
        return None
    if base.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__":
        return None
    return name


def _refuse_odd_folder(wheel: Wheel, member: ZipMember) -> None:
    safe_name(member.name[:-1], wheel.filename)
    if member.size:
        msg = f"{wheel.filename}: {member.name!r} is a folder with content"
        raise WheelError(msg)


def _entry(wheel: Wheel, member: ZipMember, name: str) -> Entry:
    kind = stat.S_IFMT(member.mode)
    if kind not in (0, stat.S_IFREG):
        what = "a symbolic link" if stat.S_ISLNK(kind) else "neither a file nor a folder"
        msg = f"{wheel.filename}: {member.name!r} is {what}, which wheels do not have"
        raise WheelError(msg)
    entry = _copied(wheel, member, name)
    if member.method == DEFLATED and not wheel.built_here:
        return entry
    content = entry.content()
    # Where the sources lay, every file may have been executable; a publisher's wheel is the same for everybody.
    executable = entry.executable and (is_program(content) or not wheel.built_here)
    return compress(name, content, wheel.filename, executable=executable)


def _copied(wheel: Wheel, member: ZipMember, name: str) -> Entry:
    executable = bool(member.mode & 0o111)
    return Entry(name, executable, member.method, member.crc32, member.size, member.data, wheel.filename)
