"""The lines that hold on one target, and what hash-checking asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.requirements.asked import Asked, allowed_hashes, asked_for
from constructs_lib.core.lock.requirements.requirements_txt import read_requirements
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from pathlib import Path

A, B = "a" * 64, "b" * 64


def ask(folder: Path, text: str, python: str = "3.12", constraints: str = "") -> Asked:
    (folder / "con.txt").write_text(constraints)
    (folder / "pyproject.toml").touch()
    path = folder / "requirements.txt"
    path.write_text(f"{text}\n-c con.txt\n")
    return asked_for(read_requirements(path, folder), Target(python), folder)


def refusal(folder: Path, text: str, constraints: str = "") -> str:
    with pytest.raises(ProjectError) as caught:
        ask(folder, text, constraints=constraints)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


def test_hashes_belong_to_the_line_that_holds(tmp_path: Path) -> None:
    """A lock for several Pythons has several versions of a distribution, each with its own hashes."""
    text = f"x==1 ; python_full_version < '3.11' --hash=sha256:{A}\nx==2 ; python_full_version >= '3.11' --hash=sha256:{B}"
    for python, digest in (("3.10", A), ("3.11", B), ("3.14", B)):
        asked = ask(tmp_path, text, python)
        allowed = allowed_hashes(asked.lines_of("x"))
        assert allowed is not None
        assert allowed.sha256 == {digest}


def test_a_line_that_does_not_hold_needs_no_hash(tmp_path: Path) -> None:
    """Neither pip nor uv looks at it."""
    asked = ask(tmp_path, f"x==1 --hash=sha256:{A}\ny ; sys_platform == 'win32'")
    assert [line.name for line in asked.requirements] == ["x"]
    assert asked.is_hashed


def test_lines_of_one_name_allow_what_all_of_them_allow(tmp_path: Path) -> None:
    """Those without a hash allow everything; a constraint's hashes count as well."""
    for text, constraints in (
        (f"x==1 --hash=sha256:{A}\nx==1", ""),
        (f"x==1 --hash=sha256:{A} --hash=sha256:{B}", f"x==1 --hash=sha256:{A}"),
        ("x", f"x==1 --hash=sha256:{A}"),
    ):
        asked = ask(tmp_path, text, constraints=constraints)
        allowed = allowed_hashes(asked.lines_of("x"))
        assert allowed is not None
        assert allowed.sha256 == {A}
        assert asked.is_pinned("x")
    assert refusal(tmp_path, f"x==1 --hash=sha256:{A}\nx==1 --hash=sha256:{B}").startswith(
        "requirements.txt:1 and requirements.txt:2: the lines of x have no sha256 in common"
    )


@pytest.mark.parametrize(
    ("text", "constraints", "message"),
    [
        (f"x==1 --hash=sha256:{A}\ny==2", "", "requirements.txt:2: y has no sha256 hash"),
        (
            "x==1",
            f"z==1 --hash=sha256:{A}",
            "requirements.txt:1: x has no sha256 hash; con.txt:1 asks for hashes",
        ),
        (
            "--require-hashes\nx==1",
            "",
            "x has no sha256 hash; requirements.txt:1 asks for hashes, so every line",
        ),
        (f"x --hash=sha256:{A}", "", "x is not pinned to one version"),
        (f"x>=1 --hash=sha256:{A}", "", "x is not pinned"),
        (
            "--require-hashes\n-e ./pkg",
            "",
            "pkg is a folder or comes from version control, which has no sha256",
        ),
        (
            "--require-hashes\nx @ git+https://h.example/r",
            "",
            "'uv export --no-emit-project', '--no-emit-local'",
        ),
        ("--require-hashes\nhttps://h.example/x-1-py3-none-any.whl", "", "x has no sha256 hash"),
        ("x ; python_version ~= 'a'", "", "requirements.txt:1: the marker of x cannot be evaluated"),
    ],
)
def test_what_hash_checking_does_not_allow(tmp_path: Path, text: str, constraints: str, message: str) -> None:
    """It is on as soon as anything asks for it, and then nothing is installed unchecked."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "setup.py").touch()
    assert message in refusal(tmp_path, text, constraints)


def test_the_project_itself_needs_no_hash(tmp_path: Path) -> None:
    """`uv export` writes `-e .` beside hashes, and no layer holds the project itself."""
    asked = ask(tmp_path, f"-e .\nx==1 --hash=sha256:{A}")
    assert len(asked.requirements) == 2


def test_what_pins(tmp_path: Path) -> None:
    """A line or a constraint; a range in one of them does not undo it."""
    asked = ask(tmp_path, "a==1\nb>=1\nc\nd>=1", constraints="c==3\nd<9\ne==1")
    assert [asked.is_pinned(name) for name in "abcde"] == [True, False, True, False, True]
