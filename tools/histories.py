"""`make histories`: runs random histories of CloudFormation stacks against the handler.

`python tools/histories.py 10000 7` runs 10 000 histories from seed 7. A history follows from its seed alone.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.support.aws.random_history import live_history

_BATCH = 100


def _run_batch(seeds: range) -> list[str]:
    return [story for seed in seeds if (story := live_history(seed)) is not None]


def main(number: str = "1000", first: str = "0") -> int:
    """Print every violation with its story, and the time; return 1 if there is one."""
    seeds, start = range(int(first), int(first) + int(number)), time.monotonic()
    batches = [seeds[position : position + _BATCH] for position in range(0, len(seeds), _BATCH)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        stories = [story for batch in pool.map(_run_batch, batches) for story in batch]
    print("\n\n".join(sorted(stories, key=len)))
    seconds = time.monotonic() - start
    print(f"{len(seeds)} histories from seed {first} in {seconds:.0f} s: {len(stories)} violation(s)")
    return 1 if stories else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
