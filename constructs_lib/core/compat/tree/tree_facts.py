"""Facts about the files of an installed tree, by distribution: the same as those of wheels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.inspect.elf import ElfFile, read_elf
from constructs_lib.core.inspect.facts import Facts
from constructs_lib.core.inspect.pyc import Bytecode, find_bytecode
from constructs_lib.core.metadata.dependency_graph import dependency_graph
from constructs_lib.core.metadata.record import find_gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.compat.tree.distribution import Distribution
    from constructs_lib.core.compat.tree.installed import Tree
    from constructs_lib.core.metadata.record import RecordGap
    from constructs_lib.core.target import Target

_UNRECORDED = "files that no distribution names"


@dataclass(frozen=True)
class BinaryScan:
    """The ELF files and the bytecode of a tree; it is called with each file, from several threads."""

    elf: dict[Path, ElfFile] = field(default_factory=dict)
    heads: dict[Path, bytes] = field(default_factory=dict)
    """The first bytes of each `.pyc` file."""

    def __call__(self, path: Path, content: bytes) -> None:
        if (elf := read_elf(path.as_posix(), content)) is not None:
            self.elf[path] = elf
        elif path.suffix == ".pyc":
            self.heads[path] = content[:4]


def tree_facts(tree: Tree, entries: Sequence[Entry], scan: BinaryScan) -> dict[str, Facts]:
    """Return the facts by distribution (`name==version`), and of the files without one.

    `entries` are those of `tree.files`.
    """
    sizes = {path: entry.size for path, entry in zip(tree.files, entries, strict=True)}
    named = {path.as_posix(): size for path, size in sizes.items()}
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for path in tree.files:
        files[tree.owners.get(path, _UNRECORDED)].append(path)
    gaps = {str(distribution): _gap(distribution, named) for distribution in tree.distributions}
    return {
        owner: Facts(
            sum(sizes[path] for path in paths),
            tuple(scan.elf[path] for path in paths if path in scan.elf),
            _bytecode(paths, scan.heads, named.keys()),
            gaps.get(owner),
        )
        for owner, paths in sorted(files.items())
    }


def tree_needs(tree: Tree, ignored: Collection[str], target: Target) -> dict[str, frozenset[str]]:
    """Return for each distribution the names, of the tree and of `ignored`, that it needs on `target`."""
    requires = {distribution.name: distribution.requires for distribution in tree.distributions}
    graph = dependency_graph((), {**requires, **dict.fromkeys(ignored, ())}, target)
    return {name: graph[name] for name in requires}


def _bytecode(
    paths: Iterable[Path], heads: Mapping[Path, bytes], names: Collection[str]
) -> tuple[Bytecode, ...]:
    return find_bytecode({path.as_posix(): heads[path] for path in paths if path in heads}, names)


def _gap(distribution: Distribution, sizes: Mapping[str, int]) -> RecordGap | None:
    """Return the files of RECORD that were changed after they were installed."""
    present = ((name, sizes[name]) for name in distribution.files if name in sizes)
    return find_gap(distribution.sizes, present)
