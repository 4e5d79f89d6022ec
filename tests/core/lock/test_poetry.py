"""The export of poetry.lock, read directly; `tests/integration/test_poetry_shapes.py` asks Poetry too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ArtifactError, ProjectError
from constructs_lib.core.lock.locked import Locked, LockedDirectory, LockedFile, LockOptions
from constructs_lib.core.lock.poetry_lock import content_hash
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET, names
from tests.support.files.poetry_locks import SHA, KnownAddresses, package, write_poetry_lock
from tests.support.files.toml import NONSENSE, dotted, replaced, strings, write_toml

if TYPE_CHECKING:
    from pathlib import Path

WHOLE: dict[str, Any] = {
    "package": [
        {
            "name": "aa",
            "version": "1.0",
            "groups": ["main"],
            "markers": "os_name == 'posix'",
            "files": [{"file": "aa-1.0-py3-none-any.whl", "hash": f"sha256:{SHA}"}],
            "source": {"type": "legacy", "url": "https://host/simple", "reference": "here"},
        }
    ],
    "metadata": {
        "lock-version": "2.1",
        "python-versions": "^3.10",
        "content-hash": "",
    },
}


def locked(project: Path, options: LockOptions | None = None) -> tuple[Locked, ...]:
    return resolve(Project.at(project), TARGET, options, KnownAddresses()).locked


def test_groups_and_extras_are_chosen_by_markers(project: Path) -> None:
    """A package of several groups has a marker for each; several extras may be chosen at once."""
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\n[tool.poetry.group.Web_one]\n[dependency-groups]\nops = []\n'
    )
    write_poetry_lock(
        project,
        package("aa"),
        package("bb", tail='groups = ["main"]\nmarkers = "extra == \\"fast\\" or \'slow\' == extra"'),
        package("cc", tail='groups = ["main", "web-one"]\nmarkers = { main = "sys_platform == \'win32\'" }'),
        package("dd", tail='groups = ["web-one"]\nmarkers = "python_version < \'3.12\'"'),
        package("ee", tail="groups = [\"main\"]\nmarkers = \"extra == 'fast' and extra == 'slow'\""),
        extras="Fast = []\nslow = []",
    )
    notes = KnownAddresses()
    assert names(project, LockOptions(), notes) == ["aa"]
    assert names(project, LockOptions(extras=("FAST",)), notes) == ["aa", "bb"]
    assert names(project, LockOptions(extras=("fast", "slow")), notes) == ["aa", "bb", "ee"]
    assert names(project, LockOptions(groups=("web_one",)), notes) == ["aa", "cc"]
    assert names(project, LockOptions(only_groups=("Web_one",)), notes) == ["cc"]
    for options, text in (
        (LockOptions(extras=("new",)), r"has no extra 'new': it has fast, slow"),
        (LockOptions(groups=("new",)), r"has no group 'new': it has main, ops, web-one"),
    ):
        with pytest.raises(ProjectError, match=text):
            names(project, options, notes)


def test_the_address_of_a_file_is_that_of_an_earlier_build(project: Path) -> None:
    """The lock names files by hash alone; an older file than the chosen one needs no address."""
    rows = [
        f'{{ file = "aa-1.0-{tag}.whl", hash = "sha256:{digit * 64}" }}'
        for digit, tag in (("1", "cp312-cp312-manylinux_2_28_x86_64"), ("2", "cp312-cp312-win_amd64"))
    ]
    write_poetry_lock(
        project,
        package("aa", files=", ".join([*rows, f'{{ file = "aa-1.0.tar.gz", hash = "sha256:{SHA}" }}'])),
    )
    [file] = resolve(Project.at(project), TARGET, None, KnownAddresses()).locked
    assert isinstance(file, LockedFile)
    assert (file.filename, file.location) == (
        "aa-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "https://host/file.whl",
    )
    assert file.index == "https://host/simple"


def test_sources_other_than_an_index(project: Path) -> None:
    (project / "lib").mkdir()
    write_poetry_lock(
        project,
        package("lib", tail='groups = ["main"]\n[package.source]\ntype = "directory"\nurl = "lib"'),
        package(
            "ff", tail='groups = ["main"]\n[package.source]\ntype = "file"\nurl = "ff-1.0-py3-none-any.whl"'
        ),
        package(
            "uu",
            tail='groups = ["main"]\n[package.source]\ntype = "url"\nurl = "https://host/uu-1.0-py3-none-any.whl"',
        ),
    )
    by_name = {file.name: file for file in locked(project)}
    assert by_name["lib"] == LockedDirectory("lib", project / "lib")
    assert isinstance(by_name["ff"], LockedFile)
    assert by_name["ff"].location == project / "ff-1.0-py3-none-any.whl"
    assert isinstance(by_name["uu"], LockedFile)
    assert by_name["uu"].location == "https://host/uu-1.0-py3-none-any.whl"


def test_a_lock_for_other_pythons_is_refused(project: Path) -> None:
    write_poetry_lock(project, package("aa"), python="^3.13")
    with pytest.raises(ProjectError, match=r"is for Python <4,>=3\.13, not for Python 3\.12"):
        names(project)
    write_poetry_lock(project, package("aa"), python="~3.9 || ~3.11")
    with pytest.raises(
        ProjectError, match=r"is for Python .*3\.10.* or .*3\.12.*, not for Python 3\.12"
    ) as caught:
        names(project, None, KnownAddresses())
    assert caught.value.id == "python-not-allowed"
    write_poetry_lock(project, package("aa"), python="~3.9 || ^3.12")
    assert names(project, None, KnownAddresses()) == ["aa"]


def test_a_package_without_files_is_one_line(project: Path) -> None:
    write_poetry_lock(project, '[[package]]\nname = "aa"\nversion = "1.0"\nfiles = []\ngroups = ["main"]\n')
    with pytest.raises(ProjectError, match=r"lists no files of aa 1\.0: run 'poetry lock' again"):
        names(project)


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("place", list(dict.fromkeys(place for place, _ in strings(WHOLE))), ids=dotted)
def test_a_string_without_a_meaning_is_one_line(
    project: Path, tool: Path, place: tuple[str | int, ...], text: str
) -> None:
    """Whatever stands in a lock: a layer, or one line; a name of a file never leaves its folder."""
    assert tool.is_dir()  # a stand-in for Poetry, which is asked where the hash differs
    WHOLE["metadata"]["content-hash"] = content_hash(Project(project).pyproject)
    write_toml(project / "poetry.lock", replaced(WHOLE, place, text))
    line, files = "", tuple[Locked, ...]()
    try:
        files = locked(project)
    except ArtifactError as error:
        line = str(error)
    assert len(line.splitlines()) <= 1
    assert not any("/" in file.filename for file in files if isinstance(file, LockedFile))


@pytest.mark.parametrize("filename", ["../../aa-1.0.tar.gz", "x/aa-1.0-py3-none-any.whl", "bb-1.0.tar.gz"])
def test_a_file_of_another_name_is_not_the_packages(project: Path, filename: str) -> None:
    write_poetry_lock(project, package("aa", files=f'{{ file = "{filename}", hash = "sha256:{SHA}" }}'))
    with pytest.raises(ProjectError, match=r"lists no files of aa 1\.0"):
        names(project)
