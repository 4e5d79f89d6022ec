"""The outcome of an event that was handled."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """The id and the attributes for a SUCCESS."""

    physical_id: str
    data: dict[str, str] = field(default_factory=dict)
