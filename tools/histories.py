"""Live random histories of CloudFormation stacks against the handler: `python tools/histories.py 10000 7`.

The arguments are how many and the first seed. A history is its seed: the same one tells the same story.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_BATCH = 100


def _live(seeds: range) -> list[str]:
    from tests.support.aws.random_history import live_history

    return [story for seed in seeds if (story := live_history(seed)) is not None]


def main(number: str = "1000", first: str = "0") -> int:
    """Print every violation with its story, and how long it all took."""
    seeds, start = range(int(first), int(first) + int(number)), time.monotonic()
    batches = [seeds[place : place + _BATCH] for place in range(0, len(seeds), _BATCH)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        stories = [story for found in pool.map(_live, batches) for story in found]
    print("\n\n".join(sorted(stories, key=len)))
    took = time.monotonic() - start
    print(f"{len(seeds)} histories from seed {first} in {took:.0f} s: {len(stories)} violation(s)")
    return 1 if stories else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
