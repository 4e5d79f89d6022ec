"""Signals that would end the process: turned into an exception, or ignored while cleaning up."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    _Handler = Callable[[int, FrameType | None], object] | signal.Handlers

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def unwinding() -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise SystemExit in the block, so that `finally` and `with` clean up as on Ctrl-C.

    Only where they would end the process anyway, and in the main thread, since Python sets handlers in no other.
    """
    with _handled({number: _leave for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL}):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C, SIGTERM and SIGHUP in the block, which is short and cleans up."""
    with _handled(dict.fromkeys((signal.SIGINT, *_ENDING), signal.SIG_IGN)):
        yield


@contextmanager
def _handled(handlers: Mapping[signal.Signals, _Handler]) -> Iterator[None]:
    before: dict[signal.Signals, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                before[number] = signal.getsignal(number)
                signal.signal(number, handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)
