"""The selection from a uv.lock, compared with `uv export` of the same lock, which needs no network."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedDirectory, LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from tests.support.builders.uv import must, uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from constructs_lib.core.target import Target

_EXTRAS, _GROUPS = 6, 5
_PLAIN = (
    "--no-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-project",
    "--no-default-groups",
    "--quiet",
)


class _Releases:
    """Notes of releases that have no wheels: no index is asked about a source distribution."""

    def read_note(self, kind: str, key: str) -> dict[str, Any]:
        del kind, key
        return {"index": "https://index.example/simple", "wheels": []}

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None:
        del kind, key, note


class Line(NamedTuple):
    """A line of `uv export`: `name==version` or a folder, and the marker that it applies for."""

    text: str
    marker: Marker | None


class Answer(NamedTuple):
    """What is chosen for one target: the distributions, or the id of the error."""

    distributions: frozenset[str]
    refusal: str = ""


def digest(distributions: frozenset[str]) -> str:
    """Return a short hash of a selection."""
    return hashlib.sha256("\n".join(sorted(distributions)).encode()).hexdigest()[:8]


def name_of(options: LockOptions) -> str:
    """Return a name of a choice: `main`, `extra x`, `group x` or `only x`."""
    pairs = (("extra", options.extras), ("group", options.groups), ("only", options.only_groups))
    return next((f"{kind} {names[0]}" for kind, names in pairs if names), "main")


def choices(lock: Mapping[str, Any]) -> Iterator[LockOptions]:
    """Yield the main dependencies alone, and with the first extras and groups; each of these groups alone too."""
    yield LockOptions()
    [metadata] = [
        package.get("metadata", {}) for package in lock["package"] if "." in package["source"].values()
    ]
    for extra in sorted(metadata.get("provides-extras", ()))[:_EXTRAS]:
        yield LockOptions(extras=(extra,))
    for group in sorted(metadata.get("requires-dev", ()))[:_GROUPS]:
        yield LockOptions(groups=(group,))
        yield LockOptions(only_groups=(group,))


def exported(folder: Path, options: LockOptions) -> tuple[Line, ...]:
    """Return the lines of the requirements file that uv makes of this choice."""
    named = (("--extra", options.extras), ("--group", options.groups), ("--only-group", options.only_groups))
    chosen = [f"{option}={value}" for option, values in named for value in values]
    text = must(uv("export", "--frozen", "--format=requirements.txt", *_PLAIN, *chosen, cwd=folder))
    return tuple(_line(line) for line in text.splitlines() if line.strip())


def _line(line: str) -> Line:
    text, _, marker = line.partition(" ; ")
    return Line(text.removeprefix("-e ").strip(), Marker(marker) if marker else None)


def expected(lines: tuple[Line, ...], target: Target) -> frozenset[str]:
    """Return the distributions of `lines` that apply for `target`."""
    environment = {name: str(value) for name, value in target.environment.items()}
    return frozenset(
        text if "==" in text else os.path.normpath(text)
        for text, marker in lines
        if marker is None or marker.evaluate(environment)
    )


def chosen(folder: Path, target: Target, options: LockOptions) -> Answer:
    """Return what the library chooses; of the errors, only those of an unfit target are an answer."""
    try:
        locked = resolve(Project.at(folder), target, options, _Releases()).locked
    except ProjectError as error:
        if error.id not in ("python-not-allowed", "wheel-missing"):
            raise
        return Answer(frozenset(), error.id)
    return Answer(
        frozenset(
            os.path.relpath(file.directory, folder) if isinstance(file, LockedDirectory) else str(file)
            for file in locked
        )
    )


def difference(answer: Answer, lock: Mapping[str, Any], wanted: frozenset[str], target: Target) -> str:
    """Return a text that says what is wrong with `answer`, where `uv export` chooses `wanted`; else an empty one."""
    if not answer.refusal:
        return " ".join(sorted(answer.distributions ^ wanted))
    is_unfit = not target.is_in(SpecifierSet(lock["requires-python"]))
    if answer.refusal == "wheel-missing":
        is_unfit = any(
            f"{package['name']}=={package.get('version')}" in wanted and not _fits(package, target)
            for package in lock["package"]
        )
    return "" if is_unfit else f"refused for {answer.refusal}"


def _fits(package: Mapping[str, Any], target: Target) -> bool:
    names = [wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", ())]
    return any(not parse_wheel_filename(name)[-1].isdisjoint(target.tags) for name in names)
