"""The contents of a layer, read from its CycloneDX document or from the lock file it was built from."""

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
_LARGEST = 10**15
"""Bytes; a sum of larger numbers could not be shown."""
_PINNED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([^\s;\\#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Content:
    """The version, hash and size of one distribution."""

    version: str
    sha256: str = ""
    """Hash of the wheel; empty if it was built here or the hash is unknown."""
    unzipped: int = 0
    """Bytes of the files; 0 if unknown."""


Contents: TypeAlias = Mapping[str, Content]
"""The distributions of a layer, by name."""


def read_sbom(document: bytes) -> Contents | None:
    """Return the components of any CycloneDX document in JSON.

    None for another document, for a component without a name or version, and for an impossible size: the caller decides whether that is an
    error.
    """
    try:
        bom = json.loads(document)
        if bom["bomFormat"] != "CycloneDX":
            return None
        return {str(component["name"]): _content(component) for component in bom.get("components", [])}
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _content(component: Mapping[str, Any]) -> Content:
    hashes = [row["content"] for row in component.get("hashes", []) if row["alg"] == "SHA-256"]
    sizes = [int(row["value"]) for row in component.get("properties", []) if row["name"] == _UNZIPPED]
    if any(not 0 <= size <= _LARGEST for size in sizes):
        raise ValueError(_UNZIPPED)
    return Content(str(component["version"]), "".join(hashes), sum(sizes))


def read_lock(name: str, content: bytes) -> Contents:
    """Return all distributions with a version in the lock file `name`; none if it cannot be read.

    A lock file has more than a layer: other groups, other platforms, ignored distributions.
    """
    text = content.decode("utf-8", "replace")
    if not name.endswith((".lock", ".toml")):
        return {canonicalize_name(pin): Content(version) for pin, version in _PINNED.findall(text)}
    try:
        document = parse_toml(text, Path(name))
        packages = document.get("package") or document.get("packages") or []
        return {
            canonicalize_name(package["name"]): Content(package["version"])
            for package in packages
            if "version" in package
        }
    except (ProjectError, KeyError, TypeError, AttributeError):
        return {}
