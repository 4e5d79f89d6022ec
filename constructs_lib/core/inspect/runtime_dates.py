"""Dates of a runtime: a preview, and the days from which Lambda no longer patches, creates or updates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import CHECKED
from constructs_lib.core.inspect.findings import Finding

if TYPE_CHECKING:
    from constructs_lib.core.aws_facts import Runtime

NEAR = timedelta(days=180)
"""How long before the end there is a warning: AWS writes to the owners of functions as early."""


def current_day() -> date:
    """Return the day on this machine; one on or the other side of midnight makes no difference."""
    return date.today()  # noqa: DTZ011


def check_runtime(runtime: Runtime, today: date) -> list[Finding]:
    """Return a note for a preview, and a warning for a runtime that has ended or ends soon."""
    name = f"python{runtime.python_version}"
    if runtime.end is None:
        return [
            Finding(
                "runtime-preview",
                f"{name} was a public preview of Lambda on {CHECKED}, without support and subject to change: use it "
                f"for tests",
            )
        ]
    if today < runtime.end.deprecated - NEAR:
        return []
    steps = (
        (runtime.end.deprecated, "Lambda no longer patches it"),
        (runtime.end.create_blocked, "no function can be created with it"),
        (runtime.end.update_blocked, "no function that uses it can be updated"),
    )
    dates = ", ".join(f"from {day} on {consequence}" for day, consequence in steps)
    return [
        Finding(
            "runtime-ending",
            f"{name} {'has ended' if today >= runtime.end.deprecated else 'ends soon'}: {dates} (as AWS announced by "
            f"{CHECKED}); choose a newer runtime",
        )
    ]
