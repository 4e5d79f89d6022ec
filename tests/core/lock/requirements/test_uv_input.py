"""The files that uv reads."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from constructs_lib.core.lock.requirements.asked import asked_for
from constructs_lib.core.lock.requirements.requirements_txt import read_requirements
from constructs_lib.core.lock.requirements.uv_input import UvInput, uv_input
from constructs_lib.core.target import Target

A = "a" * 64


def written(folder: Path, text: str, constraints: str = "") -> UvInput:
    (folder / "con.txt").write_text(constraints)
    (folder / "pyproject.toml").touch()
    path = folder / "requirements.txt"
    path.write_text(f"{text}\n-c con.txt\n")
    document = read_requirements(path, folder)
    return uv_input(document, asked_for(document, Target("3.12"), folder), folder)


def test_each_line_is_in_its_plainest_form(tmp_path: Path) -> None:
    """Without comments, continuations, markers and hashes; each once; places as addresses."""
    text = (
        "# all\nOne ; python_version > '3' # c\ntwo == 2 ; sys_platform == 'win32'\n-e .[x]\nOne\n"
        "three[b, a] \\\n >=1\nhttps://h.example/four-1-py3-none-any.whl"
    )
    assert written(tmp_path, text).requirements.splitlines() == [
        "one",
        f"{tmp_path.as_uri()}[x]",
        "three[a,b]>=1",
        "four @ https://h.example/four-1-py3-none-any.whl",
    ]


def test_settings_come_first(tmp_path: Path) -> None:
    """In the order of the options; without an index none is named."""
    text = "x\n--no-binary y\n-f .\n-i https://one.example\n--extra-index-url https://two.example\n"
    links = f"--find-links {tmp_path.as_uri()}"
    assert written(tmp_path, text).requirements.splitlines() == [
        "--index-url https://one.example",
        "--extra-index-url https://two.example",
        links,
        "--no-binary y",
        "x",
    ]
    assert written(tmp_path, f"{text}--no-index").requirements.splitlines()[:2] == ["--no-index", links]


def test_constraints_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    """Without extras, which ask for nothing there; the file is named only where there are any."""
    files = written(tmp_path, "x", "x[a]==1\ny @ https://h.example/y.zip\nz==1 ; sys_platform == 'win32'")
    assert files.constraints == "x==1\ny @ https://h.example/y.zip\n"
    folder = tmp_path / "out"
    folder.mkdir()
    assert files.write(folder).read_text() == "x\n-c constraints.txt\n"
    assert (folder / "constraints.txt").read_text() == files.constraints
    assert UvInput("x\n", "").write(tmp_path).read_text() == "x\n"


def test_with_hashes_the_project_itself_is_left_out(tmp_path: Path) -> None:
    """It would be built for nothing; without hashes its dependencies are asked for by it."""
    assert written(tmp_path, f"-e .\nx==1 --hash=sha256:{A}").requirements == "x==1\n"
    assert written(tmp_path, "-e .").requirements == f"{tmp_path.as_uri()}\n"


def test_nothing_to_resolve(tmp_path: Path) -> None:
    """Settings alone ask for nothing."""
    assert written(tmp_path, "--no-index\nx ; sys_platform == 'win32'").is_empty


@given(st.lists(st.sampled_from(["x==1", "y[b,a]>=1,<2", "z", "w===1.0", "v~=1.1", "u!=1.*"]), unique=True))
def test_what_is_written_means_what_was_read(lines: list[str]) -> None:
    """Each line of uv's file parses to the requirement that the person wrote."""
    with tempfile.TemporaryDirectory() as name:
        files = written(Path(name), "\n".join(lines))
    assert set(map(Requirement, files.requirements.splitlines())) == set(map(Requirement, lines))
