"""Modules that come as bytecode without a source: they fit one Python version.

An import takes `x.py` before `x.pyc` (`importlib._bootstrap_external._get_supported_file_loaders`), so bytecode
beside its source is never read. Without the source, the wrong magic number is an ImportError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_HEAD = 4
"""Bytes of a magic number: two that count, then a line end, which a transfer in text mode would change."""


class Bytecode(NamedTuple):
    """Modules of one magic number."""

    path: str
    """The first of them."""
    magic: int
    """The number in the first two bytes, which names the Python; 0 for something else than bytecode."""


def find_bytecode(heads: Mapping[str, bytes], names: Collection[str]) -> tuple[Bytecode, ...]:
    """Return one row for each magic number among the importable `.pyc` files without a source.

    `heads` are the first bytes of the `.pyc` files, by path; `names` are all paths. A `.pyc` in a folder that is no
    package is data: test suites of decompilers have such files.
    """
    first: dict[int, str] = {}
    for path in sorted(heads):
        folder = path.rpartition("/")[0]
        importable = not folder or f"{folder}/__init__.py" in names or f"{folder}/__init__.pyc" in names
        if importable and path.removesuffix("c") not in names:
            head = heads[path][:_HEAD]
            first.setdefault(int.from_bytes(head[:2], "little") if head[2:] == b"\r\n" else 0, path)
    return tuple(Bytecode(path, magic) for magic, path in sorted(first.items()))
