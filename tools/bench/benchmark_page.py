"""The page `docs/benchmarks/index.md`: tables, plots, method and machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.contenders import BUILDER, LAYER
from tools.bench.goals import verdicts
from tools.bench.measure import SECOND_SECONDS
from tools.bench.model import PYTHON_VERSION
from tools.bench.peers import UPSTREAM
from tools.bench.sections import SECTIONS
from tools.bench.slow_index import RATE
from tools.bench.tables import head, markdown, table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from tools.bench.measure import Result
    from tools.bench.model import Section

_PAGE = """\
<!-- Written by `make bench`. -->

# Benchmarks

A lock file becomes a layer: this library against the tools in use today.

![{picture_title}]({picture}.svg)

`make bench` measures on your machine and writes this page and its plots anew; these figures are of {date}. W1 is small
(requests, pydantic, python-dateutil), W2 a typical service (FastAPI, SQLAlchemy, cryptography, ...), W3 data (numpy,
pandas, scipy), W4 a large lock file of small packages (W2 and the type stubs of all AWS services).

## Asked and missed

{verdict}

{goals}

{sections}
## How it is measured

- Whole processes from start to exit, with the interpreter's start, all imports and every tool they call. Wall time
  is the median of the runs, with its ratio to the row named in the head; CPU time (median) counts the children too; peak is the resident memory of the largest
  single process. The work of Docker's daemon counts in the wall time only.
- A round runs each contender once, in turn, so a busy minute hits all of them. A first round is not counted: it
  fills caches. The column `runs` tells the number of rounds.
- The results of an earlier run are removed before, outside the timing. `unchanged again` is a run right after that one,
  with nothing changed and nothing removed; after {second_seconds:g} seconds of these there are no more.
- Each contender has its own copy of the project, and its own environment with pinned packages. All use one Python
  and one uv. uv's cache is full, except for the contenders with an empty cache, which have one of their own: uv then
  asks the interpreter for its facts as well, which ours reads from uv's full cache. pip keeps the files that its index allows it to cache.
- Every layer is for Python {python} on the machine's own CPU, since several peers know no other.
- `zip -9` packs the tree as it was installed, with all files of the installer (`bin`, `RECORD`, ...); packages that
  Lambda brings are left out, as {upstream} does by its own list. Ours has no such leftovers. Their share aside, of exactly
  the same files `zip -9` makes an archive that is some per mille smaller than that of our wheel route, since a
  wheel's publisher may have compressed with less effort.
- The floor is a sum of what a build cannot leave out, in one thread. `uv pip install` alone is not the same work: it
  links the files of its cache and makes no archive.
- The slow index is a server on this machine; each of its connections carries {rate:g} MB/s, and has no delay beside that.
- {builder} packs with `zip -9` as well. `sam build` and CDK's own constructs end with a folder; `sam deploy` and
  `cdk deploy` zip it later, which is not in their time.
- PyPI's uv-python-lambda builds functions, in Docker, and has no layer: it is not among these.

## Machine

{machine}
"""


def render_page(results: Sequence[Result], facts: Sequence[str], today: dt.date) -> str:
    """Render the whole page."""
    goals = verdicts(results)
    missed = sum(not verdict.met for verdict in goals)
    rows = [
        (verdict.text, verdict.goal, verdict.measured, "" if verdict.met else "**missed**")
        for verdict in goals
    ]
    return _PAGE.format(
        date=today.isoformat(),
        picture=LAYER.name,
        picture_title=LAYER.title,
        goals=markdown(("figure", "goal", "measured", ""), rows, text_columns=2),
        verdict=f"{missed} of {len(goals)} were missed in this run."
        if missed
        else "All were met in this run.",
        sections="\n".join(_section(section, results) for section in SECTIONS),
        python=PYTHON_VERSION,
        second_seconds=SECOND_SECONDS,
        rate=RATE / 1e6,
        upstream=UPSTREAM,
        builder=BUILDER,
        machine=_list(facts),
    )


def _section(section: Section, results: Sequence[Result]) -> str:
    legend = _list(f"**{contender.name}**: {contender.description}." for contender in section.contenders)
    rows = markdown(head(section), table(section, results))
    # The plot of the main section is at the top of the page.
    plot = "" if section is LAYER else f"![{section.title.replace('`', '')}]({section.name}.svg)\n\n"
    return f"## {section.title}\n\n{plot}{rows}\n\n{legend}\n"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
