"""Trees as an installer leaves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# What an installer leaves beside the files of the wheels; RECORD lists those leftovers and differs for them.
LEFTOVERS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}


def installed(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Return content and executable bit of the files that an installer put below `folder`, less its own leftovers."""
    files = {}
    for file in folder.rglob("*"):
        path = file.relative_to(folder)
        leftover = path.name in LEFTOVERS and path.parent.suffix == ".dist-info"
        if file.is_file() and not leftover and path.parts[0] not in {"bin", ".lock"}:
            files[path.as_posix()] = (file.read_bytes(), bool(file.stat().st_mode & 0o111))
    return files


def install(
    root: Path,
    name: str,
    files: Mapping[str, bytes] | None = None,
    *,
    version: str = "1.0",
    tags: Iterable[str] = ("py3-none-any",),
    outside: Iterable[str] = (),
    editable: bool = False,
) -> None:
    """Install a distribution into the tree `root`, with the notes that pip and uv add; `outside` is in RECORD only."""
    given = {f"{name}/__init__.py": b""} if files is None else dict(files)
    info = f"{name}-{version}.dist-info"
    wheel = "Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags)
    given |= {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not this\n".encode(),
        f"{info}/WHEEL": wheel.encode(),
        f"{info}/INSTALLER": b"uv",
        f"{info}/REQUESTED": b"",
        f"{info}/direct_url.json": json.dumps(
            {"url": "file:///x", "dir_info": {"editable": editable}}
        ).encode(),
        f"{info}/uv_cache.json": b"{}",
    }
    record = "".join(f"{path},,\n" for path in (*given, f"{info}/RECORD", *outside))
    given[f"{info}/RECORD"] = record.encode()
    for path, content in given.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
