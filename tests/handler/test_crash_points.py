"""The process dies, or hangs, at every call of every event; the event comes again; all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.aws.cloudformation import Stack
from tests.support.aws.histories import Chaos
from tests.support.aws.invariant import Fault
from tests.support.aws.random_history import LAYER, SOURCE, declare, upload_assets
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.aws.cloudformation import Declared, Operation, Template


def wish(content: str, **changes: Any) -> Declared:
    wanted = {
        "kind": LAYER,
        "name": "deps",
        "prefix": "deps",
        "content": content,
        "policy": "destroy",
        "keep": None,
        "description": "one",
        "sbom": True,
    }
    return declare(wanted | changes)


def template(content: str, **changes: Any) -> Template:
    return {"R": wish(content, **changes)}


# What is done before, in peace, and the operation whose events are disturbed one after the other.
Operations = tuple["Callable[[Stack], Operation]", ...]


def deploy(content: str, **changes: Any) -> Callable[[Stack], Operation]:
    keywords = {key: changes.pop(key) for key in ("sibling_fails_after", "rollback") if key in changes}
    return lambda stack: stack.deploy(template(content, **changes), **keywords)


KEEP = {"keep": "2"}
CODE = {"kind": SOURCE, "name": "code", "prefix": "code"}
SCENARIOS: dict[str, tuple[Operations, list[int]]] = {
    # The numbers are the live versions in the end.
    "create": ((deploy("1"),), [1]),
    "create, retained": ((deploy("1", policy="retain"),), [1]),
    "update": ((deploy("1"), deploy("2")), [2]),
    "update, same content": ((deploy("1"), deploy("1", prefix="elsewhere")), [1]),
    "roll back, update and delete": ((deploy("1"), deploy("2", sibling_fails_after=1)), [1]),
    "roll back, only delete": (
        (deploy("1"), deploy("2", sibling_fails_after=1, rollback="only delete")),
        [1],
    ),
    "delete": ((deploy("1"), Stack.delete), []),
    "delete, retained": ((deploy("1", policy="retain"), Stack.delete), [1]),
    "keep versions": ((deploy("1", **KEEP), deploy("2", **KEEP), deploy("3", **KEEP)), [2, 3]),
    "back to a kept version": ((deploy("1", **KEEP), deploy("2", **KEEP), deploy("1", **KEEP)), [1, 2]),
    "create source": ((deploy("1", **CODE),), []),
    "update source": ((deploy("1", **CODE), deploy("2", **CODE)), []),
    "delete source": ((deploy("1", **CODE), Stack.delete), []),
}


class Run:
    """One scenario from the start, with one fault in one event of its last operation."""

    def __init__(self, patch: pytest.MonkeyPatch, scenario: str, event: int, fault: Fault) -> None:
        self.chaos = Chaos(lambda _below: 0, calm=True)
        self.chaos.install(patch)
        self.stack = Stack("stack")
        self.chaos.stacks.append(self.stack)
        *before, last = SCENARIOS[scenario][0]
        upload(self.chaos)
        for operation in before:
            self.chaos.run(operation(self.stack))
        self.chaos.scripted = [[]] * event + [[fault]]
        started = len(self.chaos.story)
        self.chaos.run(last(self.stack))
        self.end = self.chaos.story[-1]
        self.struck = any(f": {fault.kind} " in line for line in self.chaos.story[started:])

    @property
    def live(self) -> list[int]:
        return sorted(self.chaos.aws.layers.get("deps", {}))

    @property
    def kept(self) -> set[str]:
        """The objects of live versions and of sources.

        What lies beside a version that is gone means nothing, and `last-uv.lock` decides nothing.
        """
        folders = [f"/{number:06}/" for number in self.live] + ["/source/"]
        keys = {key for bucket, key in self.chaos.aws.objects if bucket == ARTIFACTS}
        return {key for key in keys if any(folder in key for folder in folders)}


def upload(chaos: Chaos) -> None:
    for content in ("1", "2", "3"):
        upload_assets(chaos, content)


def runs(patch: pytest.MonkeyPatch, scenario: str, kind: str, after: bool) -> Iterator[Run]:
    """All runs in which the fault strikes: every event, every call."""
    for event in range(4):
        for call in range(40):
            run = Run(patch, scenario, event, Fault(call, 1, kind, after))
            if not run.struck:
                break
            yield run


@pytest.mark.parametrize("after", [False, True], ids=["before it takes effect", "after it took effect"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_death_at_any_call_changes_nothing_in_the_end(
    monkeypatch: pytest.MonkeyPatch, scenario: str, after: bool
) -> None:
    """D39: Lambda delivers the event again, and the stack and its versions are as if nothing had been."""
    calm = Run(monkeypatch, scenario, 9, Fault(0, 0, "die", after))
    number = 0
    for run in runs(monkeypatch, scenario, "die", after):
        assert (run.end, run.live) == (calm.end, SCENARIOS[scenario][1]), "\n".join(run.chaos.story)
        assert run.kept == calm.kept, "\n".join(run.chaos.story)
        number += 1
    assert number > 0 or scenario == "delete, retained"


@pytest.mark.parametrize("kind", ["500", "timeout", "throttle", "denied"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_one_fault_at_any_call_changes_nothing_in_the_end(
    monkeypatch: pytest.MonkeyPatch, scenario: str, kind: str
) -> None:
    """D3, D5, D19, D20: a call that fails once, after it took effect where it could, is made good at once.

    Only a Delete's AccessDenied is final, as S3 refuses the deletion of what is locked.
    """
    if kind == "denied" and ("delete" in scenario or "update" in scenario or "keep" in scenario):
        return
    for run in runs(monkeypatch, scenario, kind, after=True):
        assert run.live == SCENARIOS[scenario][1], "\n".join(run.chaos.story)


@pytest.mark.parametrize("after", [False, True], ids=["before it takes effect", "after it took effect"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_call_that_hangs_is_answered_once_by_the_watchdog(
    monkeypatch: pytest.MonkeyPatch, scenario: str, after: bool
) -> None:
    """D38: FAILED with the right id, exactly one answer, and nothing is published after it."""
    for run in runs(monkeypatch, scenario, "hang", after):
        [delivery, answer] = next(each for mail in run.chaos.mail.values() for each in mail if each[0].faults)
        assert delivery.answers == 1
        assert (answer["Status"], "out of time" in answer["Reason"]) == ("FAILED", True), "\n".join(
            run.chaos.story
        )
        arn = answer["PhysicalResourceId"]
        if delivery.request.kind == "Create":
            assert arn.startswith("create-failed:") or arn in run.chaos.published
        else:
            assert arn == delivery.request.physical_id
