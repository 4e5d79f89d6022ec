"""One line for each failure of an AWS call."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError, ReadTimeoutError

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call


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
