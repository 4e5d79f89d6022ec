"""The Python that a project is built for where nobody chose one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import newest_python
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from constructs_lib.core.project.pyproject import Project

PIN = ".python-version"
"""The file in which uv and pyenv keep a project's Python."""
_LONGEST = 1000
_VERSION = re.compile(r"(?:(?:cpython|python)[-@]?)?(\d{1,2}\.\d{1,3})(?:\.\d+)?")


class PythonChoice(NamedTuple):
    """A Python of Lambda and the reason for it."""

    version: str
    """`3.13`."""
    reason: str
    """A text that follows the version."""


def default_python(project: Project) -> PythonChoice:
    """Choose a project's Python: the one in `.python-version`, else the newest that the project allows.

    A pin counts if Lambda has that Python and `requires-python` allows it.
    """
    pinned = _pinned(project)
    if pinned is not None and pinned in RUNTIMES and _is_allowed(project, pinned):
        return PythonChoice(pinned, f"as {PIN} has it")
    return PythonChoice(newest_python(project), "the newest that the project allows")


def _pinned(project: Project) -> str | None:
    """Return the first version in `.python-version`; None where there is none, or one of another interpreter."""
    try:
        with (project.root / PIN).open(encoding="utf-8") as file:
            text = file.read(_LONGEST)
    except (OSError, ValueError):
        return None
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    match = _VERSION.fullmatch(next(filter(None, lines), ""))
    return match[1] if match else None


def _is_allowed(project: Project, version: str) -> bool:
    try:
        pyproject = project.pyproject
        required = pyproject.requires_python
        allowed = (required,) if required is not None else pyproject.poetry_python
        return not allowed or any(map(Target(version).is_in, allowed))
    except (ProjectError, ValueError):  # its build raises the error
        return True
