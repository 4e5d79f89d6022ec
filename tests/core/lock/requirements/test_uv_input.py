"""The files that uv reads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from constructs_lib.core.errors import ProjectError
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


@pytest.mark.parametrize(
    "text",
    [
        "./l#subdirectory=q%0A--extra-index-url=http://127.0.0.1:1/simple",
        "./l#egg=x[a%0A--pre]",
        "./l[a --pre]",
        "git+https://h.example/r.git#egg=x[a%0D--pre]",
        "https://h.example/x.zip#subdirectory=a%E2%80%A8b",
        '--index-url "https://h.example/simple --pre"\nx',
        '--find-links "https://h.example/flat --pre"\nx',
        '--extra-index-url "https://h.example/simple\t--pre"\nx',
    ],
)
def test_a_value_cannot_become_an_option(tmp_path: Path, text: str) -> None:
    """A line end or a space of a fragment, an extra or an address is refused with its file and line."""
    (tmp_path / "l").mkdir()
    (tmp_path / "l" / "setup.py").touch()
    with pytest.raises(ProjectError, match=rf"{tmp_path}/requirements\.txt:1: ") as caught:
        written(tmp_path, text)
    assert len(str(caught.value).splitlines()) == 1


VALUES = st.text(st.sampled_from("ab./%[]&#${}\t é"))
ENCODED = st.text(st.sampled_from("ab\n\r\t \x85\u2028\u00a0\x1f")).map(quote)


@given(st.lists(VALUES | ENCODED, min_size=4, max_size=4))
def test_each_requirement_is_one_line_of_one_word(values: list[str]) -> None:
    """Whatever a name, a path, an address and a fragment hold: uv reads as many lines as were read, or none."""
    name, path, key, value = values
    texts = [
        f"https://h.example/x{name}-1.0-py3-none-any.whl#subdirectory={value}",
        f"https://h.example/{path}/x.zip#subdirectory={value}&egg={name}[{key}]",
        f"git+https://h.example/{path}@main#egg=x{name}[{key}]&subdirectory={value}",
        f"x @ https://h.example/{path}#{key}={value}",
        f"./l#subdirectory={value}",
        f"./l[{key}]",
    ]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "l").mkdir()
        (Path(folder) / "l" / "setup.py").touch()
        for text in texts:
            try:
                files = written(Path(folder), text)
            except ProjectError:
                continue
            lines = files.requirements.splitlines()
            assert len(lines) == 1, (text, lines)
            assert len(lines[0].replace(" @ ", "@").split()) == 1, (text, lines)
