"""What is inside an installed tree, by the distribution that brought it: the same facts as of wheels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.inspect.elf import ElfFile, read_elf
from constructs_lib.core.inspect.facts import Facts
from constructs_lib.core.inspect.pyc import Bytecode, find_bytecode
from constructs_lib.core.metadata.record import find_gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.compat.tree.distribution import Distribution
    from constructs_lib.core.compat.tree.installed import Tree
    from constructs_lib.core.metadata.record import RecordGap
    from constructs_lib.core.target import Target

_NOBODY = "files that no distribution names"


@dataclass(frozen=True)
class Look:
    """Called with each file of a tree, from several threads, and keeps what matters."""

    elf: dict[Path, ElfFile] = field(default_factory=dict)
    heads: dict[Path, bytes] = field(default_factory=dict)
    """How each `.pyc` file begins."""

    def __call__(self, path: Path, content: bytes) -> None:
        if (found := read_elf(path.as_posix(), content)) is not None:
            self.elf[path] = found
        elif path.suffix == ".pyc":
            self.heads[path] = content[:4]


def tree_facts(tree: Tree, entries: Sequence[Entry], seen: Look) -> dict[str, Facts]:
    """The facts by distribution (`name==version`), and of what none names; `entries` are those of `tree.files`."""
    sizes = {path: entry.size for path, entry in zip(tree.files, entries, strict=True)}
    named = {path.as_posix(): size for path, size in sizes.items()}
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for path in tree.files:
        files[tree.owners.get(path, _NOBODY)].append(path)
    gaps = {str(each): _gap(each, named) for each in tree.distributions}
    return {
        owner: Facts(
            sum(sizes[path] for path in own),
            tuple(seen.elf[path] for path in own if path in seen.elf),
            _bytecode(own, seen.heads, named.keys()),
            gaps.get(owner),
        )
        for owner, own in sorted(files.items())
    }


def tree_needs(tree: Tree, ignored: Collection[str], target: Target) -> dict[str, frozenset[str]]:
    """Distribution → those of the tree and of `ignored` that it needs on `target`."""
    from constructs_lib.core.metadata.dependency_graph import dependency_graph

    requires = {each.name: each.requires for each in tree.distributions}
    graph = dependency_graph((), {**requires, **dict.fromkeys(ignored, ())}, target)
    return {name: graph[name] for name in requires}


def _bytecode(
    own: Iterable[Path], heads: Mapping[Path, bytes], names: Collection[str]
) -> tuple[Bytecode, ...]:
    return find_bytecode({path.as_posix(): heads[path] for path in own if path in heads}, names)


def _gap(distribution: Distribution, sizes: Mapping[str, int]) -> RecordGap | None:
    """Files that were changed after they were installed. What RECORD does not name is nobody's here."""
    own = ((name, sizes[name]) for name in distribution.files if name in sizes)
    return find_gap(distribution.sizes, own)
