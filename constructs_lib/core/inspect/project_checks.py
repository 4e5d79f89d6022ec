"""Checks of a project and its dependencies in one zip: what both bring, so that one would hide the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.inspect.findings import Finding, and_more
from constructs_lib.core.inspect.loadable import distribution_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from constructs_lib.core.archive.merge import Conflict


class Brought(NamedTuple):
    """The files of a project or a wheel."""

    modules: Collection[str]
    """The modules and packages at the top."""
    paths: Collection[str]


def check_project(
    conflicts: Sequence[Conflict], origin: str, project: Brought, wheels: Mapping[str, Brought]
) -> list[Finding]:
    """Return an error for each wheel that has a path or a module of the project with other content.

    `origin` is that of the project's files, which come last in `conflicts`; `wheels` are by file name.
    """
    paths: dict[str, list[str]] = {}
    for conflict in conflicts:
        if conflict.kept == origin:
            paths.setdefault(conflict.dropped, []).append(conflict.path)
    findings = [_finding(wheel, names[0] + and_more(names)) for wheel, names in paths.items()]
    for wheel, brought in wheels.items():
        if wheel not in paths:
            findings += [_finding(wheel, f"the module {name}") for name in _hidden(project, brought)]
    return findings


def _hidden(project: Brought, wheel: Brought) -> Iterator[str]:
    """Yield the names that are a module here and a package there: Python takes the package."""
    for name in sorted(set(project.modules) & set(wheel.modules)):
        if not {f"{name}/__init__.py"} <= set(project.paths) & set(wheel.paths):
            yield name


def _finding(wheel: str, what: str) -> Finding:
    return Finding(
        "project-conflict",
        f"the project and {wheel} both bring {what} with different content, and one would hide the other: rename it in "
        f"the project, or leave {distribution_of(wheel)} out with ignore_package_list",
    )
