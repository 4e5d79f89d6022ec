"""Compares what is selected from the locks of uv's ecosystem tests with `uv export`, and reduces them to facts.

`python -m tools.conformance CHECKOUT FILE` reads the projects in a checkout of uv and the snapshots of their locks, prints every
difference, and writes what `tests/integration/test_lock_conformance.py` needs of them to FILE. It takes some minutes.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_lib.core.project.toml_table import parse_toml
from tests.support.files.lock_facts import TARGETS, reduced
from tests.support.lock_conformance import (
    choices,
    chosen,
    difference,
    digest,
    expected,
    exported,
    name_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROJECTS, _SNAPSHOTS = "test/ecosystem", "crates/uv/tests/it/snapshots"
_BEFORE, _AFTER = "it__ecosystem__", "-lock-file.snap"
# The snapshots mask a part of some versions, of which the manifest of these projects pins one.
_MASK, _MASKED, _PINNED = "[X]", "0", {"pyx-external": "1", "pyx-workspace": "1"}


def projects(checkout: Path, scratch: Path) -> Iterator[Path]:
    """Yield each project with its uv.lock, copied to `scratch`."""
    for snapshot in sorted((checkout / _SNAPSHOTS).glob(f"{_BEFORE}*{_AFTER}")):
        name = snapshot.name.removeprefix(_BEFORE).removesuffix(_AFTER)
        root = scratch / name
        shutil.copytree(checkout / _PROJECTS / name, root)
        _, _, text = snapshot.read_text().split("---\n", 2)
        (root / "uv.lock").write_text(text.replace(_MASK, _PINNED.get(name, _MASKED)))
        yield root


def facts_of(root: Path, lock: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a lock, with a hash of what uv exports for each choice and target."""
    answers = {}
    for options in choices(lock):
        lines = exported(root, options)
        answers[name_of(options)] = [digest(expected(lines, target)) for target in TARGETS]
    return {"answers": answers, **reduced(lock)}


def differences(root: Path, lock: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each choice and target where another selection than uv's is made."""
    for options in choices(lock):
        lines = exported(root, options)
        for target in TARGETS:
            answer = chosen(root, target, options)
            if text := difference(answer, lock, expected(lines, target), target):
                yield f"{root.name}, {name_of(options)}, {target}: {text}"


def main(checkout: str, path: str) -> int:
    """Print every difference and write the facts; return 1 if there is a difference."""
    count, facts = 0, {}
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
        for root in projects(Path(checkout), Path(scratch)):
            lock = parse_toml((root / "uv.lock").read_text(), root / "uv.lock")
            for line in differences(root, lock):
                count += 1
                print(line)
            facts[root.name] = facts_of(root, lock)
    text = json.dumps(facts, separators=(",", ":"))
    Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{count} difference(s)")
    return int(count > 0)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
