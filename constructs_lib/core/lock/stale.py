"""Does uv.lock still answer what pyproject.toml asks?

`uv lock --check` would say so too, but it looks for an interpreter that satisfies `requires-python`, and the
machine that synthesizes need not have the Python that Lambda runs. So the requirements that uv.lock records
(`[package.metadata]`) are compared here, as far as the target can tell them apart: what is compared is what
is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.requirement import Reader, Requirement
from constructs_lib.core.project.pyproject import read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.target import Target

Table = Mapping[str, Any]
LOCK_VERSION = 1
"""The schema of uv.lock that is read here; uv raises it only for changes that older readers cannot read."""
_LOCAL = ("virtual", "editable", "directory")


@dataclass(frozen=True)
class _LocalPackage:
    """A `[[package]]` of uv.lock whose sources are on this machine."""

    where: str
    """Its folder, relative to that of uv.lock."""
    table: Table


def check_uv_lock(path: Path, lock: Table, entry: Path, target: Target, options: LockOptions) -> None:
    """Raise a ProjectError where the uv.lock at `path` was made from other requirements than today's.

    The project in `entry` is compared, and every local project it depends on. A changed version of a local
    project alone is no difference: the lock does not decide what is in it.
    """
    version = lock.get("version")
    if version != LOCK_VERSION:
        msg = f"{path} has schema version {version!r}, this release reads {LOCK_VERSION}: upgrade constructs-lib"
        raise ProjectError(msg)
    local = _local_packages(lock)
    here = {name for name, package in local.items() if (path.parent / package.where).resolve() == entry}
    reader = Reader(path.parent, {name: package.where for name, package in local.items()}, target)
    for name in sorted(_reachable(lock, here) & local.keys()):
        chosen = options if name in here else LockOptions()
        _check_project(path, local[name], reader, chosen, inherited=_workspace_sources(path, lock, name))
    _check_settings(path, lock, reader, target)


def _local_packages(lock: Table) -> dict[str, _LocalPackage]:
    found = {}
    for package in lock.get("package", ()):
        source = package.get("source", {})
        where = next((source[kind] for kind in _LOCAL if kind in source), None)
        if where is not None:
            found[package["name"]] = _LocalPackage(where, package)
    return found


def _reachable(lock: Table, start: set[str]) -> set[str]:
    """The names of all packages that `start` depends on, by any way the lock records, and itself."""
    needs: dict[str, set[str]] = {}
    for package in lock.get("package", ()):
        lists = [package.get("dependencies", ())]
        lists += package.get("optional-dependencies", {}).values()
        lists += package.get("dev-dependencies", {}).values()
        needs.setdefault(package["name"], set()).update(row["name"] for rows in lists for row in rows)
    found: set[str] = set()
    todo = set(start)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= needs.get(name, set()) - found
    return found


def _workspace_sources(path: Path, lock: Table, name: str) -> Table:
    """The sources of the workspace's root, which its members inherit."""
    if name not in lock.get("manifest", {}).get("members", ()):
        return {}
    root = path.parent / "pyproject.toml"
    sources: Table = (
        read_toml(root).get("tool", {}).get("uv", {}).get("sources", {}) if root.is_file() else {}
    )
    return sources


def _check_project(
    lock: Path, package: _LocalPackage, reader: Reader, options: LockOptions, inherited: Table
) -> None:
    path = lock.parent / package.where / "pyproject.toml"
    if not path.is_file():
        return
    pyproject = read_toml(path)
    project: Table = pyproject.get("project", {})
    if not project or "dependencies" in project.get("dynamic", ()):
        return
    own = pyproject.get("tool", {}).get("uv", {}).get("sources", {})
    sources = [(".", inherited), (package.where, own)]
    metadata = package.table.get("metadata", {})
    asked = set(reader.asked(_asked_lines(pyproject, options), sources, path))
    recorded = set(reader.recorded(_recorded_rows(metadata, options), options.extras))
    _compare(asked, recorded, path, lock)


def _asked_lines(pyproject: Table, options: LockOptions) -> Iterator[str]:
    project = pyproject.get("project", {})
    if not options.only_groups:
        yield from project.get("dependencies", ())
        for extra in options.extras:
            yield from project.get("optional-dependencies", {}).get(extra, ())
    for group in (*options.groups, *options.only_groups):
        yield from _group_lines(pyproject, group)


def _group_lines(pyproject: Table, group: str) -> Iterator[str]:
    """A dependency group with those it includes (PEP 735); uv's older `dev-dependencies` are the group `dev`."""
    if group == "dev":
        yield from pyproject.get("tool", {}).get("uv", {}).get("dev-dependencies", ())
    for line in pyproject.get("dependency-groups", {}).get(group, ()):
        if isinstance(line, str):
            yield line
        elif isinstance(included := line.get("include-group"), str) and included != group:
            yield from _group_lines(pyproject, included)


def _recorded_rows(metadata: Table, options: LockOptions) -> Iterator[Table]:
    if not options.only_groups:
        yield from metadata.get("requires-dist", ())
    for group in (*options.groups, *options.only_groups):
        yield from metadata.get("requires-dev", {}).get(group, ())


def _check_settings(path: Path, lock: Table, reader: Reader, target: Target) -> None:
    root = path.parent / "pyproject.toml"
    if not root.is_file():
        return
    pyproject = read_toml(root)
    settings = pyproject.get("tool", {}).get("uv", {})
    manifest: Table = lock.get("manifest", {})
    sources = [(".", settings.get("sources", {}))]
    for setting, key in (("constraint-dependencies", "constraints"), ("override-dependencies", "overrides")):
        asked = set(reader.asked(settings.get(setting, ()), sources, root))
        _compare(asked, set(reader.recorded(manifest.get(key, ()))), root, path)
    wanted = pyproject.get("project", {}).get("requires-python")
    recorded = lock.get("requires-python")
    # The lock of a workspace records what all its members allow together.
    if wanted is None or not isinstance(recorded, str) or len(manifest.get("members", ())) > 1:
        return
    version = target.runtime.full_version
    if SpecifierSet(wanted).contains(version) != SpecifierSet(recorded).contains(version):
        raise _stale(f"{root} asks for Python {wanted}, the lock is for {recorded}", path)


def _compare(asked: set[Requirement], recorded: set[Requirement], pyproject: Path, lock: Path) -> None:
    missing = sorted(map(str, asked - recorded))
    gone = sorted(map(str, recorded - asked))
    if missing:
        instead = (
            f" where the lock records {', '.join(gone)}" if gone else ", of which the lock knows nothing"
        )
        raise _stale(f"{pyproject} asks for {', '.join(missing)}{instead}", lock)
    if gone:
        raise _stale(f"{pyproject} no longer asks for {', '.join(gone)}", lock)


def _stale(why: str, lock: Path) -> ProjectError:
    return ProjectError(f"{lock} is stale: {why}. Run 'uv lock' in {lock.parent} and commit the result")
