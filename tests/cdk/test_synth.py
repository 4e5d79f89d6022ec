"""Building at synth goes on while CDK's constructs are made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from constructs_lib.cdk.synth import build_at_synth
from constructs_lib.core.errors import ProjectError
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from constructs_lib.core.progress import Progress


def test_a_build_and_the_constructs_do_not_wait_for_each_other(stack: cdk.Stack) -> None:
    """Both arrive at a place that neither passes alone, and the build has the main thread: it takes interrupts."""
    meeting = threading.Barrier(2, timeout=PATIENCE)
    builds_in = []

    def build(progress: Progress) -> str:
        del progress
        builds_in.append(threading.current_thread())
        meeting.wait()
        return "built"

    def constructs() -> None:
        meeting.wait()
        cdk.CfnResource(stack, "Made", type="Custom::Made")

    assert build_at_synth(stack, build, constructs) == "built"
    assert builds_in == [threading.main_thread()]
    assertions.Template.from_stack(stack).resource_count_is("Custom::Made", 1)


def test_a_failed_build_is_an_error_of_the_stack_and_its_constructs_are_there(stack: cdk.Stack) -> None:
    """What refers to them must not fail in its turn."""

    def build(progress: Progress) -> None:
        raise ProjectError("lock-missing", "no lock file")

    made: list[str] = []
    assert build_at_synth(stack, build, lambda: made.append("bucket")) is None
    assert made == ["bucket"]
    assertions.Annotations.from_stack(stack).has_error("*", "error[lock-missing]: no lock file")


@pytest.mark.parametrize("debug", [False, True])
def test_a_surprise_of_a_build_is_one_line_at_the_construct(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, debug: bool
) -> None:
    """The other stacks still synthesize; the traceback is shown where CDK's own debugging is on."""
    monkeypatch.setenv("CDK_DEBUG", "true" if debug else "")

    def build(progress: Progress) -> None:
        raise ZeroDivisionError("by nothing")

    assert build_at_synth(stack, build, lambda: None) is None
    found = assertions.Annotations.from_stack(stack).find_error("*", assertions.Match.any_value())
    [line] = [str(each.entry.data) for each in found]
    assert "error[unexpected-failure]: " in line
    assert "unexpected ZeroDivisionError: by nothing" in line
    assert ("ZeroDivisionError: by nothing" in capsys.readouterr().err) is debug


def test_what_the_constructs_raise_is_raised(stack: cdk.Stack) -> None:
    """It is not lost in the thread."""

    def constructs() -> None:
        raise ValueError("two of one name")

    with pytest.raises(ValueError, match="two of one name"):
        build_at_synth(stack, lambda progress: progress, constructs)
