"""The top-level modules that a wheel brings, and checks of modules that belong to another distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from constructs_lib.core.inspect.findings import MAX_NAMES, Finding, and_more

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

# Endings of the files that an import takes; what stands before the first dot is the module's name.
IMPORTED = (".py", ".pyc", ".so")
_RUNTIME_MODULES = {
    "boto3": "boto3",
    "botocore": "botocore",
    "dateutil": "python-dateutil",
    "jmespath": "jmespath",
    "s3transfer": "s3transfer",
    "six": "six",
    "urllib3": "urllib3",
}
"""The distribution of each module that the runtime brings (`target.BROUGHT`)."""
_AT_START = frozenset({"sitecustomize", "usercustomize"})
"""Modules that `site` imports when Python starts, from wherever the path leads."""


class Modules(NamedTuple):
    """The top level of a wheel's files."""

    owned: tuple[str, ...] = ()
    """Modules, and packages with an `__init__`."""
    shared: tuple[str, ...] = ()
    """Folders with modules and without an `__init__`: namespace packages, or parts of another's package."""
    path_files: tuple[str, ...] = ()
    """Files `*.pth`."""


def find_modules(names: Iterable[str]) -> Modules:
    """Return the modules at the top level of these paths."""
    owned, folders, path_files = set(), set(), set()
    for name in names:
        top, slash, rest = name.partition("/")
        if not slash and top.endswith(".pth"):
            path_files.add(top)
        if not name.endswith(IMPORTED) or (slash and not top.isidentifier()):
            continue
        if not slash or (rest.startswith("__init__.") and "/" not in rest):
            owned.add(top.partition(".")[0])
        else:
            folders.add(top)
    return Modules(*map(_ordered, (owned, folders - owned, path_files)))


def _ordered(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def check_modules(modules: Mapping[str, Modules], left_out: Collection[str] = ()) -> list[Finding]:
    """Return findings for distributions that bring a module of another one, or code that runs when Python starts.

    `modules` by the distribution's normalized name; `left_out` are the names of those that were not to be in the layer.
    """
    owners: dict[str, list[str]] = {}
    for name in sorted(modules):
        for module in modules[name].owned:
            owners.setdefault(module, []).append(name)
    findings: list[Finding] = []
    for name in sorted(modules):
        findings += _check_runtime(name, modules[name], left_out)
        findings += _check_start(name, modules[name])
        findings += _check_shared(name, modules[name], owners)
    return findings


def _check_runtime(name: str, modules: Modules, left_out: Collection[str]) -> Iterator[Finding]:
    """Find modules of the runtime, or of a distribution that was left out, under another distribution's name.

    A folder without `__init__` takes the place of no module: Python prefers a package further along its path.
    """
    for module in modules.owned:
        owner = _RUNTIME_MODULES.get(module, canonicalize_name(module))
        if owner != name and (module in _RUNTIME_MODULES or owner in left_out):
            place = "the runtime's" if module in _RUNTIME_MODULES else "that of the function or another layer"
            yield Finding(
                "foreign-module",
                f"{name} brings the module {module} of {owner}, which stands before {place}: use a release of {name} "
                f"without it, unless that is what it is for",
                name,
            )


def _check_start(name: str, modules: Modules) -> Iterator[Finding]:
    for module in sorted(_AT_START.intersection(modules.owned)):
        yield Finding(
            "runs-at-start",
            f"{name} brings {module}, which Python imports whenever it starts: make sure that its code is meant for your "
            f"functions, or leave {name} out",
            name,
        )
    if modules.path_files:
        first = modules.path_files[0]
        yield Finding(
            "path-file",
            f"{name} brings {first}{and_more(modules.path_files)}; Python reads such files in site-packages only, so "
            f"what it does for an installation does not happen in Lambda",
            name,
        )


def _check_shared(name: str, modules: Modules, owners: Mapping[str, list[str]]) -> Iterator[Finding]:
    """Find files in a package whose `__init__` another distribution brings."""
    for module in modules.shared:
        if other_owners := [owner for owner in owners.get(module, ()) if owner != name]:
            yield Finding(
                "extends-package",
                f"{name} adds files to the package {module} of {', '.join(other_owners[:MAX_NAMES])}",
                name,
            )
