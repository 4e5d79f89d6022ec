"""Small real wheels with chosen members."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.wheels.wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

REGULAR = 0o100000


@dataclass(frozen=True)
class Member:
    """A file of a wheel and how the zip holds it."""

    content: bytes = b""
    mode: int = REGULAR | 0o644
    method: int = zipfile.ZIP_DEFLATED
    level: int = 6
    extra: bytes = b""


def zip_bytes(members: Iterable[tuple[str, Member]], *, streamed: bool = False) -> bytes:
    """Return a zip; `streamed` is one written to a pipe, with sizes in data descriptors after the data."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(_Pipe(buffer) if streamed else buffer, "w") as archive:
        for name, member in members:
            info = zipfile.ZipInfo(name, (2021, 3, 4, 5, 6, 8))
            info.compress_type = member.method
            info.external_attr = member.mode << 16
            info.create_system = 3
            info.extra = member.extra
            archive.writestr(info, member.content, compresslevel=member.level)
    return buffer.getvalue()


class _Pipe(io.RawIOBase):
    def __init__(self, sink: io.BytesIO) -> None:
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._sink.write(data)  # type: ignore[arg-type]


def wheel_bytes(
    name: str = "demo",
    version: str = "1.0",
    files: Mapping[str, bytes | Member] | None = None,
    tag: str = "py3-none-any",
    *,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    requires_python: str = "",
    streamed: bool = False,
) -> bytes:
    """Return a wheel with `files` (default: one module) and a well-formed dist-info."""
    given = {f"{name}.py": f"NAME = {name!r}\n".encode()} if files is None else files
    members = {path: each if isinstance(each, Member) else Member(each) for path, each in given.items()}
    info = f"{name}-{version}.dist-info"
    wanted = "".join(f"Requires-Dist: {each}\n" for each in requires)
    wanted += f"Requires-Python: {requires_python}\n" if requires_python else ""
    wanted += "".join(f"Provides-Extra: {each}\n" for each in extras)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{wanted}"
    purelib = str(tag.endswith("-any")).lower()
    members[f"{info}/METADATA"] = Member(metadata.encode())
    members[f"{info}/WHEEL"] = Member(
        f"Wheel-Version: 1.0\nRoot-Is-Purelib: {purelib}\nTag: {tag}\n".encode()
    )
    members[f"{info}/RECORD"] = Member(
        "".join(f"{path},,\n" for path in [*members, f"{info}/RECORD"]).encode()
    )
    return zip_bytes(members.items(), streamed=streamed)


def wheel_name(name: str = "demo", version: str = "1.0", tag: str = "py3-none-any") -> str:
    return f"{name}-{version}-{tag}.whl"


def make_wheel(
    folder: Path,
    name: str = "demo",
    version: str = "1.0",
    files: Mapping[str, bytes | Member] | None = None,
    tag: str = "py3-none-any",
    *,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
) -> Path:
    """Write `wheel_bytes` under its proper file name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel_name(name, version, tag)
    path.write_bytes(wheel_bytes(name, version, files, tag, requires=requires, extras=extras))
    return path


def wheel_of(content: bytes, filename: str = "demo-1.0-py3-none-any.whl", identity: str = "") -> Wheel:
    """Return the core's value for a wheel of these bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    name, version = filename.split("-")[:2]
    return Wheel(name, version, filename, sha256, identity or sha256, memoryview(content))


def locked_file(filename: str, content: bytes, location: str | Path) -> LockedFile:
    """Return the entry of a lock for a file with these bytes."""
    name, version = filename.removesuffix(".tar.gz").split("-")[:2]
    sha256 = hashlib.sha256(content).hexdigest()
    return LockedFile(name, version, filename, sha256, location, len(content))


def unpacked(path: Path) -> dict[str, tuple[bytes, bool]]:
    """Content and executable bit of each file in a zip, read by the standard library."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {
            info.filename: (archive.read(info), bool(info.external_attr >> 16 & 0o111))
            for info in archive.infolist()
        }
