"""The part of Lambda's context object that the function uses."""

from __future__ import annotations

from typing import Protocol


class LambdaContext(Protocol):
    """Lambda's context object."""

    @property
    def invoked_function_arn(self) -> str:
        """The ARN the function was called by."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
