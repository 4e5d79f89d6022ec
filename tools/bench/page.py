"""`docs/benchmarks/index.md`: tables, plots, how they came about, and on which machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.asked import verdicts
from tools.bench.contenders import BUILDER, SECTIONS
from tools.bench.measure import LEAST, SPEND
from tools.bench.model import PYTHON_VERSION
from tools.bench.peers import UPSTREAM
from tools.bench.report import head, markdown, table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from tools.bench.measure import Result
    from tools.bench.model import Section

_PAGE = """\
<!-- Written by `make bench`. -->

# Benchmarks

A lock file becomes a layer: ours against the tools people use today. `make bench` measures on your machine
and writes this page and its plots anew; these figures are of {date}. W1 is small (requests, pydantic,
python-dateutil), W2 a typical service (FastAPI, SQLAlchemy, cryptography, ...), W3 data (numpy, pandas, scipy).

## Asked and measured

{asked}

{verdict}

{sections}
## How it is measured

- Whole processes from start to exit, with the interpreter's start, all imports and every tool they call. Wall time
  is the median of the runs, with its ratio to the row named in the head; CPU time (median) counts the children too; peak is the resident memory of the largest
  single process. What Docker's daemon does is in the wall time alone.
- A round runs each contender once, in turn, so a busy minute hits all of them. A first round is not counted: it
  fills caches. Whoever has used {spend:.0f} seconds sits out the rounds that are left, after {least} runs at least.
- What an earlier run built is removed before, outside the timing. `unchanged again` is a run right after that one,
  with nothing changed and nothing removed.
- Each contender has its own copy of the project, and its own environment with pinned packages. All use one Python
  and one uv. uv's cache is full. pip keeps what its index lets it keep.
- Every layer is for Python {python} on the machine's own CPU, since several peers know no other.
- `zip -9` packs the tree as it was installed, with what the installer leaves (`bin`, `RECORD`, ...); what Lambda
  brings is left out, as {upstream} does by its own list. Ours has no such leftovers. Their share aside, of exactly
  the same files `zip -9` makes an archive that is some per mille smaller than that of our wheel route, since a
  wheel's publisher may have compressed with less effort.
- {builder} packs with `zip -9` as well. `sam build` and CDK's own constructs end with a folder; `sam deploy` and
  `cdk deploy` zip it later, which is not in their time.
- PyPI's uv-python-lambda builds functions, in Docker, and has no layer: it is not among these.

## Machine

{machine}
"""


def page(results: Sequence[Result], facts: Sequence[str], today: dt.date) -> str:
    """The whole page."""
    asked = verdicts(results)
    missed = sum(not verdict.met for verdict in asked)
    rows = [(each.text, each.asked, each.measured, "" if each.met else "**missed**") for each in asked]
    return _PAGE.format(
        date=today.isoformat(),
        asked=markdown(("figure", "asked", "measured", ""), rows, text_columns=2),
        verdict=f"{missed} of {len(asked)} were missed in this run."
        if missed
        else "All were met in this run.",
        sections="\n".join(_section(section, results) for section in SECTIONS),
        python=PYTHON_VERSION,
        spend=SPEND,
        least=LEAST,
        upstream=UPSTREAM,
        builder=BUILDER,
        machine=_list(facts),
    )


def _section(section: Section, results: Sequence[Result]) -> str:
    what = _list(f"**{contender.name}**: {contender.what}." for contender in section.contenders)
    rows = markdown(head(section), table(section, results))
    plot = f"![{section.title.replace('`', '')}]({section.name}.svg)"
    return f"## {section.title}\n\n{plot}\n\n{rows}\n\n{what}\n"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
