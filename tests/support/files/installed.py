"""Trees as an installer leaves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


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
