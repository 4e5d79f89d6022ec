"""Names, paths and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked_values import ARCHIVES
from constructs_lib.core.lock.requirements.logical_lines import LogicalLine
from constructs_lib.core.lock.requirements.parse_requirement import parse_requirement
from constructs_lib.core.lock.requirements.requirement_line import (
    FileLine,
    IndexLine,
    RequirementLine,
    UrlLine,
    VcsLine,
)

A, B = "a" * 64, "b" * 64
WHEEL = "x-1.0-py3-none-any.whl"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a wheel, a project, a folder without one, and a file of requirements."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "setup.py").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "more.txt").touch()
    (tmp_path / WHEEL).touch()
    (tmp_path / "a#b.zip").touch()
    return tmp_path


def parse(text: str, root: Path, *hashes: str, is_editable: bool = False) -> RequirementLine:
    return parse_requirement(
        LogicalLine("r.txt:1", text), text, root, frozenset(hashes), is_editable=is_editable
    )


def test_a_requirement_of_the_standard(root: Path) -> None:
    """Name, extras, version and marker, each as `packaging` reads it."""
    line = parse("One.Two[b,a] >=1,<2 ; python_version > '3'", root)
    assert isinstance(line, IndexLine)
    assert (line.name, sorted(line.extras), str(line.specifier)) == ("one-two", ["a", "b"], "<2,>=1")
    assert str(line.marker) == 'python_version > "3"'


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("./pkg", "pkg", None),
        ("pkg/", "pkg", None),
        ("pkg/../pkg", "pkg", None),
        (".", ".", None),
        ("name @ ./pkg", "pkg", "name"),
        ("name @ file:./pkg", "pkg", "name"),
        ("name @ {root}/pkg", "pkg", "name"),
        (f"./{WHEEL}", WHEEL, "x"),
        (WHEEL, WHEEL, "x"),
        (f"{{root}}/{WHEEL}", WHEEL, "x"),
        (f"file://{{root}}/{WHEEL}", WHEEL, "x"),
        (f"file://localhost{{root}}/{WHEEL}", WHEEL, "x"),
        ("./a#b.zip", "a#b.zip", None),
    ],
)
def test_paths_start_from_the_project(root: Path, text: str, path: str, name: str | None) -> None:
    """Whichever file names them, as for pip and uv."""
    line = parse(text.replace("{root}", str(root)), root)
    assert isinstance(line, FileLine)
    assert (line.path, line.name) == ((root / path).resolve(), name)
    assert line.is_folder == line.path.is_dir()


@pytest.mark.parametrize("ending", ARCHIVES)
def test_a_bare_name_of_an_archive_is_a_path(root: Path, ending: str) -> None:
    """For each ending that a lock file may name too."""
    name = WHEEL if ending == ".whl" else f"x-1.0{ending}"
    (root / name).touch()
    assert isinstance(parse(name, root), FileLine)


@pytest.mark.parametrize("text", ["./pkg[a,b] ; os_name == 'posix'", "./pkg[a, b]; os_name == 'posix'"])
def test_a_path_has_extras_and_a_marker(root: Path, text: str) -> None:
    """Also an editable one."""
    for is_editable in (False, True):
        line = parse(text, root, is_editable=is_editable)
        assert isinstance(line, FileLine)
        assert (line.path.name, sorted(line.extras)) == ("pkg", ["a", "b"])
        assert str(line.marker) == 'os_name == "posix"'


def test_an_editable_folder_needs_no_slash(root: Path) -> None:
    """`-e pkg` is a path, where `pkg` alone is a name."""
    assert isinstance(parse("pkg", root, is_editable=True), FileLine)
    assert isinstance(parse("pkg", root), IndexLine)


def test_an_address(root: Path) -> None:
    """Its wheel's name, the hash in its fragment, and a subdirectory, which must not get lost."""
    line = parse(
        f"https://h.example/a/x-1.0%2Bcpu-py3-none-any.whl#sha256={A.upper()} ; os_name == 'posix'", root
    )
    assert isinstance(line, UrlLine)
    assert (line.url, line.name) == ("https://h.example/a/x-1.0%2Bcpu-py3-none-any.whl", "x")
    assert line.hashes == {A}
    assert line.marker is not None
    line = parse("https://h.example/main.zip#egg=one[b]&subdirectory=pkg", root)
    assert isinstance(line, UrlLine)
    assert (line.name, line.subdirectory, sorted(line.extras)) == (None, "pkg", ["b"])
    assert parse(f"x @ https://h.example/{WHEEL}#sha256={A}", root, A, B).hashes == {A}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("git+https://h.example/o/r.git@main#egg=One", "one"),
        ("One @ git+https://h.example/o/r.git@main", "one"),
        ("git+ssh://git@h.example/o/r.git", None),
        ("git+git@h.example:o/r.git", None),
        ("hg+https://h.example/r", None),
    ],
)
def test_version_control_has_a_value_of_its_own(root: Path, text: str, name: str | None) -> None:
    """The address with all that belongs to it."""
    for is_editable in (False, True):
        line = parse(text, root, is_editable=is_editable)
        assert isinstance(line, VcsLine)
        assert (line.name, line.is_editable) == (name, is_editable)
        assert line.url in text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x==", "'x==' is no requirement ("),
        ("x y", "is no requirement ("),
        ("x ; colour == 'blue'", "is no requirement ("),
        ("x==" + "1" * 5000, "has a number of more than 18 digits"),
        ("x ; " + "(" * 5000, "is no requirement ("),
        ("more.txt", "more.txt is a file of requirements: write -r in front of it"),
        ("./more.txt", "write -r in front of it"),
        ("./gone", "gone is no file and no folder"),
        ("./" + "a" * 5000, "cannot be a path"),
        ("./empty", "empty is no project: it has neither a pyproject.toml nor a setup.py"),
        ("./pkg/setup.py", "setup.py is neither a folder nor a wheel or source distribution"),
        ("ftp://h.example/x-1.0.tar.gz", "is no address that can be read"),
        ("file://other.example/x.whl", "names another machine"),
        (f"https://h.example/{WHEEL}#sha256=abc", "'abc' is no sha256: it has 64 hexadecimal digits"),
        (f"https://h.example/{WHEEL}#md5=0123", "only sha256 hashes can be checked"),
        (f"https://h.example/{WHEEL}#sha256={B}", "the address and --hash name different sha256"),
        (f"https://me:secret@h.example/{WHEEL}#sha1=00", "only sha256"),
    ],
)
def test_what_cannot_be_understood_is_one_short_line(root: Path, text: str, problem: str) -> None:
    """With file, line and value, and without a password."""
    with pytest.raises(ProjectError) as caught:
        parse(text, root, A)
    assert str(caught.value).startswith("r.txt:1: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert "secret" not in str(caught.value)


@given(st.text("ax.-/@[]; ='\"#~:1+&%", min_size=1))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    """Without a traceback."""
    try:
        outcome = str(parse(text.strip() or "x", Path("/nowhere")))
    except ProjectError as error:
        outcome = str(error)
    assert "\n" not in outcome
