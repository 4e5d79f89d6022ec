"""The comparison of a wheel's file name with the name and version that its files give.

`importlib.metadata`, an SBOM and a scanner go by the files, a lock file by the name of the wheel: as uv does, a wheel is
refused where they differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.archive.entry import shown
from constructs_lib.core.errors import WheelError
from constructs_lib.core.metadata.core_metadata import read_headers
from constructs_lib.core.wheels.contents import is_same_version, member_content

if TYPE_CHECKING:
    from constructs_lib.core.wheels.contents import Contents
    from constructs_lib.core.wheels.wheel import Wheel


def refuse_other_identity(wheel: Wheel, contents: Contents) -> None:
    """Raise a WheelError for a wheel whose METADATA has another name or version, or that installs a second dist-info."""
    path = f"{contents.dist_info}/METADATA"
    member = next(member for member in contents.members if member.name == path)
    headers = read_headers(member_content(wheel, member).decode("utf-8", "replace"))
    name, version = wheel.filename.split("-")[:2]
    for header, expected in (("name", name), ("version", version)):
        values = headers[header]
        if not values or not all(_is_same(header, value, expected) for value in values):
            given = " and ".join(map(shown, values)) or "none"
            raise _other(wheel, f"{header} is {given} in its METADATA and {expected} in its file name")
    for top in _top_folders(contents):
        if top != contents.dist_info and top.lower().endswith(".dist-info"):
            raise _other(wheel, f"it installs {shown(top)} beside {contents.dist_info}")


def _is_same(header: str, value: str, expected: str) -> bool:
    if header == "name":
        return canonicalize_name(value) == canonicalize_name(expected)
    return is_same_version(value, expected)


def _top_folders(contents: Contents) -> list[str]:
    return sorted({entry.name.removeprefix(contents.prefix).partition("/")[0] for entry in contents.entries})


def _other(wheel: Wheel, problem: str) -> WheelError:
    return WheelError(
        "wheel-invalid",
        f"{wheel.filename} is not the distribution that its file name gives: {problem}; lock another release, and tell "
        f"its publisher",
    )
