from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.handler.response import MAX_BODY, Answer, UndeliverableError, Watchdog, fit
from tests.support.aws.response_url import SIGNATURE, ResponseUrl
from tests.support.library_log import logged_lines
from tests.support.patience import PATIENCE

PARTS = {"Status": "FAILED", "PhysicalResourceId": "id", "StackId": "s", "RequestId": "r"}


def event(response_url: ResponseUrl, **changes: Any) -> dict[str, Any]:
    ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "logical"}
    return {"RequestType": "Create", "ResponseURL": response_url.url, **ids, **changes}


class Pauses(list[float]):
    """Stands in for sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.mark.parametrize(
    ("statuses", "sent"), [([500, 500, 500], 4), ([429], 2), ([503, 429], 3)], ids=["500", "429", "both"]
)
def test_a_busy_server_is_tried_again(response_url: ResponseUrl, statuses: list[int], sent: int) -> None:
    """D40: 5xx and 429 are retried with growing, random pauses; every try says the same."""
    response_url.statuses = statuses
    pauses = Pauses()
    assert Answer(event(response_url), pauses).succeed("arn", {"Key": "value"})
    assert len(response_url.arrived) == sent
    assert len(set(response_url.arrived)) == 1
    assert len(pauses) == sent - 1


def test_a_refusal_is_final_and_raised(response_url: ResponseUrl) -> None:
    """D40: after a 403 nothing else is tried; Lambda's own retry may answer. No URL in the text."""
    response_url.statuses = [403]
    with pytest.raises(UndeliverableError, match="HTTP 403") as caught:
        Answer(event(response_url), Pauses()).fail("reason")
    assert len(response_url.arrived) == 1
    assert SIGNATURE not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1/?{SIGNATURE}",
        f"http://no.such.host.invalid/?{SIGNATURE}",
        f"http://a b/?{SIGNATURE}",
    ],
    ids=["refused", "DNS", "invalid"],
)
def test_nobody_there_is_raised(response_url: ResponseUrl, url: str) -> None:
    """D40: bounded retries, then an error without the URL."""
    with pytest.raises(UndeliverableError) as caught:
        Answer(event(response_url, ResponseURL=url), Pauses()).fail("reason")
    assert SIGNATURE not in str(caught.value)


def test_a_slow_server_is_waited_for(response_url: ResponseUrl) -> None:
    """D40: within the time-out there is one try."""
    response_url.delay = 0.3
    assert Answer(event(response_url), Pauses()).succeed("arn", {})
    assert len(response_url.arrived) == 1


@pytest.mark.parametrize("url", [None, "", "file:///etc/passwd"])
def test_an_event_without_a_response_url_cannot_be_answered(
    response_url: ResponseUrl, url: str | None
) -> None:
    """D42: nobody to answer to, so it is raised."""
    with pytest.raises(ValueError, match="has no ResponseURL"):
        Answer(event(response_url, ResponseURL=url))


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://localhost/", "HTTPS://x", "https:"])
def test_an_answer_goes_over_https_alone(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Whoever may invoke the function must not make it call addresses of its own network."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(ValueError, match="no ResponseURL over https"):
        Answer({"ResponseURL": url})
    Answer({"ResponseURL": "https://cloudformation-custom-resource-response.s3.amazonaws.com/x"})


def test_an_emulator_is_answered_as_it_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the SDK itself talks to AWS over http, the ResponseURL is the emulator's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    Answer({"ResponseURL": "http://127.0.0.1:4566/x"})
    with pytest.raises(ValueError, match="no ResponseURL"):
        Answer({"ResponseURL": "file:///etc/passwd"})


@pytest.mark.parametrize("odd", ["\ud800", "\U0001f600" * 50, "\0"], ids=ascii)
def test_odd_texts_are_answered_whole(response_url: ResponseUrl, odd: str) -> None:
    """Ids come back as they came, also what is no character."""
    Answer(event(response_url, LogicalResourceId=odd)).succeed(f"arn{odd}", {"Key": odd})
    [answer] = response_url.answers
    assert (answer["LogicalResourceId"], answer["PhysicalResourceId"], answer["Data"]["Key"]) == (
        odd,
        f"arn{odd}",
        odd,
    )


def test_only_the_first_answer_is_sent(response_url: ResponseUrl) -> None:
    """The latch."""
    answer = Answer(event(response_url))
    assert answer.fail("first")
    assert not answer.succeed("arn", {})
    assert response_url.answer["Reason"] == "first"


def test_the_second_waits_until_the_first_is_through(response_url: ResponseUrl) -> None:
    """Lambda freezes the process when the handler returns, so it must not return while the watchdog sends."""
    response_url.delay = 0.2
    answer = Answer(event(response_url))
    watchdog = threading.Thread(target=answer.fail, args=("out of time",))
    watchdog.start()
    while not answer._taken:
        time.sleep(0.001)
    assert not answer.succeed("arn", {})
    assert len(response_url.arrived) == 1
    watchdog.join()


def test_an_undeliverable_first_answer_is_raised_to_the_second_too(response_url: ResponseUrl) -> None:
    """Never two different answers: after an uncertain first one Lambda delivers the event again."""
    response_url.statuses = [403]
    answer = Answer(event(response_url), Pauses())
    with pytest.raises(UndeliverableError):
        answer.fail("watchdog")
    with pytest.raises(UndeliverableError):
        answer.succeed("arn", {})
    assert len(response_url.arrived) == 1


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("Create", None, "create-failed:request"),
        ("Create", "ignored", "create-failed:request"),
        ("Update", "old", "old"),
        ("Delete", "old", "old"),
        ("Update", None, "create-failed:request"),
    ],
)
def test_the_id_of_a_failure(response_url: ResponseUrl, kind: str, given: str | None, expected: str) -> None:
    """A failed Create is marked, everything else echoes."""
    answer = Answer(event(response_url, RequestType=kind, PhysicalResourceId=given))
    answer.fail("reason")
    assert response_url.answer["PhysicalResourceId"] == expected


@pytest.mark.parametrize(("kind", "expected"), [("Create", "arn"), ("Update", "old"), ("Delete", "old")])
def test_the_id_of_a_failure_after_publish(response_url: ResponseUrl, kind: str, expected: str) -> None:
    """Only a failed Create names the new ARN."""
    answer = Answer(event(response_url, RequestType=kind, PhysicalResourceId="old"))
    answer.published("arn")
    answer.fail("reason")
    assert response_url.answer["PhysicalResourceId"] == expected


def test_the_watchdog_answers_ten_seconds_before_the_end(response_url: ResponseUrl) -> None:
    """D38: FAILED with the right id while the work hangs; the work's own answer comes too late."""
    answer = Answer(event(response_url))
    answer.published("arn")
    with logged_lines() as lines, Watchdog(answer, 10.05):
        while not lines:
            time.sleep(0.005)
        assert not answer.succeed("arn", {})
    assert response_url.answer["Status"] == "FAILED"
    assert response_url.answer["PhysicalResourceId"] == "arn"
    assert "out of time" in response_url.answer["Reason"]


def test_a_watchdog_that_is_left_in_time_is_silent(response_url: ResponseUrl) -> None:
    """Nothing is sent after the work's answer: its timer is stopped."""
    answer = Answer(event(response_url))
    watchdog = Watchdog(answer, 3600)
    with watchdog:
        answer.succeed("arn", {})
    watchdog._timer.join(PATIENCE)
    assert not watchdog._timer.is_alive()
    assert response_url.answer["Status"] == "SUCCESS"


@given(
    reason=st.one_of(st.text(max_size=300), st.integers(0, 9000).map(lambda n: "\U0001f4a9" * n)),
    data=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2000).map(lambda n: "é" * n)),
)
def test_every_body_fits_and_is_whole_json(reason: str, data: dict[str, str]) -> None:
    """D41: at most 4096 bytes, valid, Status and id intact, whatever the texts are."""
    body = fit(PARTS, reason, data)
    assert len(body) <= MAX_BODY
    read = json.loads(body)
    assert {key: read[key] for key in PARTS} == PARTS
    assert reason.startswith(read["Reason"])


def test_the_reason_is_shortened_before_data_is_left_out() -> None:
    """D41: first the reason, then data from the end."""
    both = json.loads(fit(PARTS, "r" * 5000, {"LayerVersionArn": "arn", "IsNew": "true"}))
    assert both["Data"] == {"LayerVersionArn": "arn", "IsNew": "true"}
    assert len(both["Reason"]) > 3500
    cut = json.loads(fit(PARTS, "", {"LayerVersionArn": "arn", "ManifestUri": "u" * 4090, "IsNew": "true"}))
    assert cut["Data"] == {"LayerVersionArn": "arn"}


def test_what_fits_exactly_is_left_alone() -> None:
    """4096 bytes are allowed."""
    room = MAX_BODY - len(fit(PARTS, "", {}))
    assert json.loads(fit(PARTS, "r" * room, {}))["Reason"] == "r" * room
    assert json.loads(fit(PARTS, "r" * (room + 1), {}))["Reason"] == "r" * room
