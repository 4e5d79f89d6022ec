"""`make bench`: times the build of a layer from a lock file against the tools in use today.

`--quick` measures the main table in about two minutes, `--only W1` (or `synth`) a part alone, and `--repeat` changes the
number of rounds; only a whole run writes the page of the documentation and its plots. A goal that is missed ends with
exit code 1. Everything but the page stays below `build/bench`.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tools.bench.goals import verdicts
from tools.bench.machine import machine_facts
from tools.bench.measure import BenchError
from tools.bench.run import PARTS, ROOT, measured_pairs, part, run, write_page
from tools.bench.tables import text_tables
from tools.bench.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the page; return the exit code."""
    options = _options(arguments)
    started = time.monotonic()
    workspace = Workspace(ROOT, ROOT / "build/bench")
    try:
        pairs = [
            pair for pair in measured_pairs(quick=options.quick) if part(*pair) in (options.only or PARTS)
        ]
        contenders = [contender for section, _ in pairs for contender in section.contenders]
        runnable = [contender for contender in contenders if not workspace.obstacle(contender)]
        workspace.make_environments({"ours"} | {contender.packages for contender in runnable})
        facts = machine_facts(workspace.env, ROOT, workspace.python("ours"))
        results = [result for pair in pairs for result in run(workspace, *pair, options.repeat)]
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    workloads = sorted({workload for _, workload in pairs})
    facts = (*workspace.lock_facts(workloads), *facts, workspace.pip_cache_fact())
    print("\n".join(["", *text_tables(results), *facts]))
    if not (options.only or options.quick):
        write_page(ROOT / "docs/benchmarks", results, facts)
    missed = [
        verdict
        for verdict in verdicts(results)
        if not verdict.met and (verdict.is_measured or not options.quick)
    ]
    for verdict in missed:
        text = f"bench: missed: {verdict.text}: the goal is {verdict.goal}, measured {verdict.measured}"
        print(text, file=sys.stderr)
    print(f"{time.monotonic() - started:.0f} s in all")
    return 1 if missed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time a layer's build against other tools.")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="the main table in about two minutes; no page")
    parser.add_argument("--repeat", type=int, default=ROUNDS, help=f"rounds (default: {ROUNDS})")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
