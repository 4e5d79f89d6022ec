"""The name of a layer version's content: templates that refer to a version spell it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DECISIVE = (
    "LayerName",
    "Fingerprint",
    "Description",
    "LicenseInfo",
    "CompatibleRuntimes",
    "CompatibleArchitectures",
)
"""The properties that decide about a version: another one is published when one of these changes."""


def content_name(properties: Mapping[str, object]) -> str:
    """Hash the decisive properties of a layer's resource as a template spells them (sha256)."""
    decisive = {name: properties[name] for name in DECISIVE if name in properties}
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
