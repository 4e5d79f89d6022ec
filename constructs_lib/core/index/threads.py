"""Threads that an interrupt does not wait for, unlike those of `concurrent.futures`."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")

_STOP_TIMEOUT = 2.0
"""Seconds that each thread has to end its item after another one failed."""


def work_through(items: Sequence[Item], do: Callable[[Item, threading.Event], object], threads: int) -> None:
    """Call `do` with every item, in this order, several at once; raise the error of the first that fails.

    `do` also gets an event that is set when the result is no longer needed.
    """
    waiting: SimpleQueue[Item] = SimpleQueue()
    for item in items:
        waiting.put(item)
    done: SimpleQueue[BaseException | None] = SimpleQueue()
    stop = threading.Event()
    workers = [
        threading.Thread(target=_work, args=(waiting, done, do, stop), daemon=True)
        for _ in range(min(threads, len(items)))
    ]
    for worker in workers:
        worker.start()
    try:
        for _ in items:
            if (error := done.get()) is not None:
                stop.set()
                for worker in workers:
                    worker.join(_STOP_TIMEOUT)
                raise error
    finally:
        stop.set()


def _work(
    waiting: SimpleQueue[Item],
    done: SimpleQueue[BaseException | None],
    do: Callable[[Item, threading.Event], object],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            item = waiting.get_nowait()
        except Empty:
            return
        try:
            do(item, stop)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            done.put(error)
            return
        done.put(None)
