"""The members that stay out of a built wheel."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.archive.reader import read_members
from constructs_lib.core.metadata.record import wheel_gap
from constructs_lib.core.project.source_files import LeftOut
from constructs_lib.core.wheels.left_out import Choice, named_by, note_dropped, tidy_wheel
from tests.support.files.sources import write_files
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILES = {
    "src/app/__init__.py": "",
    "src/app/a.py": "a = 1\n",
    "src/app/sub/__init__.py": "",
    "tests/a.py": "t = 1\n",
}
MEMBERS = {
    "app/__init__.py": b"",
    "app/a.py": b"a = 1\n",
    "app/sub/__init__.py": b"",
    "app/made.py": b"m = 1\n",
}


def choice(
    root: Path,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    ignored: Sequence[str] = (),
) -> Choice:
    files = sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return Choice(root, files, include, exclude, frozenset(map(Path, ignored)))


def tidied(
    chosen: Choice, members: Mapping[str, bytes] = MEMBERS, left_out: list[LeftOut] | None = None
) -> set[str]:
    """Return the modules that stay in a wheel of `members`, whose RECORD stays true."""
    wheel = make_wheel(chosen.root.parent / "out", "app", files=members)
    notes = tidy_wheel(wheel, chosen)
    if left_out is not None:
        left_out += notes
    assert wheel_gap(read_members(memoryview(wheel.read_bytes()), wheel.name), wheel.name) is None
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info" not in name}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path / "app", FILES)


def test_a_wheel_with_nothing_to_leave_out_stays_as_it_was_built(root: Path) -> None:
    wheel = make_wheel(root.parent, "app", files=MEMBERS)
    content = wheel.read_bytes()
    tidy_wheel(wheel, choice(root))
    assert wheel.read_bytes() == content


@pytest.mark.parametrize(
    ("include", "exclude", "gone"),
    [
        (None, ["a.py"], {"app/a.py"}),
        (None, ["src/app/sub/"], {"app/sub/__init__.py"}),
        (None, ["tests/"], set()),
        (["src/app/*.py"], None, {"app/sub/__init__.py"}),
        (["pyproject.toml"], None, {"app/__init__.py", "app/a.py", "app/sub/__init__.py"}),
    ],
)
def test_patterns_are_those_of_the_projects_files(
    include: list[str] | None, exclude: list[str] | None, gone: set[str], root: Path
) -> None:
    """A member is one of them by its content and the end of its path; what the backend made itself stays."""
    assert tidied(choice(root, include, exclude)) == MEMBERS.keys() - gone


def test_ignored_files_stay_out_with_a_note(root: Path) -> None:
    left_out: list[LeftOut] = []
    assert tidied(choice(root, ignored=["src/app/a.py"]), left_out=left_out) == MEMBERS.keys() - {"app/a.py"}
    assert left_out == [LeftOut("app", "ignored", ("app/a.py",))]


def test_an_equal_ignored_file_elsewhere_does_not_count(root: Path) -> None:
    """What an earlier build left behind: a copy of the code with the same paths."""
    write_files(root, {"build/lib/app/a.py": "a = 1\n"})
    assert tidied(choice(root, ignored=["build/lib/app/a.py"])) == MEMBERS.keys()
    assert "app/a.py" not in tidied(choice(root, exclude=["src/app/a.py"], ignored=["build/lib/app/a.py"]))


def test_secrets_stay_out_whatever_is_chosen(root: Path) -> None:
    """Also in virtual environments, by whatever name."""
    secrets = {"app/.env": b"s", "app/x.key": b"k", "app/env/pyvenv.cfg": b"", "app/env/lib/x.py": b"x"}
    left_out: list[LeftOut] = []
    assert tidied(choice(root, include=["**"]), {**MEMBERS, **secrets}, left_out) == MEMBERS.keys()
    assert left_out == [LeftOut("app", "secret", tuple(sorted(secrets)))]


def test_a_name_with_a_separator_of_lines_stays_in_the_record(root: Path) -> None:
    """U+2028 ends a line for `splitlines`, and not for readers of RECORD."""
    members = {**MEMBERS, "app/a\u2028b.py": b"", "app/.env": b"TOKEN=x\n"}
    assert tidied(choice(root), members) == members.keys() - {"app/.env"}


def test_names_in_any_bytes_stay_in_the_record(root: Path) -> None:
    """An archive from another system may have them."""
    wheel = root.parent / "app-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("app/.env", b"TOKEN=x\n")
        archive.writestr("app-1.0.dist-info/RECORD", b"app/\xff.py,,1\napp/.env,,8\n")
    tidy_wheel(wheel, choice(root))
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("app-1.0.dist-info/RECORD") == b"app/\xff.py,,1\n"


def test_a_dot_before_the_names_is_taken_off(tmp_path: Path) -> None:
    """Hatchling writes it for packages in the project's own folder; uv and pip install such a wheel."""
    root = write_files(tmp_path / "app", {"main.py": "x = 1\n"})
    assert tidied(choice(root), {"./main.py": b"x = 1\n"}) == {"main.py"}


def test_a_pattern_names_ignored_files_if_no_other_file_matches(root: Path) -> None:
    files = [Path(name) for name in (*FILES, "static/page.html", "src/app/local.py")]
    ignored = frozenset(files[-2:])
    assert named_by(["src/", "*.py"], files, ignored) == frozenset()
    assert named_by(["src/", "static/"], files, ignored) == {Path("static/page.html")}
    assert named_by(["local.py"], files, ignored) == {Path("src/app/local.py")}
    assert named_by(None, files, ignored) == frozenset()


def test_files_that_a_copy_lacks_are_named(root: Path) -> None:
    """Those among modules; neither what the build made anew nor files beside the code."""
    write_files(root, {"src/app/local.py": "", "src/app/made.py": "", "notes.txt": ""})
    wheel = make_wheel(root.parent, "app", files=MEMBERS)
    dropped = frozenset(map(Path, ("src/app/local.py", "src/app/made.py", "notes.txt")))
    assert note_dropped(wheel, choice(root), dropped) == [LeftOut("app", "ignored", ("src/app/local.py",))]
