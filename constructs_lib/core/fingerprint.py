"""One hash over everything that goes into an artifact."""

from __future__ import annotations

import hashlib
import json
from typing import Any

BUILD_SCHEMA = 1
"""Raised when the same inputs would give other files; a part of every fingerprint."""


def fingerprint(**inputs: Any) -> str:
    """sha256 (hex) over a canonical form of `inputs`, which are JSON values."""
    canonical = json.dumps({"schema": BUILD_SCHEMA, **inputs}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
