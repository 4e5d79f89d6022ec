"""The packages of a lock file that a layer or a function takes, and those that it leaves to the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.target import default_ignore_package_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.lock.locked import Locked, Manifest, Resolution
    from constructs_lib.core.project.pyproject import Project


class Selection(NamedTuple):
    """The packages of a lock file for one target, divided by the ignore list."""

    manifest: Manifest
    packages: Sequence[Locked]
    """Those to acquire."""
    ignored: Sequence[Locked]
    warnings: Sequence[Finding]
    may_be_incomplete: bool = False
    """True where nobody resolved the lock file for this target, so that a dependency may be missing."""


def ignored_names(ignore: Sequence[str] | None) -> set[str]:
    """Return the normalized names of the ignore list; None is the default one."""
    return {canonicalize_name(name) for name in (default_ignore_package_list if ignore is None else ignore)}


def divide_packages(
    locked: Sequence[Locked], ignore: Sequence[str] | None
) -> tuple[list[Locked], list[Locked]]:
    """Return the packages to acquire, and those on the ignore list."""
    names = ignored_names(ignore)
    packages = [package for package in locked if package.name not in names]
    return packages, [package for package in locked if package.name in names]


def empty_layer(project: Project, resolution: Resolution, ignored: Sequence[Locked]) -> ProjectError:
    """Return the error for a layer without any package."""
    # 1 ms: only for a layer that is not built.
    from constructs_lib.core.lock.remedies import explain_nothing_locked

    manifest = resolution.manifest
    names = [package.name for package in ignored]
    problem, remedy = explain_nothing_locked(project, manifest.name, names, resolution.not_chosen)
    text = f"{manifest.path} {problem} for this target: a layer needs at least one; {remedy}"
    return ProjectError("layer-empty", text)
