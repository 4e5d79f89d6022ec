"""The program that compares locks of a checkout of uv and reduces them to facts, on a small checkout of our own."""

from __future__ import annotations

import gzip
import json
import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.project.toml_table import parse_toml
from tests.support.builders.uv import must, uv
from tests.support.files.lock_facts import TARGETS, fewest_tags, write_facts
from tests.support.files.sources import write_files
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index
from tools.conformance import facts_of, main

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["aa==1.0 ; python_version < '3.12'", "aa==2.0 ; python_version >= '3.12'", "native"]

[project.optional-dependencies]
fast = ["bb ; platform_machine == 'x86_64' or python_version >= '3.13'"]

[dependency-groups]
dev = ["bb", "cc"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project and the snapshot of its lock, where a checkout of uv has them."""
    folder = tmp_path / "checkout"
    root = write_files(folder / "test" / "ecosystem" / "shop", {"pyproject.toml": MANIFEST})
    with running_index() as index:
        for name in ("aa", "bb", "cc"):
            for version in ("1.0", "2.0"):
                index.add(wheel_name(name, version), wheel_bytes(name, version))
        for tag in ("cp312-cp312-manylinux2014_x86_64", "cp310-abi3-manylinux2014_aarch64"):
            index.add(wheel_name("native", tag=tag), wheel_bytes("native", tag=tag))
        must(
            uv(
                "lock",
                f"--python={sys.executable}",
                f"--default-index={index.simple}",
                "--no-cache",
                cwd=root,
            )
        )
    lock = (root / "uv.lock").read_text()
    (root / "uv.lock").unlink()
    snapshot = "crates/uv/tests/it/snapshots/it__ecosystem__shop-lock-file.snap"
    write_files(folder, {snapshot: f"---\nsource: x\n---\n{lock}"})
    return folder


def test_facts_give_the_same_answers(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They hold no address, and the project that is written from them has the facts that it was made of."""
    file = tmp_path / "facts.json.gz"
    assert main(str(checkout), str(file)) == 0
    assert capsys.readouterr().out == "0 difference(s)\n"
    text = gzip.decompress(file.read_bytes()).decode()
    assert "://" not in text
    facts = json.loads(text)["shop"]
    assert list(facts["answers"]) == ["main", "extra fast", "group dev", "only dev"]
    root = write_facts(facts, tmp_path / "again")
    path = root / "uv.lock"
    assert facts_of(root, parse_toml(path.read_text(), path)) == facts


def test_so_few_wheels_that_the_same_targets_have_one() -> None:
    """A pure one alone; one for each group of targets; and one for another platform if a target has none."""
    pure, old = wheel_name("aa"), wheel_name("aa", tag="py2-none-any")
    intel, arm = (wheel_name("aa", tag=f"cp310-abi3-manylinux2014_{cpu}") for cpu in ("x86_64", "aarch64"))
    assert fewest_tags([old, pure, intel]) == ["py3-none-any"]
    assert sorted(fewest_tags([intel, arm, old])) == [
        "cp310-abi3-manylinux2014_aarch64",
        "cp310-abi3-manylinux2014_x86_64",
    ]
    assert fewest_tags([intel, old]) == ["cp310-abi3-manylinux2014_x86_64", "py2-none-any"]
    assert len(TARGETS) == 10
