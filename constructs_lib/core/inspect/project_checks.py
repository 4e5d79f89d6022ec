"""Checks of a project and its dependencies in one zip: what both bring, so that one would hide the other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.inspect.findings import Finding, and_more
from constructs_lib.core.inspect.loadable import distribution_of
from constructs_lib.core.inspect.modules import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from constructs_lib.core.archive.merge import Conflict


def check_project(
    conflicts: Sequence[Conflict], origin: str, project: Iterable[str], wheels: Mapping[str, Iterable[str]]
) -> list[Finding]:
    """Return an error for each wheel that has a path or a module of the project with other content.

    `origin` is that of the project's files, which come last in `conflicts`; `project` are its paths, and `wheels` those of
    each wheel by file name.
    """
    paths: dict[str, list[str]] = {}
    for conflict in conflicts:
        if conflict.kept == origin:
            paths.setdefault(conflict.dropped, []).append(conflict.path)
    findings = [_finding(wheel, names[0] + and_more(names)) for wheel, names in paths.items()]
    project_places = _module_places(project)
    for wheel, wheel_paths in wheels.items():
        if wheel not in paths:
            modules = _hidden(project_places, _module_places(wheel_paths))
            findings += [_finding(wheel, f"the module {module}") for module in modules]
    return findings


def _hidden(project: Mapping[str, Collection[str]], wheel: Mapping[str, Collection[str]]) -> list[str]:
    """Return the modules that are a file here and a folder, or another file, there: Python takes one of them."""
    return [
        module.replace("/", ".")
        for module in sorted(project.keys() & wheel.keys())
        if not set(project[module]) <= set(wheel[module]) and not set(wheel[module]) <= set(project[module])
    ]


def _module_places(paths: Iterable[str]) -> dict[str, set[str]]:
    """Return the files, and the folder with `/` at its end, that each module is in, by its path without an ending.

    A folder is one place with or without an `__init__`: parts of one package, or of one namespace, come together in it.
    """
    places: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        *folders, name = path.split("/")
        if path.endswith(IMPORTED) and all(map(str.isidentifier, folders)):
            places["/".join([*folders, name.partition(".")[0]])].add(path)
            for length in range(1, len(folders) + 1):
                folder = "/".join(folders[:length])
                places[folder].add(f"{folder}/")
    return places


def _finding(wheel: str, what: str) -> Finding:
    return Finding(
        "project-conflict",
        f"the project and {wheel} both bring {what} with different content, and one would hide the other: rename it in "
        f"the project, or leave {distribution_of(wheel)} out with ignore_package_list",
    )
