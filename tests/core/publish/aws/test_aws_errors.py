"""One line for each failure of an AWS call."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError, ReadTimeoutError

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call, insist
from constructs_lib.core.publish.aws.services import Clock
from tests.support.aws.world import FakeTime


def refusal(status: int, code: str = "Code", **response: Any) -> ClientError:
    meta = {"HTTPStatusCode": status, "RequestId": "abc", "HTTPHeaders": {}}
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": meta, **response}
    return ClientError(answer, "Operation")


def caught(error: Exception) -> PublishError:
    with pytest.raises(PublishError) as info, aws_call("s3:GetObject", "s3://b/k"):
        raise error
    assert info.value.__cause__ is error
    return info.value


def test_a_refusal_names_action_resource_and_request() -> None:
    error = caught(refusal(400))
    assert str(error) == "s3:GetObject on s3://b/k failed: Code: no (request abc)"
    assert error.id == "aws-failed"


def test_a_denial_has_an_id_and_a_remedy_of_its_own() -> None:
    error = caught(refusal(403))
    assert error.id == "aws-denied"
    assert str(error).endswith("; allow s3:GetObject on it to the role that makes this call")


def test_no_answer_leaves_the_outcome_unknown() -> None:
    error = caught(ReadTimeoutError(endpoint_url="https://aws.invalid"))
    assert isinstance(error, AwsError)
    assert (error.id, error.status, error.outcome_unknown) == ("aws-no-answer", 0, True)


@pytest.mark.parametrize("error", [NoCredentialsError(), ParamValidationError(report="one\ntwo")])
def test_what_was_never_sent_is_no_answer_of_aws(error: Exception) -> None:
    """Also one line where the SDK writes several."""
    problem = caught(error)
    assert (type(problem), problem.id) == (PublishError, "aws-not-sent")
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("status", "code", "denied", "missing", "throttled", "unknown"),
    [
        (403, "AccessDenied", True, False, False, False),
        (404, "NoSuchKey", False, True, False, False),
        (429, "Any", False, False, True, False),
        (503, "SlowDown", False, False, True, False),
        (500, "InternalError", False, False, False, True),
        (400, "Bad", False, False, False, False),
    ],
)
def test_what_a_status_means(
    status: int, code: str, denied: bool, missing: bool, throttled: bool, unknown: bool
) -> None:
    error = caught(refusal(status, code))
    assert isinstance(error, AwsError)
    assert (error.denied, error.missing, error.throttled, error.outcome_unknown) == (
        denied,
        missing,
        throttled,
        unknown,
    )


@pytest.mark.parametrize(("value", "seconds"), [("2.5", 2.5), (-1, 0.0), ("soon", None), (None, None)])
def test_how_long_aws_asks_to_wait(value: object, seconds: float | None) -> None:
    error = caught(refusal(429, retryAfterSeconds=value))
    assert isinstance(error, AwsError)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "calls"), [(503, 3), (429, 3), (412, 3), (0, 3), (403, 1), (404, 1), (400, 1)]
)
def test_a_step_is_repeated_only_where_its_failure_may_pass(status: int, calls: int) -> None:
    """No answer, a 5xx, throttling and another writer pass; a refusal does not."""
    time, done = FakeTime(), list[int]()

    def fail() -> None:
        done.append(1)
        raise AwsError("aws-failed", "x", status=status)

    with pytest.raises(AwsError):
        insist(Clock(time.now, time.sleep), fail)
    assert (len(done), len(time.slept)) == (calls, calls - 1)


def test_a_step_that_succeeds_at_last_gives_its_result() -> None:
    time = FakeTime()
    failures = [AwsError("aws-failed", "x", status=503)] * 2

    def succeed_at_last() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert insist(Clock(time.now, time.sleep), succeed_at_last) == "done"
    with pytest.raises(AwsError):
        insist(
            Clock(time.now, time.sleep, deadline=0), lambda: _raise(AwsError("aws-failed", "x", status=503))
        )


def _raise(error: Exception) -> None:
    raise error
