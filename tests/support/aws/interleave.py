"""Several jobs at a time, one step each in an order that the test chooses: races that can be repeated."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Interleaving:
    """Runs jobs; whoever calls `pause` inside one lets `choose(number of running jobs)` say who goes on."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self._choose = choose
        self._turns: dict[int, threading.Semaphore] = {}
        self._back = threading.Semaphore(0)

    def pause(self) -> None:
        """Let another job go on."""
        turn = self._turns.get(threading.get_ident())
        if turn is not None:
            self._back.release()
            turn.acquire()

    def run(self, jobs: list[Callable[[], None]]) -> None:
        """Run all jobs to their ends; they must not raise."""
        if len(jobs) == 1:
            jobs[0]()
            return
        turns = [self._start(job) for job in jobs]
        while turns:
            place = self._choose(len(turns))
            thread, turn = turns[place]
            turn.release()
            self._back.acquire()
            if thread.name == "ended":
                thread.join()
                del turns[place]

    def _start(self, job: Callable[[], None]) -> tuple[threading.Thread, threading.Semaphore]:
        turn = threading.Semaphore(0)

        def work() -> None:
            me = threading.current_thread()
            self._turns[threading.get_ident()] = turn
            turn.acquire()
            try:
                job()
            finally:
                del self._turns[threading.get_ident()]
                me.name = "ended"
                self._back.release()

        thread = threading.Thread(target=work)
        thread.start()
        return thread, turn
