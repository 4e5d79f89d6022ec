"""One plain line per step, with the time since the start."""

from __future__ import annotations

import time


class StepLog:
    """Prints lines for CloudWatch; never given properties or the ResponseURL."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """Print `text` as one line."""
        line = " ".join(text.split())
        print(f"{time.monotonic() - self._start:8.3f} s  {line}", flush=True)  # noqa: T201
