"""The answer to CloudFormation: exactly one, small enough, and delivered, or else an exception.

Imports the standard library only, and never logs or raises a text with the ResponseURL: anyone with the URL can answer in
this function's name.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

_log = logging.getLogger(__name__)

MAX_BODY = 4096
"""Bytes of an answer that CloudFormation accepts."""

_MAX_PHYSICAL_ID = 1024
_LEAST_REASON = 200
"""Characters of the reason that go before data is left out."""
_MARGIN = 10.0
"""The watchdog answers this many seconds before the function ends."""
_ATTEMPTS = 6
_TIMEOUT = 5.0


class UndeliverableError(Exception):
    """No answer was delivered. Raised out of the function, so that Lambda delivers the event again."""


class Answer:
    """The one answer to an event. The first of `succeed` and `fail` wins; a second one is not sent."""

    def __init__(self, event: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep) -> None:
        url = event.get("ResponseURL")
        if not isinstance(url, str) or not url.startswith(_schemes()):
            raise ValueError("the event has no ResponseURL over https: CloudFormation did not send it")
        self._url = url
        self._sleep = sleep
        self._lock = threading.Lock()
        self._taken = False
        self._undeliverable: UndeliverableError | None = None
        self._on_create = event.get("RequestType") == "Create"
        self._ids = {key: _text_of(event.get(key)) for key in ("StackId", "RequestId", "LogicalResourceId")}
        marker = f"create-failed:{self._ids['RequestId']}"
        physical_id = None if self._on_create else event.get("PhysicalResourceId")
        self._failure_id = _text_of(physical_id) or marker

    def published(self, layer_version_arn: str) -> None:
        """Make a failed Create name the version from now on, so that CloudFormation's Delete can clean it up."""
        if self._on_create:
            self._failure_id = layer_version_arn

    def succeed(self, physical_id: str, data: Mapping[str, str]) -> bool:
        """Answer SUCCESS; return False when the event is answered already.

        The later an entry of `data` comes, the sooner it may be left out.
        """
        return self._answer("SUCCESS", physical_id or self._failure_id, "", data)

    def fail(self, reason: str) -> bool:
        """Answer FAILED with the id that leaves CloudFormation's view as it was; return as `succeed` does."""
        return self._answer("FAILED", self._failure_id, reason, {})

    def _answer(self, status: str, physical_id: str, reason: str, data: Mapping[str, str]) -> bool:
        # A second caller waits here until the first is through: Lambda freezes us when the handler returns.
        with self._lock:
            if self._undeliverable is not None:
                raise self._undeliverable
            if self._taken:
                return False
            self._taken = True
            parts = {"Status": status, "PhysicalResourceId": physical_id[:_MAX_PHYSICAL_ID], **self._ids}
            try:
                deliver(self._url, fit(parts, reason, data), self._sleep)
            except UndeliverableError as error:
                self._undeliverable = error
                raise
            return True


def _schemes() -> tuple[str, ...]:
    """Return how a ResponseURL may begin: with http only where AWS itself, an emulator, is reached so."""
    emulated = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return ("https://", "http://") if emulated else ("https://",)


def _text_of(value: object) -> str:
    """Return a value of the event that is text; "" for any other."""
    return value if isinstance(value, str) else ""


def fit(parts: Mapping[str, Any], reason: str, data: Mapping[str, str]) -> bytes:
    """Make a body of at most 4096 bytes: shorten the reason first, then leave out data from the end."""
    data = dict(data)
    while True:
        text = json.dumps(
            {**parts, "Reason": reason, "Data": data}, separators=(",", ":"), ensure_ascii=False
        )
        # What is no character, half of a surrogate pair, is written as JSON escapes it.
        body = text.encode(errors="backslashreplace")
        excess = len(body) - MAX_BODY
        if excess <= 0:
            return body
        if len(reason) > _LEAST_REASON or not data:
            if not reason:
                return body
            # A character is at most six bytes of JSON, so this never cuts too much.
            reason = reason[: -max(1, excess // 6)]
        else:
            data.popitem()


def deliver(url: str, body: bytes, sleep: Callable[[float], None]) -> None:
    """PUT the body; try again after no answer, 429 and 5xx; any other refusal is final."""
    problem = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            sleep(random.uniform(0.5, 1) * 0.25 * 2**attempt)  # noqa: S311
        try:
            _put(url, body)
        except urllib.error.HTTPError as error:
            error.close()
            problem = f"HTTP {error.code}"
            if error.code != 429 and error.code < 500:
                break
        except OSError as error:
            problem = type(error).__name__
        except Exception as error:  # noqa: BLE001
            # urllib and http.client put the URL into some texts, so only the name is kept.
            problem = type(error).__name__
        else:
            return
    raise UndeliverableError(f"the answer to CloudFormation could not be delivered: {problem}") from None


def _put(url: str, body: bytes) -> None:
    # The URL is signed for an empty content type.
    request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310
        response.read()


class Watchdog:
    """A timer that answers FAILED shortly before the function's time is up, unless the block ends before."""

    def __init__(self, answer: Answer, remaining: float) -> None:
        self._answer = answer
        self._timer = threading.Timer(max(0.0, remaining - _MARGIN), self._bark)
        self._timer.daemon = True

    def _bark(self) -> None:
        try:
            if self._answer.fail("the function ran out of time; deploy again, it continues where it stopped"):
                _log.info("FAILED: out of time")
        except UndeliverableError as error:
            _log.info("%s", error)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
