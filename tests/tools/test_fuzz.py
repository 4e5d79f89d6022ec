"""The program of `make fuzz`, on a share of its mutations: the same ones each time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from tests.support.files.manifests import KINDS, Kind, fault_of, write_project
from tools.fuzz import main, read_mutations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", KINDS)
def test_mutated_manifests_are_a_value_or_one_line(name: str) -> None:
    """No traceback, no hang, and no line over 500 characters."""
    assert read_mutations(name, range(60)) == []


@pytest.mark.parametrize("name", KINDS)
def test_what_is_mutated_can_be_read(name: str, tmp_path: Path) -> None:
    """The texts themselves are valid: a mutation is not refused for another reason."""
    root = tmp_path / "shop"
    root.mkdir()
    write_project(root, KINDS[name])
    KINDS[name].read(root)


def test_faults_are_found(tmp_path: Path) -> None:
    """A traceback, a long line, and a failure that only the door caught; an error never has a second line."""

    def raising(error: Exception) -> Kind:
        def read(root: Path) -> object:
            raise error

        return Kind("x", "", read)

    error = ArtifactError
    assert fault_of(raising(KeyError("x")), tmp_path) == "KeyError: 'x'"
    assert fault_of(raising(error("lock-invalid", "a\nb")), tmp_path) == ""
    assert "no line on purpose" in fault_of(raising(error("unexpected-failure", "a")), tmp_path)
    assert "a line of 501" in fault_of(raising(error("lock-invalid", "a" * 501)), tmp_path)
    assert fault_of(raising(error("lock-invalid", "a" * 500)), tmp_path) == ""


def test_the_program_ends_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("2", "5", "pylock", "pdm") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"2 mutations of 2 kinds from seed 5 in \d+ s: 0 fault\(s\)", last)


@pytest.mark.parametrize("name", KINDS)
def test_a_word_of_any_length_is_one_short_line(name: str, tmp_path: Path) -> None:
    """Each word of each manifest in turn, as a name of 3000 characters, as a version and as one of 5000 digits."""
    root = tmp_path / "shop"
    root.mkdir()
    kind = KINDS[name]
    write_project(root, kind)
    faults = set()
    for word in re.finditer(r"[A-Za-z0-9_.-]+", kind.text):
        for long in ("x" * 3000, "1-" * 1500 + "0", "1" + ".1" * 1500, "9" * 5000):
            (root / kind.filename).write_text(f"{kind.text[: word.start()]}{long}{kind.text[word.end() :]}")
            if fault := fault_of(kind, root):
                faults.add(f"{word[0]}: {fault[:200]}")
    assert faults == set()
