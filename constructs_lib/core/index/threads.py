"""Threads that an interrupt need not wait for, as it must for those of `concurrent.futures`."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")

_LAST_WORDS = 2.0
"""Seconds for each thread to leave what it is doing after another one failed."""


def work_through(items: Sequence[Item], do: Callable[[Item, threading.Event], object], threads: int) -> None:
    """Do every item, several at once, in this order; raise what the first one that fails raises.

    `do` gets an event that is set when nobody waits for it any more.
    """
    todo: SimpleQueue[Item] = SimpleQueue()
    for item in items:
        todo.put(item)
    done: SimpleQueue[BaseException | None] = SimpleQueue()
    stop = threading.Event()
    crew = [
        threading.Thread(target=_work, args=(todo, done, do, stop), daemon=True)
        for _ in range(min(threads, len(items)))
    ]
    for each in crew:
        each.start()
    try:
        for _ in items:
            if (error := done.get()) is not None:
                stop.set()
                for each in crew:
                    each.join(_LAST_WORDS)
                raise error
    finally:
        stop.set()


def _work(
    todo: SimpleQueue[Item],
    done: SimpleQueue[BaseException | None],
    do: Callable[[Item, threading.Event], object],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            item = todo.get_nowait()
        except Empty:
            return
        try:
            do(item, stop)
        except BaseException as error:  # noqa: BLE001 - some modules end the interpreter
            done.put(error)
            return
        done.put(None)
