"""Which Pythons of this machine are found, and in which order."""

from __future__ import annotations

import os
import sys
import sysconfig
from typing import TYPE_CHECKING

from constructs_lib.core.system.interpreter import find_interpreters
from tests.support.builders.hosts import OTHER, OWN

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TAG = f"cpython-{OTHER.replace('.', '')}"
FINAL, PREVIEW = 0x30D00F0, 0x30D00B1


def program(path: Path, *lines: object, code: int = 0) -> str:
    """Write a program that prints these lines, whatever it is asked, and return its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *(f"echo {line}" for line in lines), f"exit {code}", ""]))
    path.chmod(0o755)
    return str(path.parent)


def test_the_running_one_comes_first(only: Path) -> None:
    """Nobody is asked for that; it is of the kind that its own extension modules are."""
    first = next(find_interpreters(OWN))
    assert (first.path, first.tag) == (sys.executable, sys.implementation.cache_tag)
    assert first.extension == sysconfig.get_config_var("EXT_SUFFIX")


def test_one_on_path_is_found_behind_those_that_do_not_fit(
    other: Path, only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version manager's shim fails, a preview release is passed over, another version and nonsense too."""
    others = [
        program(tmp_path / "shim" / f"python{OTHER}", code=127),
        program(tmp_path / "old" / f"python{OTHER}", "cpython-39", FINAL, ".so", "/old"),
        program(tmp_path / "preview" / f"python{OTHER}", TAG, PREVIEW, ".so", "/preview"),
        program(tmp_path / "word" / f"python{OTHER}", TAG, "what", ".so", "/word"),
        program(tmp_path / "talk" / f"python{OTHER}", "hello"),
    ]
    (only / f"python{OTHER}").symlink_to(other)
    monkeypatch.setenv("PATH", os.pathsep.join([*others, str(only)]))
    [found] = find_interpreters(OTHER)
    assert (found.path, found.tag) == (str(only / f"python{OTHER}"), TAG)
    assert TAG in found.extension


def test_a_shim_that_works_is_replaced_by_what_is_behind_it(only: Path) -> None:
    """It may need an environment that what runs it later does not give it."""
    program(only / f"python{OTHER}", TAG, FINAL, ".so", "/behind/it")
    assert [each.path for each in find_interpreters(OTHER)] == ["/behind/it"]


def test_one_of_pyenv_is_found_that_is_not_switched_on(
    only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its folder; after those on PATH."""
    program(only / f"python{OTHER}", TAG, FINAL, ".so", "/path")
    program(
        tmp_path / "pyenv" / "versions" / f"{OTHER}.1" / "bin" / f"python{OTHER}", TAG, FINAL, ".so", "/pyenv"
    )
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert [each.path for each in find_interpreters(OTHER)] == ["/path", "/pyenv"]


def test_what_uv_finds_comes_last(other: Path, only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By names that a look at PATH for this version's does not find."""
    (only / "python3").symlink_to(other)
    monkeypatch.setenv("UV_PYTHON_PREFERENCE", "only-system")
    assert [each.tag for each in find_interpreters(OTHER)] == [TAG]


def test_there_may_be_none(only: Path) -> None:
    """That is no error here."""
    assert list(find_interpreters("3.14" if OWN != "3.14" else "3.10")) == []


def test_one_is_asked_once(only: Path, tmp_path: Path) -> None:
    """Several layers of one app need it."""
    asked = tmp_path / "asked"
    program(only / f"python{OTHER}", f"x >>{asked}; echo {TAG}", FINAL, ".so", "/path")
    assert list(find_interpreters(OTHER)) == list(find_interpreters(OTHER)) != []
    assert asked.read_text() == "x\n"
