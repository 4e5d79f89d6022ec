"""The extras of this package: the command that installs what one of them brings."""

from __future__ import annotations

import shlex
from importlib import metadata

from packaging.requirements import Requirement

_DISTRIBUTION = "constructs-lib"


def install_command(extra: str) -> str:
    """Return the command that installs the libraries of an extra, by the names of the libraries themselves.

    This package is on no index: a command with its own name would fail, or install what somebody else puts there.
    """
    try:
        declared = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # copied into a folder, without its metadata
        declared = []
    requirements = [Requirement(text) for text in declared]
    needed = sorted(
        f"{requirement.name}{requirement.specifier}"
        for requirement in requirements
        if requirement.marker is not None
        and requirement.marker.evaluate({"extra": extra})
        and not requirement.marker.evaluate({"extra": ""})
    )
    if not needed:
        return f"install this package with its extra {extra!r}"
    return f"pip install {shlex.join(needed)}"
