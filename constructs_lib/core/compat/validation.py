"""A check that an installed tree holds the dependencies of its project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from constructs_lib.core.compat.tree.installed import read_tree
from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.project.pyproject import read_pyproject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.requirements import Requirement
    from packaging.tags import Tag

    from constructs_lib.core.compat.tree.distribution import Distribution

_IN_LAMBDA = {"os_name": "posix", "platform_system": "Linux", "sys_platform": "linux"}


class ArtifactValidationError(InspectionError, AssertionError):
    """The tree lacks a dependency, or holds one for another platform."""


def validate_artifacts(
    dir_python: str | Path,
    path_pyproject_toml: str | Path,
    check_linux: bool = False,
    extras: Sequence[str] | None = None,
    all_extras: bool = False,
) -> dict[str, Any]:
    """Check that the tree holds the direct dependencies of a project and, with `check_linux`, only Linux builds.

    Returns `{"ok": True, "packages": […], "errors": []}`; a package has `name`, `found`, `tags` and `linux` (None for
    pure Python). Raises an ArtifactValidationError, which is an AssertionError too, with all problems in its text.
    The zip step checks more: see `create_layer_zip_file`.
    """
    root, path = Path(dir_python), Path(path_pyproject_toml)
    installed = {distribution.name: distribution for distribution in read_tree(root, ()).distributions}
    names = dict.fromkeys(_required_names(path, extras or (), all_extras=all_extras))
    packages = [_package(name, installed.get(name)) for name in names]
    errors = [f"{package['name']} is not in {root}" for package in packages if not package["found"]]
    if check_linux:
        errors += [
            f"{package['name']} has non-Linux tags: {', '.join(package['tags'])}"
            for package in packages
            if package["linux"] is False
        ]
    if errors:
        raise ArtifactValidationError("artifacts-incomplete", "; ".join(errors))
    return {"ok": True, "packages": packages, "errors": errors}


def _package(name: str, distribution: Distribution | None) -> dict[str, Any]:
    tags = distribution.tags if distribution else frozenset()
    return {
        "name": name,
        "found": distribution is not None,
        "tags": sorted(map(str, tags)),
        "linux": _is_for_linux(tags),
    }


def _is_for_linux(tags: Iterable[Tag]) -> bool | None:
    platforms = {tag.platform for tag in tags}
    if platforms <= {"any"}:
        return None
    return any("linux" in platform for platform in platforms)


def _required_names(path: Path, extras: Sequence[str], *, all_extras: bool) -> Iterator[str]:
    pyproject = read_pyproject(path)
    known = list(map(canonicalize_name, pyproject.document.table("project").table("optional-dependencies")))
    chosen = known if all_extras else list(map(canonicalize_name, extras))
    if unknown := [extra for extra in chosen if extra not in known]:
        raise ProjectError(
            "selection-unknown",
            f"{path} has no extra {unknown[0]!r}: it has {', '.join(known) or 'none'}",
        )
    yield from _names(pyproject.requirements.main)
    # An extra may take the project's other extras along, `all = ["shop[web]"]`, also in a circle.
    waiting, visited = chosen, set[str]()
    own_name = canonicalize_name(pyproject.name or "")
    while waiting:
        extra = waiting.pop(0)
        if extra in visited:
            continue
        visited.add(extra)
        requirements = pyproject.requirements.of_extra(extra)
        waiting += [
            canonicalize_name(name)
            for requirement in requirements
            if canonicalize_name(requirement.name) == own_name
            for name in requirement.extras
        ]
        yield from (name for name in _names(requirements) if name != own_name)


def _names(requirements: Iterable[Requirement]) -> Iterator[str]:
    """Yield the names of the requirements that hold in Lambda."""
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate({**_IN_LAMBDA, "extra": ""}):
            yield canonicalize_name(requirement.name)
