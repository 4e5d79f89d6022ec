"""The option `exclude_files`: files of wheels that stay out of a layer or a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.modules import find_modules
from constructs_lib.core.inspect.pyc import find_bytecode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pathspec import GitIgnoreSpec

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.inspect.facts import Facts

OPTION = "exclude_files"
_DIST_INFO = ".dist-info/"
_PYC_HEAD = 4


class Division(NamedTuple):
    """The files of a wheel, divided by the patterns."""

    kept: list[Entry]
    excluded: Sequence[Entry]


class FileExclusion(NamedTuple):
    """The patterns as they were given, and parsed; `None` without any."""

    patterns: tuple[str, ...] = ()
    spec: GitIgnoreSpec | None = None

    @classmethod
    def of(cls, patterns: Sequence[str]) -> FileExclusion:
        """Parse the patterns; raise a ProjectError for one that is invalid."""
        if not patterns:
            return ALL_FILES
        # 0.3 ms, and pathspec: only where there are patterns.
        from constructs_lib.core.project.ignore_patterns import parse_patterns

        return cls(tuple(patterns), parse_patterns(OPTION, patterns))

    def divide(self, entries: list[Entry], root: str) -> Division:
        """Divide the files of a wheel, which are below `root`. Metadata of distributions always stay."""
        if self.spec is None:
            return Division(entries, ())
        kept: list[Entry] = []
        excluded: list[Entry] = []
        for entry in entries:
            path = entry.name.removeprefix(root)
            is_excluded = not _is_metadata(path) and self.spec.match_file(path)
            (excluded if is_excluded else kept).append(entry)
        return Division(kept, excluded)

    def find_unused(self, paths: Iterable[str]) -> list[Finding]:
        """Return a note for each pattern that matches none of the paths of all wheels: most likely a typing error."""
        from constructs_lib.core.project.ignore_patterns import parse_patterns  # as above

        paths = [path for path in paths if not _is_metadata(path)]
        return [
            Finding(
                "exclude-files-unused",
                f"{OPTION} has {text!r}, which matches no file of a wheel that may be left out: write paths as in "
                f"site-packages (numpy/tests/), or take it out",
            )
            for text in dict.fromkeys(self.patterns)
            for pattern in parse_patterns(OPTION, [text]).patterns
            if pattern.include is not None and not any(map(pattern.match_file, paths))
        ]


ALL_FILES = FileExclusion()
"""No file is left out."""


def _is_metadata(path: str) -> bool:
    """Return whether a file is in a `.dist-info` folder: `importlib.metadata` reads them, and they hold the licenses.

    Those of vendored distributions are below a package.
    """
    return _DIST_INFO in path


def facts_of_kept(facts: Facts, division: Division, root: str) -> Facts:
    """Return what is true of the files that are kept, given the facts of all files of a wheel."""
    if not division.excluded:
        return facts
    names = {entry.name.removeprefix(root) for entry in division.kept}
    heads = {
        entry.name.removeprefix(root): bytes(entry.content()[:_PYC_HEAD])
        for entry in division.kept
        if entry.name.endswith(".pyc")
    }
    return facts._replace(
        unzipped=facts.unzipped - sum(entry.size for entry in division.excluded),
        elf=tuple(file for file in facts.elf if file.path in names),
        bytecode=find_bytecode(heads, names) if heads else (),
        modules=find_modules(names),
    )


def check_emptied(distribution: str, division: Division, root: str) -> list[Finding]:
    """Return an error for a distribution that is left without any module: the artifact would claim to contain it."""
    excluded, kept = (
        find_modules(entry.name.removeprefix(root) for entry in entries)
        for entries in (division.excluded, division.kept)
    )
    if not (excluded.owned or excluded.shared) or kept.owned or kept.shared:
        return []
    return [
        Finding(
            "exclude-files-empties",
            f"{OPTION} leaves {distribution} without any module: narrow the pattern, or leave the distribution out with "
            f"ignore_package_list",
            distribution,
        )
    ]
