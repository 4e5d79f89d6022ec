"""Everything outside that publishing touches, handed over as one value."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, and how much of it there is. `deadline` is a reading of `now`, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    deadline: float = float("inf")

    @property
    def is_over(self) -> bool:
        """The deadline has passed."""
        return self.now() >= self.deadline

    def wait(self, seconds: float) -> bool:
        """Sleep and say True; when that would pass the deadline say False at once."""
        if self.now() + seconds >= self.deadline:
            return False
        self.sleep(seconds)
        return True

    def back_off(self, attempt: int) -> bool:
        """Wait longer with every attempt (0, 1, …), with jitter, never more than 20 s."""
        return self.wait(random.uniform(0.5, 1) * min(20.0, 0.5 * 2**attempt))  # noqa: S311


def _ignore(_text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The AWS clients, the clock, and who wants to hear of progress.

    `publisher` is a Lambda client of its own with `total_max_attempts=1`: the SDK re-sends
    PublishLayerVersion after a read timeout, and that makes a second version.
    `on_published` hears the ARN of a new version the moment it exists.
    """

    s3: S3Client
    lambda_: LambdaClient
    publisher: LambdaClient
    clock: Clock = field(default_factory=Clock)
    log: Callable[[str], None] = _ignore
    on_published: Callable[[str], None] = _ignore
