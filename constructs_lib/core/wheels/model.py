"""A wheel at hand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wheel:
    """A wheel whose bytes have been verified and lie in memory (mapped from the store)."""

    name: str
    """Normalized distribution name (PEP 503)."""
    version: str
    filename: str
    sha256: str
    identity: str
    """What it was made from, for the fingerprint: its own sha256, or that of the source it was built from."""
    content: memoryview = field(repr=False, compare=False)

    @property
    def built_here(self) -> bool:
        return self.identity != self.sha256
