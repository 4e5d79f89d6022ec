"""Who needs whom, among the distributions that a layer holds."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs_lib.core.lock.locked import LockOptions
    from constructs_lib.core.target import Target

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
ROOT = ""
"""Stands for the project, which is in no layer of its own."""


def direct_requirements(pyproject: Mapping[str, Any], options: LockOptions) -> tuple[str, ...]:
    """What the project itself asks for, by its `[project]` table and the chosen extras and groups (PEP 621, 735).

    Whatever has another shape is left out: the lock, not this list, decides what a layer holds.
    """
    project = _table(pyproject.get("project"))
    optional = _table(project.get("optional-dependencies"))
    groups = _table(pyproject.get("dependency-groups"))
    found: list[object] = []
    if not options.only_groups:
        found += _list(project.get("dependencies"))
        for extra in options.extras:
            found += _list(optional.get(extra))
    for group in (*options.groups, *options.only_groups):
        found += _members(groups, group, frozenset())
    return tuple(each for each in found if isinstance(each, str))


def _members(groups: Mapping[str, Any], name: str, above: frozenset[str]) -> Iterator[object]:
    for each in _list(groups.get(name)):
        included = each.get("include-group") if isinstance(each, dict) else None
        if not isinstance(included, str):
            yield each
        elif included not in above:
            yield from _members(groups, included, above | {name})


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def dependency_graph(
    direct: Iterable[str], requires: Mapping[str, Iterable[str]], target: Target
) -> dict[str, frozenset[str]]:
    """Distribution → those of the given ones that it needs on `target`, with the extras that somebody asks for.

    `ROOT` needs what `direct` names, and what nothing else leads to: it is in the layer for the project's sake.
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
    _lead_everywhere(edges)
    return {name: frozenset(needed) for name, needed in edges.items()}


def _lead_everywhere(edges: dict[str, set[str]]) -> None:
    """Let the root need what no way from it leads to; those that nobody needs first, then cycles."""
    needed = {name for each in edges.values() for name in each}
    reached = _reachable(edges, ROOT)
    for name in sorted(edges, key=lambda name: (name in needed, name)):
        if name not in reached:
            edges[ROOT].add(name)
            reached |= _reachable(edges, name)


def _reachable(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(edges[name])
    return found


def _parsed(lines: Iterable[str], known: Mapping[str, object]) -> Iterator[Requirement]:
    """Those that name a known distribution: parsing is what costs time, and most name others."""
    for line in lines:
        name = _NAME.match(line)
        if name is not None and canonicalize_name(name[1]) in known and (requirement := _requirement(line)):
            yield requirement


@cache
def _requirement(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _applies(requirement: Requirement, environment: Mapping[str, str], extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)
