"""The judgment of this machine's loader about libraries, each opened in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SCRIPT = """
import ctypes, json, os, resource, sys
folder, changes = sys.argv[1], json.load(sys.stdin)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
with open(os.path.join(folder, "library"), "rb") as file:
    library = file.read()
path = os.path.join(folder, "changed.so")
for at, value in changes:
    with open(path, "wb") as file:
        file.write(library[:at] + bytes([value]) + library[at + 1:])
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            ctypes.CDLL(path)
            text = "loads"
        except OSError as error:
            text = str(error)
        os.write(writer, text.encode()[-1000:])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    os.unlink(path)
    print(json.dumps(text), flush=True)  # or a child would have it in its buffer too
"""


def judge(library: bytes, changes: Sequence[tuple[int, int]], folder: Path) -> list[str]:
    """Return for each change, a place and its new byte, `loads`, the loader's error, or nothing for a crash."""
    (folder / "library").write_bytes(library)
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _SCRIPT, str(folder)],
        input=json.dumps(list(changes)),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]


def with_newer_glibc(library: bytes) -> bytes | None:
    """Return the library with GLIBC_2.99 in place of one version that it needs; None where that cannot be done."""
    for minor in range(10, 60):
        version = b"GLIBC_2.%d" % minor
        hash_bytes = _elf_hash(version).to_bytes(4, "little")
        if library.count(b"\0" + version + b"\0") == 1 and library.count(hash_bytes) == 1:
            renamed = library.replace(b"\0" + version + b"\0", b"\0GLIBC_2.99\0")
            return renamed.replace(hash_bytes, _elf_hash(b"GLIBC_2.99").to_bytes(4, "little"))
    return None


def _elf_hash(name: bytes) -> int:
    """Return the hash of a version's name (gABI, "Hash Table")."""
    value = 0
    for letter in name:
        value = (value << 4) + letter
        high = value & 0xF000_0000
        value = (value ^ high >> 24) & 0x0FFF_FFFF
    return value
