"""The locks of uv's ecosystem tests: what is selected is what uv exports, for extras, groups, Pythons and both CPUs.

Of each lock only names, versions, markers and wheel tags are kept, by `tools/conformance.py`; nothing is fetched.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from constructs_lib.core.project.toml_table import parse_toml
from tests.support.files.lock_facts import TARGETS, write_facts
from tests.support.lock_conformance import (
    choices,
    chosen,
    difference,
    digest,
    expected,
    exported,
    name_of,
)

pytestmark = pytest.mark.integration

DATA = Path(__file__).resolve().parents[1] / "data" / "uv_locks.json.gz"
FACTS = json.loads(gzip.decompress(DATA.read_bytes()))


@pytest.mark.parametrize("name", FACTS)
def test_what_uv_exports_is_selected(name: str, tmp_path: Path) -> None:
    """Of the whole lock it is the same selection; the main dependencies on each Python, other choices on one each."""
    write_facts(FACTS[name], tmp_path)
    path = tmp_path / "uv.lock"
    lock = parse_toml(path.read_text(), path)
    answers, differences = {}, []
    for number, options in enumerate(choices(lock)):
        lines = exported(tmp_path, options)
        answers[name_of(options)] = [digest(expected(lines, target)) for target in TARGETS]
        # Both CPUs take turns; `TARGETS` has them side by side for each Python.
        for target in TARGETS[::3] if number == 0 else TARGETS[number % len(TARGETS) :][:1]:
            answer = chosen(tmp_path, target, options)
            if text := difference(answer, lock, expected(lines, target), target):
                differences.append(f"{name_of(options)}, {target}: {text}")
    assert answers == FACTS[name]["answers"]
    assert differences == []


def test_every_kind_of_answer_occurs() -> None:
    """Locks with extras, groups and members, with several versions of one distribution, and without wheels."""
    texts = json.dumps(FACTS)
    for kind in ('"extra ', '"group ', '"only ', '"members"', '"resolution-markers"', '"supported-markers"'):
        assert kind in texts
    assert len(FACTS) == 22
