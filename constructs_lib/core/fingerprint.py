"""The fingerprint of an artifact: one hash over everything that goes into it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

BUILD_SCHEMA = 1
"""Increased when the same inputs would give other files; a part of every fingerprint."""


def fingerprint(**inputs: Any) -> str:
    """Hash a canonical form of `inputs`, which are JSON values: sha256, hex."""
    canonical = json.dumps({"schema": BUILD_SCHEMA, **inputs}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
