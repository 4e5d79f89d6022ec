"""The members of a built wheel that stay out of it: secrets, files that git ignores, files that are not chosen."""

from __future__ import annotations

import csv
import io
import itertools
import os
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from constructs_lib.core.project.secret_files import holds_secrets
from constructs_lib.core.project.source_files import LeftOut, Patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs_lib.core.project.source_files import Reason

_DIST_INFO = ".dist-info"
_ENVIRONMENT = "pyvenv.cfg"


@dataclass(frozen=True)
class Choice:
    """The files of a project that its wheel may hold."""

    root: Path
    files: Sequence[Path]
    """All files of the project, relative to it."""
    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None
    ignored: frozenset[Path] = frozenset()
    """The `files` that git ignores and the build must not take along."""

    @cached_property
    def _by_name(self) -> Mapping[str, list[Path]]:
        files: defaultdict[str, list[Path]] = defaultdict(list)
        for path in self.files:
            files[path.name].append(path)
        return files

    @cached_property
    def _patterns(self) -> Patterns:
        return Patterns.of(self.include, self.exclude)

    @property
    def decides(self) -> bool:
        """True if a member may stay out because of the file that it comes from."""
        return bool(self.ignored or self.include or self.exclude)

    def sources(self, member: str, content: bytes) -> list[Path]:
        """Return the project's files that a member may come from: equal bytes, the longest equal end of the path."""
        parts = PurePosixPath(member).parts[::-1]
        best, longest = list[Path](), 1
        for path in self._by_name.get(parts[0], ()):
            length = _common_length(parts, path.parts[::-1])
            # Empty files of one name are everywhere: more of the path has to be equal.
            is_source = content or length == len(parts) or length > 1
            if length >= longest and is_source and self._is_equal(path, content):
                best, longest = [*(best if length == longest else ()), path], length
        return [path for path in best if path not in self.ignored] or best

    def _is_equal(self, path: Path, content: bytes) -> bool:
        file = self.root / path
        try:
            return file.stat().st_size == len(content) and file.read_bytes() == content
        except OSError:
            return False

    def refuses(self, sources: Iterable[Path]) -> bool:
        """Return whether the patterns leave out every one of the sources."""
        names = [path.as_posix() for path in sources]
        return bool(names) and not any(map(self._patterns.match, names))


def _common_length(parts: Sequence[str], other_parts: Sequence[str]) -> int:
    pairs = zip(parts, other_parts, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def named_by(
    include: Sequence[str] | None, files: Iterable[Path], ignored: frozenset[Path]
) -> frozenset[Path]:
    """Return the ignored files that `include` names: by a pattern that no other file matches."""
    if not include or not ignored:
        return frozenset()
    names = [path.as_posix() for path in files if path not in ignored]
    named: set[Path] = set()
    for patterns in (Patterns.of([line], None) for line in include):
        if not any(map(patterns.match, names)):
            named.update(path for path in ignored if patterns.match(path.as_posix()))
    return frozenset(named)


def tidy_wheel(wheel: Path, choice: Choice) -> list[LeftOut]:
    """Remove the members that stay out from a built wheel, and `./` from the names of the others.

    Return the secrets and ignored files. A wheel without any such member stays as it was built.
    """
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    environments = tuple(
        f"{info.filename.removesuffix(_ENVIRONMENT)}"
        for info, _ in members
        if info.filename.endswith(f"/{_ENVIRONMENT}")
    )
    names: defaultdict[Reason, list[str]] = defaultdict(list)
    removed = set()
    for info, content in members:
        if reason := _reason(info.filename, content, choice, environments):
            removed.add(info.filename)
            if reason != "excluded":
                names[reason].append(_plain(info.filename))
    if removed or any(info.filename.startswith("./") for info, _ in members):
        _rewrite(wheel, members, removed)
    return [LeftOut.of(choice.root.name, reason, paths) for reason, paths in names.items()]


def _reason(
    name: str, content: bytes, choice: Choice, environments: tuple[str, ...]
) -> Reason | Literal["excluded"] | None:
    """Return the reason for which a member stays out; None for one that stays in."""
    parts = PurePosixPath(name).parts
    if name.endswith("/"):
        return None
    if holds_secrets(parts, lambda: content) or (environments and name.startswith(environments)):
        return "secret"
    if not choice.decides or parts[0].endswith(_DIST_INFO):
        return None
    sources = choice.sources(name, content)
    if choice.refuses(sources):
        return "excluded"
    return "ignored" if sources and choice.ignored.issuperset(sources) else None


def _plain(name: str) -> str:
    """Return a member's name without the `./` that hatchling writes for packages in the project's own folder."""
    return name.removeprefix("./")


def _rewrite(wheel: Path, members: Sequence[tuple[zipfile.ZipInfo, bytes]], removed: set[str]) -> None:
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, content in members:
            if info.filename in removed:
                continue
            plain = zipfile.ZipInfo(_plain(info.filename), info.date_time)
            plain.compress_type, plain.external_attr = info.compress_type, info.external_attr
            is_record = info.filename.endswith(f"{_DIST_INFO}/RECORD")
            archive.writestr(plain, _record(content, removed) if is_record else content)


def _record(content: bytes, removed: set[str]) -> bytes:
    """Return RECORD without the rows of removed members."""
    out = io.StringIO()
    # Not `splitlines`, which ends a line at U+2028 in a name; a name need not be UTF-8 either.
    rows = csv.reader(io.StringIO(content.decode("utf-8", "surrogateescape"), newline=None))
    names = {_plain(name) for name in removed}
    csv.writer(out, lineterminator="\n").writerows(
        [_plain(row[0]), *row[1:]] for row in rows if row and _plain(row[0]) not in names
    )
    return out.getvalue().encode("utf-8", "surrogateescape")


def note_dropped(
    wheel: Path, choice: Choice, dropped: frozenset[Path], outside: frozenset[Path] = frozenset()
) -> list[LeftOut]:
    """Return the ignored files that a build in a copy could not take along, if they lie among its modules.

    Those in `outside` lie in folders beside the project that it takes whole.
    """
    with zipfile.ZipFile(wheel) as archive:
        packed = {PurePosixPath(name).name for name in archive.namelist()}
    folders = {
        path.parent
        for path in choice.files
        if path.suffix == ".py" and path not in dropped and path.parts[1:]
    }
    names = [path.as_posix() for path in dropped if path.parent in folders and path.name not in packed]
    beside = [os.path.relpath(path, choice.root) for path in outside if path.name not in packed]
    rows: list[tuple[Reason, list[str]]] = [("ignored", names), ("ignored-beside", beside)]
    return [LeftOut.of(choice.root.name, reason, paths) for reason, paths in rows if paths]
