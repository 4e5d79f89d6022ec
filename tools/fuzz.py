"""`make fuzz`: reads mutated manifests of every kind; each must give a value or one line, in time.

`python tools/fuzz.py 100000 7 pylock` reads 100 000 mutations from seed 7, of that kind only. A mutation follows from its
seed and kind alone.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.files.manifests import KINDS, fault_of, write_project
from tests.support.files.mutations import mutated

if TYPE_CHECKING:
    from types import FrameType

_BATCH = 500
_HANG = 120
"""Seconds after which reading one manifest counts as a hang."""


class _HangError(BaseException):
    """A manifest that takes too long; no `except Exception` may catch it."""


def _ring(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _HangError


def read_mutations(name: str, seeds: range) -> list[str]:
    """Return a line for each seed whose mutation of that kind is not answered as it must be."""
    kind, faults = KINDS[name], []
    # Lines of the log are not what is looked for, and nobody would read so many.
    logging.disable()
    signal.signal(signal.SIGALRM, _ring)
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        root = Path(folder) / "shop"
        root.mkdir()
        write_project(root, kind)
        for seed in seeds:
            (root / kind.filename).write_bytes(mutated(kind.text, random.Random(f"{name} {seed}")))  # noqa: S311 - not for secrets
            signal.alarm(_HANG)
            try:
                fault = fault_of(kind, root)
            except _HangError:
                fault = f"a hang of {_HANG} s"
            finally:
                signal.alarm(0)
            if fault:
                faults.append(f"{name} {seed}: {fault}")
    logging.disable(logging.NOTSET)
    return faults


def main(number: str = "1000", first: str = "0", *names: str) -> int:
    """Print every fault, and the time; return 1 if there is one."""
    start = time.monotonic()
    seeds = range(int(first), int(first) + int(number))
    batches = [
        (name, seeds[position : position + _BATCH])
        for name in names or KINDS
        for position in range(0, len(seeds), _BATCH)
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        faults = [fault for found in pool.map(read_mutations, *zip(*batches, strict=True)) for fault in found]
    print("\n".join(faults[:100]))
    kinds, seconds = len(names or KINDS), time.monotonic() - start
    print(
        f"{len(seeds)} mutations of {kinds} kinds from seed {first} in {seconds:.0f} s: {len(faults)} fault(s)"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
