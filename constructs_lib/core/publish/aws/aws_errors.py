"""Errors of AWS calls: one line with the action, the resource and the remedy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs_lib.core.publish.aws.services import Clock

Result = TypeVar("Result")

_INSISTENCE = 2
"""Repetitions of a whole step; the SDK has repeated each of its calls by then."""
_THROTTLING = {
    "TooManyRequestsException",
    "ThrottlingException",
    "Throttling",
    "SlowDown",
    "RequestLimitExceeded",
}


class AwsError(PublishError):
    """A failed AWS call. `status` is the HTTP status, 0 when no answer came back."""

    def __init__(
        self, error_id: str, text: str, *, code: str = "", status: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(error_id, text)
        self.code = code
        self.status = status
        self.retry_after = retry_after

    @property
    def denied(self) -> bool:
        """The credentials may not do this, or, without `s3:ListBucket`, the object is missing."""
        return self.status == 403

    @property
    def missing(self) -> bool:
        """The bucket, object, layer or version does not exist."""
        return self.status == 404

    @property
    def throttled(self) -> bool:
        """The call took no effect and may be repeated later."""
        return self.status == 429 or self.code in _THROTTLING

    @property
    def conflicting(self) -> bool:
        """Another writer has changed the object, or is about to."""
        return self.status in {409, 412}

    @property
    def outcome_unknown(self) -> bool:
        """The call may or may not have taken effect: no answer, or a 5xx."""
        return not self.throttled and (self.status == 0 or self.status >= 500)


@contextmanager
def aws_call(action: str, resource: str) -> Iterator[None]:
    """Turn the SDK's errors inside the block into an `AwsError` that names `action` and `resource`."""
    # Imported here so that importing this package does not need botocore.
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NoConnectionError

    try:
        yield
    except ClientError as error:
        raise _refusal(action, resource, error.response) from error
    except (HTTPClientError, NoConnectionError) as error:
        raise AwsError("aws-no-answer", f"{action} on {resource} got no answer: {error}") from error
    except BotoCoreError as error:
        # The SDK refused to send: no credentials, or bad parameters, which it lists on several lines.
        text = " ".join(str(error).split())
        raise PublishError("aws-not-sent", f"{action} on {resource} was not sent: {text}") from error


def insist(clock: Clock, act: Callable[[], Result]) -> Result:
    """Repeat an idempotent step a few times, beyond the SDK's own retries, where its failure may pass."""
    for attempt in range(_INSISTENCE):
        try:
            return act()
        except AwsError as error:
            may_pass = error.throttled or error.outcome_unknown or error.conflicting
            if not may_pass or not clock.back_off(attempt):
                raise
            log.info("trying again: %s", error)
    return act()


def _refusal(action: str, resource: str, response: Mapping[str, Any]) -> AwsError:
    """Build the error for an answer of AWS other than success."""
    error, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, status = str(error.get("Code", "")), int(meta.get("HTTPStatusCode", 0))
    ids = f"request {meta.get('RequestId', 'unknown')}"
    if meta.get("HostId"):
        ids += f", host id {meta['HostId']}"
    text = f"{action} on {resource} failed: {code}: {error.get('Message', '')} ({ids})"
    if status == 403:
        text += f"; allow {action} on it to the role that makes this call"
        return AwsError("aws-denied", text, code=code, status=status)
    retry_after = meta.get("HTTPHeaders", {}).get("retry-after") or response.get("retryAfterSeconds")
    return AwsError("aws-failed", text, code=code, status=status, retry_after=_seconds(retry_after))


def _seconds(value: object) -> float | None:
    """Read a number of seconds; None for anything else."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None
