"""The entries of a wheel, by raw copy: a wheel already is a zip of deflated files.

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
# The schemes of `{distribution}.data/` whose folders an installer with `--target` puts beside the packages. Scripts
# would land in `bin/`, which is not on Lambda's PATH, and C headers are for compilers: both stay out.
_KEPT_SCHEMES = frozenset({"purelib", "platlib", "data"})
_LEFT_OUT_SCHEMES = frozenset({"scripts", "headers"})
# The installer's list of files, with its signatures: it would be wrong for a layer.
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
    """Return the `entries` of `wheel_contents`."""
    return wheel_contents(wheel, prefix).entries


def wheel_contents(wheel: Wheel, prefix: str = "") -> Contents:
    """Read a wheel: its members, and the files that installing it brings, below `prefix` (`python/` in a layer).

    Scripts, headers and RECORD, which only an installer needs, stay out; so does bytecode, which is useless once
    file times are normalized. A wheel that was built here is compressed anew: its build backend used the
    host's zlib, whose bytes differ from those of other hosts. Raises a WheelError for an odd wheel.
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
    """Return the one `{name}-{version}.dist-info`, which has to be the wheel's own and of a known format."""
    inside = {member.name: member for member in members if f"{_DIST_INFO}/" in member.name}
    folders = sorted({top for name in inside if (top := name.partition("/")[0]).endswith(_DIST_INFO)})
    problem = ""
    if len(folders) != 1:
        problem = f"several: {', '.join(folders)}" if folders else "none"
    elif not canonicalize_name(folders[0]).startswith(canonicalize_name(wheel.name)):
        problem = f"{folders[0]}, which is another distribution's"
    elif (notes := inside.get(f"{folders[0]}/WHEEL")) is None:
        problem = f"{folders[0]} without a WHEEL file"
    elif (major := _MAJOR.search(_copied(wheel, notes, notes.name).content())) and int(
        major[1]
    ) > _KNOWN_MAJOR:
        problem = f"{folders[0]} in version {int(major[1])} of the format"
    if problem:
        raise WheelError(
            "wheel-invalid",
            f"{wheel.filename} is not a wheel that can be read: it needs one {_DIST_INFO} folder and has {problem}",
        )
    return folders[0]


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
                f"{wheel.filename}: {member.name!r} is in no folder of {data[0]} that an installer knows",
            )
    folder, _, base = name.rpartition("/")
    if folder.endswith(_DIST_INFO) and base in _INSTALLERS:
        return None
    if base.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__":
        return None
    return name


def _refuse_odd_folder(wheel: Wheel, member: ZipMember) -> None:
    safe_name(member.name[:-1], wheel.filename)
    if member.size:
        raise WheelError("wheel-invalid", f"{wheel.filename}: {member.name!r} is a folder with content")


def _entry(wheel: Wheel, member: ZipMember, name: str) -> Entry:
    kind = stat.S_IFMT(member.mode)
    if kind not in (0, stat.S_IFREG):
        description = "a symbolic link" if stat.S_ISLNK(kind) else "neither a file nor a folder"
        raise WheelError(
            "wheel-invalid", f"{wheel.filename}: {member.name!r} is {description}, which wheels do not have"
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
