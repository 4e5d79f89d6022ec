"""A world where everything that may go wrong does: one function, several stacks, and no mercy.

`Chaos` delivers CloudFormation's requests to the real handler, whose AWS is in memory, and lets a source of
choices decide about duplicates, crashes and faults.
"""

from __future__ import annotations

import threading
import time
import urllib.error
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ReadTimeoutError

from constructs_lib.core.publish.aws.services import AwsServices, Clock
from constructs_lib.handler import dispatch, index, response
from constructs_lib.handler.response import UndeliverableError
from tests.support.aws.cloudformation import FUNCTION_ARN
from tests.support.aws.interleave import Interleaving
from tests.support.aws.invariant import Delivery, Fault, Invariant, check_answer
from tests.support.aws.memory import MemoryClient, Refused
from tests.support.aws.response_url import SIGNATURE
from tests.support.aws.world import FakeTime

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.support.aws.cloudformation import Operation, Request
    from tests.support.aws.memory import Params

    Choose = Callable[[int], int]


CODE = {"Custom::PythonSourceArtifact", "Custom::PythonFunctionArtifact"}
LATENCY = {True: 0.07, False: 0.02}
"""Seconds that a call takes, of Lambda and of S3."""
FAULTS = ("die", "500", "timeout", "throttle", "denied", "late")


class DeathError(BaseException):
    """The process is gone; nothing catches this."""


class Chaos(Invariant):
    """`choose(n)` gives a number below n. Calm: no faults, no duplicates."""

    def __init__(self, choose: Choose, *, calm: bool = False) -> None:
        super().__init__()
        self.choose = choose
        self.calm = calm
        self.time = FakeTime()
        self.refused_mail: set[Delivery] = set()
        self.scripted: list[list[Fault]] = []
        """Faults of the next deliveries; they go before any that are drawn."""
        self._latest: dict[str, Delivery] = {}
        self._later: list[Request] = []
        self._pending: list[list[Any]] = []
        self._now = threading.local()
        self._interleaving = Interleaving(choose)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put AWS and the ResponseURL into the handler's place of them; for the length of the history."""
        patch.setattr(dispatch, "make_services", self._make_services)
        patch.setattr(response, "_put", self._receive)

    # What CloudFormation does

    def run(self, *operations: Operation) -> None:
        """Run operations of several stacks at a time to their ends."""
        active = list(operations)
        while active:
            batch: list[Request] = []
            for operation in list(active):
                try:
                    batch += next(operation)
                except StopIteration as end:
                    self.story.append(f"stack: {end.value}")
                    active.remove(operation)
            if batch:
                self.deliver(batch)
        self.check()

    def deliver(self, requests: list[Request]) -> None:
        """Deliver requests at a time, with duplicates, until each has its answer or Lambda gives up."""
        jobs: list[Callable[[], None]] = []
        for request in requests:
            jobs.append(lambda request=request: self._until_answered(request))  # type: ignore[misc]
            if self._happens(12):
                self.story.append(f"concurrent duplicate of {request.request_id[-3:]}")
                jobs.append(lambda request=request: self._until_answered(request))  # type: ignore[misc]
        with redirect_stdout(self.log):
            self._interleaving.run(jobs)
            for request in requests:
                answers = self.mail[request.request_id]
                request.answer = answers[0][1] if answers else None
                self._conclude(request)
            for request in requests:
                # Known and documented: a zip's place has no number, so a late Delete would hit a new life.
                if request.kind == "Delete" and request.declared.resource_type in CODE:
                    continue
                if self._happens(15):
                    self._invoke_late(request)
                elif self._happens(15):
                    self._later.append(request)
            if self._later and self._happens(4):
                self._invoke_late(self._later.pop(0))

    def _happens(self, one_in: int) -> bool:
        return not self.calm and self.choose(one_in) == one_in - 1

    def _until_answered(self, request: Request) -> None:
        """Lambda repeats an asynchronous invocation twice when the function fails."""
        tries = []
        for _ in range(3):
            tries.append(Delivery(request, self._draw_faults(), late=False))
            if self._invoke(tries[-1]):
                break
        else:
            tries[-1].failed = True
            self.story.append(f"{request.request_id[-3:]} is never answered")
        # Nobody makes good what a dead delivery left when the last one of them failed as well.
        for delivery in tries:
            delivery.failed = tries[-1].failed

    def _invoke_late(self, request: Request) -> None:
        """CloudFormation has its answer and went on."""
        self._invoke(Delivery(request, self._draw_faults(), late=True))

    def _invoke(self, delivery: Delivery) -> bool:
        """Call the handler once; True when it came back."""
        request = delivery.request
        if self._happens(30):
            self.refused_mail.add(delivery)
        self._now.delivery = self._latest[request.request_id] = delivery
        event = request.event(f"https://cloudformation.invalid/{request.request_id}?{SIGNATURE}")
        hangs = any(fault.kind == "hang" for fault in delivery.faults)
        try:
            index.handler(event, _Context(10.02 if hangs else 300.0))
        except (DeathError, UndeliverableError) as error:
            if delivery.answers:
                self.violations.append("answered, and failed all the same")
            self._tell(delivery, type(error).__name__)
            return False
        if delivery.answers != 1:
            self.violations.append(f"{delivery.answers} answers to one delivery")
        return True

    def _draw_faults(self) -> list[Fault]:
        if self.scripted:
            return self.scripted.pop(0)
        if self.calm or self.choose(3) < 2:
            return []
        number = 1 + self.choose(2)
        return [
            Fault(
                self.choose(16),
                (1, 1, 1, 2, 6, 40)[self.choose(6)],
                FAULTS[self.choose(len(FAULTS))],
                bool(self.choose(2)),
            )
            for _ in range(number)
        ]

    def _receive(self, url: str, body: bytes) -> None:
        """Receive an answer strictly, or not at all; a watchdog calls from a thread of its own."""
        delivery: Delivery = getattr(self._now, "delivery", self._latest[_request_id(url)])
        if delivery in self.refused_mail:
            raise urllib.error.HTTPError(url, 403, "expired", cast("Any", {}), None)
        answer, wrong = check_answer(body, delivery.request)
        self.violations += [f"bad answer: {each}" for each in wrong]
        self._judge_data(delivery, answer)
        delivery.answers += 1
        delivery.failed = answer["Status"] == "FAILED"
        self.mail[_request_id(url)].append((delivery, answer))
        self._tell(
            delivery, f"{answer['Status']} {answer['PhysicalResourceId'][-30:]} {answer['Reason'][:100]}"
        )
        if answer["Status"] == "SUCCESS" and answer["PhysicalResourceId"] in self.published:
            self.published[answer["PhysicalResourceId"]].answered |= delivery.request.kind != "Delete"

    # What AWS does

    def _make_services(self, _region: str, clock: Clock, on_published: Callable[[str], None]) -> AwsServices:
        often: Any = MemoryClient(self.aws, 5, self._gate)
        once: Any = MemoryClient(self.aws, 1, self._gate)
        start = self.time.now()
        ours = Clock(self.time.now, self.time.sleep, start + clock.deadline - clock.now())
        return AwsServices(often, often, once, ours, on_published)

    def _gate(self, operation: str, params: Params, send: Callable[[], Params]) -> Params:
        """Every send of every client: others go on, faults strike, effects are judged."""
        self._interleaving.pause()
        self.time.reading += LATENCY["Layer" in operation or "Function" in operation]
        delivery: Delivery = self._now.delivery
        delivery.sends += 1
        self._let_late_things_happen()

        def act() -> Params:
            self._judge(delivery, operation, params)
            answer = send()
            self._note(delivery, operation, answer)
            return answer

        for fault in delivery.faults:
            if fault.first <= delivery.sends - 1 < fault.first + fault.sends:
                delivery.disturbed.add(operation)
                self._tell(delivery, f"{fault.kind} {'after' if fault.after else 'before'} {operation}")
                return self._strike(fault, operation, act, delivery)
        return act()

    def _strike(self, fault: Fault, operation: str, act: Callable[[], Params], delivery: Delivery) -> Params:
        if fault.kind == "hang":
            return self._hang(fault, act, delivery)
        takes_effect = fault.after and fault.kind in {"die", "500", "timeout"}
        if fault.kind == "late" and operation == "PublishLayerVersion":
            self._pending.append([1 + self.choose(8), act, delivery])
        elif takes_effect:
            act()
        if fault.kind == "die":
            raise DeathError
        if fault.kind in {"timeout", "late"}:
            raise ReadTimeoutError(endpoint_url="https://aws.invalid")
        status, code = {"500": (500, "InternalError"), "throttle": (429, "TooManyRequestsException")}.get(
            fault.kind, (403, "AccessDenied")
        )
        raise Refused(operation, status, code)

    def _hang(self, fault: Fault, act: Callable[[], Params], delivery: Delivery) -> Params:
        """No answer until the watchdog has barked; then the work goes on as if nothing had been."""
        if not fault.after:
            self._wait_for_watchdog(delivery)
            return act()
        try:
            return act()
        finally:
            self._wait_for_watchdog(delivery)

    def _wait_for_watchdog(self, delivery: Delivery) -> None:
        while not delivery.answers:
            time.sleep(0.002)
        self.time.reading += 300

    def _let_late_things_happen(self, *, all_of_them: bool = False) -> None:
        for entry in list(self._pending):
            entry[0] -= 1
            if entry[0] <= 0 or all_of_them:
                self._pending.remove(entry)
                known = set(self.published)
                try:
                    entry[1]()
                except Refused:
                    continue
                for arn in set(self.published) - known:
                    self.published[arn].excuse = "took effect after its time-out"
                    self.story.append(f"  late effect: {arn[-14:]}")

    def finish(self) -> None:
        """Let everything that is still under way arrive, and look once more."""
        with redirect_stdout(self.log):
            while self._later:
                self._invoke_late(self._later.pop(0))
            self._let_late_things_happen(all_of_them=True)
        self.check()


def _request_id(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


@dataclass
class _Context:
    remaining: float
    invoked_function_arn: str = FUNCTION_ARN

    def get_remaining_time_in_millis(self) -> int:
        return int(self.remaining * 1000)
