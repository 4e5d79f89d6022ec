"""The AWS clients and the clock of a publishing step, passed on as one value."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Clock:
    """The time and a deadline, which is a reading of `now` in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    deadline: float = float("inf")

    @property
    def is_over(self) -> bool:
        """The deadline has passed."""
        return self.now() >= self.deadline

    def wait(self, seconds: float) -> bool:
        """Sleep and return True; return False at once when that would pass the deadline."""
        if self.now() + seconds >= self.deadline:
            return False
        self.sleep(seconds)
        return True

    def back_off(self, attempt: int) -> bool:
        """Wait longer with every attempt (0, 1, …), with jitter, never more than 20 s."""
        return self.wait(random.uniform(0.5, 1) * min(20.0, 0.5 * 2**attempt))  # noqa: S311


def _ignore(_layer_version_arn: str) -> None:
    """Do nothing about a new version."""


class CloudFormationClient(Protocol):
    """The part of boto3's client that is used."""

    def get_paginator(self, operation_name: Any, /) -> Any:  # noqa: ANN401 - boto3 has a type for each operation
        """Return a paginator."""

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: ANN401, N803 - as boto3 has them
        """Return the description of one stack."""

    def get_template(self, *, StackName: str) -> Any:  # noqa: ANN401, N803 - as boto3 has them
        """Return the deployed template of one stack."""


@dataclass(frozen=True, slots=True)
class AwsServices:
    """The AWS clients and the clock of a publishing step.

    `publisher` is a Lambda client that sends each call once: the SDK repeats PublishLayerVersion after a read timeout,
    and that makes a second version. `on_published` is called with the ARN of a new version the moment it exists. `cloudformation`
    makes a client when it is needed: for the stacks that refer to versions, before versions are deleted by hand, and for the
    state of a stack whose bucket may be emptied. `threads` is how many calls may be on their way at a time.
    """

    s3: S3Client
    lambda_: LambdaClient
    publisher: LambdaClient
    clock: Clock = field(default_factory=Clock)
    on_published: Callable[[str], None] = _ignore
    cloudformation: Callable[[], CloudFormationClient] | None = None
    threads: int = 1
