"""What a layer holds, read back: from its CycloneDX document, or from the lock file it was built from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.toml_table import parse_toml
from constructs_lib.core.sbom.document import TOOL

_UNZIPPED = f"{TOOL}:unzipped"
_PINNED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([^\s;\\#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Content:
    """One distribution, as far as it is known."""

    version: str
    sha256: str = ""
    """Of its wheel; empty for one that was built on the spot, and where nobody says it."""
    unzipped: int = 0
    """Bytes of its files; 0 where nobody says it."""


Contents: TypeAlias = Mapping[str, Content]
"""By name."""


def read_sbom(document: bytes) -> Contents | None:
    """The components of any CycloneDX document in JSON; None where it is none, or lacks a name or version."""
    try:
        found = json.loads(document)
        if found["bomFormat"] != "CycloneDX":
            return None
        return {str(each["name"]): _content(each) for each in found.get("components", [])}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _content(component: Mapping[str, Any]) -> Content:
    hashes = [each["content"] for each in component.get("hashes", []) if each["alg"] == "SHA-256"]
    sizes = [int(each["value"]) for each in component.get("properties", []) if each["name"] == _UNZIPPED]
    return Content(str(component["version"]), "".join(hashes), sum(sizes))


def read_lock(name: str, content: bytes) -> Contents:
    """All distributions that the lock file `name` gives a version; none where it cannot be read.

    It names more than a layer holds: other groups, other platforms, what is ignored.
    """
    text = content.decode("utf-8", "replace")
    if not name.endswith((".lock", ".toml")):
        return {canonicalize_name(found): Content(version) for found, version in _PINNED.findall(text)}
    try:
        document = parse_toml(text, Path(name))
        packages = document.get("package") or document.get("packages") or []
        return {
            canonicalize_name(each["name"]): Content(each["version"])
            for each in packages
            if "version" in each
        }
    except (ProjectError, KeyError, TypeError, AttributeError):
        return {}
