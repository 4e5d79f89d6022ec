"""The answer to CloudFormation: exactly one, small enough, delivered or loudly not.

Imports nothing but the standard library, and never logs or raises a text with the ResponseURL: whoever
has it can answer in our name.
"""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

MAX_BODY = 4096
"""Bytes CloudFormation reads of an answer."""

_MAX_PHYSICAL_ID = 1024
_MARGIN = 10.0
_ATTEMPTS = 6
_TIMEOUT = 5.0


class UndeliverableError(Exception):
    """No answer got through. Raised out of the function, so that Lambda delivers the event again."""


class Answer:
    """The one answer to an event. The first of `succeed` and `fail` wins; a second one is not sent."""

    def __init__(self, event: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep) -> None:
        url = event.get("ResponseURL")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise ValueError("the event has no ResponseURL: CloudFormation did not send it")
        self._url = url
        self._sleep = sleep
        self._lock = threading.Lock()
        self._taken = False
        self._undeliverable: UndeliverableError | None = None
        self._on_create = event.get("RequestType") == "Create"
        self._ids = {key: str(event.get(key) or "") for key in ("StackId", "RequestId", "LogicalResourceId")}
        marker = f"create-failed:{self._ids['RequestId']}"
        known = None if self._on_create else event.get("PhysicalResourceId")
        self._failure_id = str(known or marker)

    def published(self, layer_version_arn: str) -> None:
        """From now on a failed Create names what exists, so that CloudFormation's Delete can clean it up."""
        if self._on_create:
            self._failure_id = layer_version_arn

    def succeed(self, physical_id: str, data: Mapping[str, str]) -> bool:
        """Answer SUCCESS; False when the answer is given already.

        The later an entry of `data` comes, the sooner it may be left out.
        """
        return self._answer("SUCCESS", physical_id or self._failure_id, "", data)

    def fail(self, reason: str) -> bool:
        """Answer FAILED with the id that leaves CloudFormation's view as it was; False as for `succeed`."""
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


def fit(parts: Mapping[str, Any], reason: str, data: Mapping[str, str]) -> bytes:
    """Make a body of at most 4096 bytes: shorten the reason first, then leave out data from the end."""
    data, least = dict(data), 200
    while True:
        body = json.dumps({**parts, "Reason": reason, "Data": data}, separators=(",", ":")).encode()
        excess = len(body) - MAX_BODY
        if excess <= 0:
            return body
        if len(reason) > least or not data:
            if not reason:
                return body
            # A character is at most twelve bytes of JSON, so this never cuts too much.
            reason = reason[: -max(1, excess // 12)]
        else:
            data.popitem()


def deliver(url: str, body: bytes, sleep: Callable[[float], None]) -> None:
    """PUT the body; no answer, 429 and 5xx are tried again, any other refusal is final."""
    trouble = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            sleep(random.uniform(0.5, 1) * 0.25 * 2**attempt)  # noqa: S311
        try:
            _put(url, body)
        except urllib.error.HTTPError as error:
            error.close()
            trouble = f"HTTP {error.code}"
            if error.code != 429 and error.code < 500:
                break
        except OSError as error:
            trouble = type(error).__name__
        except Exception as error:  # noqa: BLE001
            # urllib and http.client put the URL into some texts: the name must do.
            trouble = type(error).__name__
        else:
            return
    raise UndeliverableError(f"the answer to CloudFormation could not be delivered: {trouble}") from None


def _put(url: str, body: bytes) -> None:
    # The URL is signed for an empty content type.
    request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310
        response.read()


class Watchdog:
    """Answers FAILED shortly before the function's time is up, unless it is left before."""

    def __init__(self, answer: Answer, remaining: float, log: Callable[[str], None]) -> None:
        self._answer = answer
        self._log = log
        self._timer = threading.Timer(max(0.0, remaining - _MARGIN), self._bark)
        self._timer.daemon = True

    def _bark(self) -> None:
        try:
            if self._answer.fail("the function ran out of time; deploy again, it goes on where it stopped"):
                self._log("FAILED: out of time")
        except UndeliverableError as error:
            self._log(str(error))

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
