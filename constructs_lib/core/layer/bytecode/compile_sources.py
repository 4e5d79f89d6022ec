"""Bytecode of Python sources. Runs in the target's Python, 3.10 or later, with the standard library alone.

    python compile_sources.py CACHE_TAG IN OUT

IN holds zips of sources, named as in Lambda's file system (`opt/python/demo.py`); OUT gets a zip of the same name for
each, with the bytecode under the sources' names.
One process compiles one zip: objects that are alive in a process can show in the bytecode that it writes.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = "/"
"""Tracebacks and profilers show the path in Lambda."""
_UNCHECKED_HASH = (1).to_bytes(4, "little")
_FAILURES = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def bytecode(name: str, source: bytes) -> bytes | None:
    """Return the content of the `.pyc` (PEP 552, unchecked hash); None for a source that does not compile."""
    try:
        code = compile(source, ROOT + name, "exec", dont_inherit=True, optimize=0)
    except _FAILURES:
        return None
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
    return head + marshal.dumps(code)


def compile_one(source: Path, target: Path) -> None:
    """Compile a zip of sources into a zip of the bytecode of those that compile."""
    with zipfile.ZipFile(source) as sources, zipfile.ZipFile(target, "w") as compiled:
        for name in sources.namelist():
            content = bytecode(name, sources.read(name))
            if content is not None:
                compiled.writestr(name, content)


def compile_all(folder: Path, out: Path) -> None:
    """Compile each zip in `folder` into a zip of its name in `out`, on all cores."""

    def start(source: Path) -> None:
        command = [sys.executable, *FLAGS, __file__, str(source), str(out / source.name)]
        subprocess.run(command, check=True)  # noqa: S603 - this file once more

    largest_first = sorted(folder.glob("*.zip"), key=lambda path: (-path.stat().st_size, path.name))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(start, largest_first))


FLAGS = ("-S", "-s", "-B", "-X", "utf8", "-W", "ignore")

if __name__ == "__main__":
    if len(sys.argv) == 3:
        compile_one(Path(sys.argv[1]), Path(sys.argv[2]))
    elif sys.implementation.cache_tag != sys.argv[1]:
        sys.exit(f"this is {sys.implementation.cache_tag}, {sys.argv[1]} is needed")
    else:
        compile_all(Path(sys.argv[2]), Path(sys.argv[3]))
