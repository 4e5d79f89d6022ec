"""Waiting for what happens in another process or thread, however slow the machine is.

A limit here only ends a test that would never end. What takes long is not broken.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 900.0
"""Seconds; nothing that happens at all takes longer, even beside many others."""


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Look again and again until the condition holds; `what` names it if it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it never came to this: {what}"
        time.sleep(0.01)
