"""What the function uses of the context object that Lambda hands over."""

from __future__ import annotations

from typing import Protocol


class LambdaContext(Protocol):
    """Lambda's context object."""

    @property
    def invoked_function_arn(self) -> str:
        """The ARN the function was called by."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
