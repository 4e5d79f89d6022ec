"""`make kills`: kills builds of a layer at random moments, and runs 20 builds at once on one empty store.

`python -m tools.kills 200 7` kills 200 builds from seed 7. The moment follows from the seed alone.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.support.builders.killed_builds import open_workshop


def main(number: str = "200", first: str = "0", at_once: str = "20") -> int:
    """Print every fault, and the time; return 1 if there is one."""
    start, faults = time.monotonic(), []
    with (
        tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder,
        open_workshop(Path(folder).resolve()) as workshop,
    ):
        for seed in range(int(first), int(first) + int(number)):
            faults += workshop.kill_one(seed)
        faults += workshop.build_at_once(int(at_once))
    print("\n".join(faults))
    print(
        f"{workshop.killed} of {number} builds killed from seed {first}, and {at_once} builds at once, in "
        f"{time.monotonic() - start:.0f} s: "
        f"{len(faults)} fault(s)"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
