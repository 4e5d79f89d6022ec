"""Remedies for a project without a lock file, and for a lock file without a package to install.

Each command is one that this kind of project can be locked with: `uv lock` gives a Poetry or Pipenv project an empty
lock file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.lock.member_folders import member_folders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.lock.locked import NotChosen
    from constructs_lib.core.project.pyproject import Project

_MOST_NAMES = 6
_COMPILED = ("pyproject.toml", "setup.py", "requirements.in")


def tool_for(project: Project) -> str:
    """Return the row of the lock tools that a project without a lock file is made for."""
    tables = project.pyproject.document
    tools = tables.table("tool")
    if "poetry" in tools:
        return "poetry"
    if "pdm" in tools and "uv" not in tools:
        return "pdm"
    if "project" in tables or "uv" in tools:
        return "uv"
    return "pipenv" if (project.root / "Pipfile").is_file() else "pip"


def command_for(project: Project, tool: str, command: str) -> str:
    """Return the sentence that names the command for a missing lock file of `tool`, or what has to be written first."""
    if tool not in ("pip", "pylock"):
        return f"run '{command}' in {project.root} and commit it"
    source = next((name for name in _COMPILED if _names_dependencies(project, name)), None)
    if source is None:
        requirements = project.root / "requirements.txt"
        return f"write the dependencies into {requirements}, or leave the layer out if there are none"
    return f"run '{command.format(source=source)}' in {project.root} and commit it"


def _names_dependencies(project: Project, name: str) -> bool:
    """Return whether uv can compile the file: a pyproject.toml needs a `[project]` table for that."""
    if name == "pyproject.toml":
        return "project" in project.pyproject.document
    return (project.root / name).is_file()


class Emptiness(NamedTuple):
    """The reason why a lock file gives a layer no package, and the remedy."""

    problem: str
    remedy: str


def explain_nothing_locked(
    project: Project, manifest: str, ignored: Iterable[str], rest: NotChosen
) -> Emptiness:
    """Explain that nothing is left to install; `rest` is what the lock file has for other choices."""
    if names := list(ignored):
        return Emptiness(
            f"locks only packages that are ignored ({_some(names)})",
            "shorten ignore_package_list, or leave the layer out",
        )
    tables = project.pyproject.document
    if manifest == "uv.lock" and "project" not in tables and "poetry" in tables.table("tool"):
        return Emptiness(
            "locks no package",
            f"uv does not read [tool.poetry]: remove uv.lock and run 'poetry lock' in {project.root}",
        )
    extras = {*rest.extras, *_keys(tables.values, "project", "optional-dependencies")}
    groups = {*rest.groups, *_keys(tables.values, "dependency-groups")}
    remedies = [
        f"choose {kind}, of which there are {_some(names)}"
        for kind, names in (("extras", extras), ("groups", groups))
        if names
    ]
    if members := _members(project):
        remedies.append(f"give a member of the workspace as entry ({_some(members)})")
    if rest.packages:
        remedies.append(f"choose another runtime or architecture, for which it locks {_some(rest.packages)}")
    remedies.append("leave the layer out" if remedies else "add a dependency, or leave the layer out")
    return Emptiness("locks no package", ", or ".join(remedies))


def _keys(values: object, *names: str) -> list[str]:
    """Return the keys of a table of pyproject.toml; none where it is missing or has another shape."""
    for name in names:
        values = values.get(name) if isinstance(values, dict) else None
    return list(values) if isinstance(values, dict) else []


def _members(project: Project) -> list[str]:
    """Return the folders of the uv workspace that the project is the root of."""
    workspace = project.pyproject.document.table("tool").table("uv").table("workspace")
    return [folder for folder in member_folders(project.root, workspace.texts("members")) if folder != "."]


def _some(names: Iterable[str]) -> str:
    """Return the first names of a list, cut to a readable length."""
    listed = sorted(set(names))
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return ", ".join(listed[:_MOST_NAMES]) + more
