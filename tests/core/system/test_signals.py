"""Signals that would end the process let it clean up, and do not disturb the cleaning up."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.system.signals import undisturbed, unwinding

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _default_handlers() -> Iterator[None]:
    """Start as a program does: the one that runs the tests may ignore SIGHUP."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_would_end_the_process_unwinds_it(number: signal.Signals) -> None:
    """With the exit code that a shell gives, and the handler of before is there afterwards."""
    cleaned = []

    def work() -> None:
        with unwinding():
            try:
                signal.raise_signal(number)
            finally:
                cleaned.append(number)

    with pytest.raises(SystemExit) as caught:
        work()
    assert caught.value.code == 128 + number
    assert cleaned == [number]
    assert signal.getsignal(number) is signal.SIG_DFL


def test_a_handler_of_the_application_stays() -> None:
    """It decides what the signal means; nested blocks change nothing either."""
    received = []
    signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    with unwinding(), unwinding():
        signal.raise_signal(signal.SIGTERM)
    assert received == [signal.SIGTERM]


def test_another_thread_changes_no_handler() -> None:
    """Python would refuse it; the work goes on."""
    handlers = []

    def work() -> None:
        with unwinding(), undisturbed():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.SIG_DFL]


def test_cleaning_up_is_not_disturbed() -> None:
    """Neither by a second Ctrl-C nor by SIGTERM; afterwards both are as they were, also after an error."""
    before = signal.getsignal(signal.SIGINT)

    def clean_up() -> None:
        with undisturbed():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.raise_signal(number)
            raise ValueError("done")

    with pytest.raises(ValueError, match="done"):
        clean_up()
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
