"""The dependencies between the distributions that a layer holds."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from constructs_lib.core.lock.locked import LockOptions
    from constructs_lib.core.project.pyproject import PyProject
    from constructs_lib.core.target import Target

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_BRACKETS = re.compile(_NAME.pattern + r"\s*\[([^\]]*)\]")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']*)["']""")
ROOT = ""
"""The name of the project, which is in no layer of its own."""


def direct_requirements(pyproject: PyProject, options: LockOptions) -> tuple[str, ...]:
    """Return the requirements of the project itself, with those of the chosen extras and groups (PEP 621, 735)."""
    chosen = pyproject.requirements.chosen(options.extras, options.groups, options.only_groups)
    return tuple(map(str, chosen))


def dependency_graph(
    direct: Iterable[str], requires: Mapping[str, Iterable[str]], target: Target
) -> dict[str, frozenset[str]]:
    """Return for each distribution those of `requires` that it needs on `target`, with the requested extras.

    `ROOT` needs the distributions that `direct` names, and those that no other distribution leads to.
    """
    parsed = {name: list(_parsed(lines, requires)) for name, lines in {ROOT: direct, **requires}.items()}
    environment = {key: str(value) for key, value in target.environment.items()}
    extras: defaultdict[str, set[str]] = defaultdict(lambda: {""})
    edges: dict[str, set[str]] = {name: set() for name in parsed}
    waiting = list(parsed)
    while waiting:
        name = waiting.pop()
        for requirement in parsed[name]:
            needed = canonicalize_name(requirement.name)
            if not _applies(requirement, environment, extras[name]):
                continue
            if needed != name:
                edges[name].add(needed)
            if not requirement.extras <= extras[needed]:
                extras[needed] |= requirement.extras
                waiting.append(needed)
    _attach_to_root(edges)
    return {name: frozenset(needed) for name, needed in edges.items()}


def missing_dependencies(
    direct: Iterable[str], requires: Mapping[str, Iterable[str]], target: Target
) -> dict[str, frozenset[str]]:
    """Return for each distribution the names that it needs on `target` and that are none of `requires`."""
    lines = {name: tuple(entries) for name, entries in requires.items()}
    mentioned = _mentioned([*direct, *(line for entries in lines.values() for line in entries)])
    absent = mentioned - lines.keys()
    if not absent:
        return {}
    graph = dependency_graph(direct, {**lines, **dict.fromkeys(absent, ())}, target)
    missing = {name: graph[name] & absent for name in lines}
    return {name: names for name, names in missing.items() if names}


def _mentioned(lines: Sequence[str]) -> set[str]:
    """Return the names that unconditional lines mention, and those of the extras that some line requests.

    Most lines of METADATA are for extras that nobody requests, and parsing one takes time.
    """
    requested = {extra for line in lines for extra in _requested(line)}
    names: set[str] = set()
    for line in lines:
        name = _NAME.match(line)
        extra = _EXTRA.search(line)
        if name and (extra is None or canonicalize_name(extra[1]) in requested):
            names.add(canonicalize_name(name[1]))
    return names


def _requested(line: str) -> Iterator[str]:
    if bracketed := _BRACKETS.match(line):
        yield from (canonicalize_name(extra.strip()) for extra in bracketed[2].split(","))


def _attach_to_root(edges: dict[str, set[str]]) -> None:
    """Attach each distribution the project does not reach to the root: unrequired ones first, then one of each cycle."""
    needed = {name for names in edges.values() for name in names}
    reached = _reachable(edges, ROOT)
    for name in sorted(edges, key=lambda name: (name in needed, name)):
        if name not in reached:
            edges[ROOT].add(name)
            reached |= _reachable(edges, name)


def _reachable(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(edges[name])
    return reached


def _parsed(lines: Iterable[str], distributions: Mapping[str, object]) -> Iterator[Requirement]:
    """Parse the lines that name one of `distributions`: parsing takes time, and most lines name others."""
    for line in lines:
        name = _NAME.match(line)
        if (
            name is not None
            and canonicalize_name(name[1]) in distributions
            and (requirement := _requirement(line))
        ):
            yield requirement


@cache
def _requirement(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _applies(requirement: Requirement, environment: Mapping[str, str], extras: Iterable[str]) -> bool:
    marker = requirement.marker
    try:
        return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)
    except (UndefinedComparison, UndefinedEnvironmentName):
        # A wheel's marker may compare names by `~=`; installers skip such a requirement or refuse the wheel.
        return False
