"""A project and its pyproject.toml as a typed value."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.aws_facts import NEWEST
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import (
    NamedIndex,
    Project,
    PyProject,
    newest_python,
    read_pyproject,
)
from tests.support.files.toml import at, dotted, places, replaced, strings, write_toml, wrong_types

if TYPE_CHECKING:
    from pathlib import Path

FULL: dict[str, Any] = {
    "project": {
        "name": "shop",
        "version": "1.0",
        "requires-python": ">=3.10,<3.13",
        "dynamic": ["version"],
        "dependencies": ["aa>=1"],
        "optional-dependencies": {"Fancy_Extra": ["bb"]},
    },
    "dependency-groups": {"My_Group": ["cc", {"include-group": "Other.One"}], "other-one": ["dd"]},
    "build-system": {"requires": ["hatchling", "hatch-vcs"], "build-backend": "hatchling.build"},
    "tool": {
        "uv": {
            "dev-dependencies": ["ee"],
            "constraint-dependencies": ["aa<2"],
            "exclude-dependencies": ["zz"],
            "environments": ["sys_platform == 'linux'"],
            "conflicts": [[{"extra": "fancy-extra"}, {"package": "shop", "group": "my-group"}]],
            "dependency-metadata": [
                {"name": "aa", "version": "1", "requires-dist": ["bb"], "requires-python": ">=3.8"}
            ],
            "resolution": "lowest",
            "exclude-newer": "2026-01-01T00:00:00Z",
            "override-dependencies": ["bb==1", {"package": {"name": "aa"}, "dependencies": ["bb==2"]}],
            "sources": {
                "aa": {
                    "git": "https://host/aa",
                    "rev": "1",
                    "subdirectory": "x",
                    "marker": "os_name == 'nt'",
                    "extra": "Fancy_Extra",
                },
                "bb": [{"path": "../bb"}, {"url": "https://host/bb.whl"}],
                "cc": {"workspace": True},
                "dd": {"index": "corp", "group": "other-one"},
            },
            "index": [{"name": "corp", "url": "https://corp/simple"}],
        },
        "poetry": {"source": [{"name": "old", "url": "https://old/simple"}]},
    },
}
# Not read here: they are for `build_backend.py`.
UNREAD = {
    ("build-system", "build-backend"),
    *(("build-system", "requires", *tail) for tail in ((), (0,), (1,))),
}


def read_all(pyproject: PyProject) -> None:
    """Read every key of the schema."""
    assert pyproject.name is None or pyproject.version is None or pyproject.lists("dependencies")
    assert pyproject.is_package
    assert pyproject.requires_python is not None
    assert pyproject.requirements.chosen(["fancy-extra"], ["my-group", "other-one", "dev"])
    assert pyproject.uv.constraints
    assert pyproject.uv.overrides
    assert pyproject.uv.sources
    assert pyproject.uv.excluded
    assert pyproject.uv.environments
    assert pyproject.uv.conflicts
    assert pyproject.uv.metadata_overrides
    assert pyproject.uv.resolution_options
    assert pyproject.uv_indexes
    assert pyproject.poetry_sources


def refusal(path: Path) -> str:
    try:
        read_all(read_pyproject(path))
    except ProjectError as error:
        return str(error)
    return ""


def test_the_whole_schema_is_valid(tmp_path: Path) -> None:
    read_all(read_pyproject(write_toml(tmp_path / "pyproject.toml", FULL)))


@pytest.mark.parametrize("place", [place for place in places(FULL) if place not in UNREAD], ids=dotted)
def test_a_wrong_type_is_one_error_with_file_and_key(tmp_path: Path, place: tuple[str | int, ...]) -> None:
    """Each key of the schema, replaced by each wrong type: no traceback, and the key can be searched for."""
    for wrong_place, value in wrong_types(FULL):
        # A source may be one table or a list of tables.
        is_source = place[:3] == ("tool", "uv", "sources") and len(place) == 4
        if wrong_place != place or (is_source and value in ({}, [], {"a": 3})):
            continue
        path = write_toml(tmp_path / "pyproject.toml", replaced(FULL, place, value))
        with pytest.raises(ProjectError) as caught:
            read_all(read_pyproject(path))
        text = str(caught.value)
        key = dotted(place[:2] if place[0] == "dependency-groups" else place)
        assert text.startswith(f"{path}: {key}"), (value, text)
        assert len(text.splitlines()) == 1
        assert caught.value.id == "pyproject-invalid"


def test_a_string_without_a_meaning_is_no_traceback(tmp_path: Path) -> None:
    for place, value in strings(FULL):
        path = write_toml(tmp_path / "pyproject.toml", replaced(FULL, place, value))
        text = refusal(path)
        assert text.startswith(f"{path}: ") or not text
        assert len(text.splitlines()) < 2


def test_a_table_that_is_not_needed_is_not_checked(tmp_path: Path) -> None:
    """A broken table of Poetry, of an extra or of a group does not concern a build that does not read it."""
    document = FULL | {
        "tool": {"poetry": "x", "uv": at(FULL, ("tool", "uv"))},
        "dependency-groups": 3,
        "project": FULL["project"] | {"optional-dependencies": "x"},
    }
    pyproject = read_pyproject(write_toml(tmp_path / "pyproject.toml", document))
    assert pyproject.requirements.chosen() == pyproject.requirements.main
    assert pyproject.uv.overrides
    assert pyproject.uv_indexes == (NamedIndex("corp", "https://corp/simple"),)


def test_an_empty_file_has_nothing(tmp_path: Path) -> None:
    pyproject = read_pyproject(write_toml(tmp_path / "pyproject.toml", {}))
    assert (pyproject.name, pyproject.version, pyproject.requires_python) == (None, None, None)
    assert not pyproject.lists("dependencies")
    assert not pyproject.is_package
    assert pyproject.uv_indexes == pyproject.poetry_sources == ()


def test_dynamic_dependencies_are_the_backends(tmp_path: Path) -> None:
    project = {"name": "x", "dynamic": ["dependencies"]}
    assert not read_pyproject(write_toml(tmp_path / "pyproject.toml", {"project": project})).lists(
        "dependencies"
    )


def test_the_value_is_plain(tmp_path: Path) -> None:
    """It pickles, with all that was read of it."""
    pyproject = read_pyproject(write_toml(tmp_path / "pyproject.toml", FULL))
    read_all(pyproject)
    copy = pickle.loads(pickle.dumps(pyproject))  # noqa: S301 - its own bytes
    assert copy.document.values == pyproject.document.values
    assert copy.uv.sources == pyproject.uv.sources


def test_the_same_content_is_parsed_once(tmp_path: Path) -> None:
    """Another content is another value."""
    path = write_toml(tmp_path / "pyproject.toml", FULL)
    first = read_pyproject(path)
    assert read_pyproject(path) is first
    write_toml(path, {"project": {"name": "other"}})
    assert read_pyproject(path).name == "other"


def test_a_project_is_the_folder_of_a_pyproject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative entry is taken from the working directory and becomes absolute."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyproject.toml").write_text('[project]\nname = "cart"\n')
    monkeypatch.chdir(tmp_path)
    project = Project.at("shop")
    assert project.root == tmp_path / "shop"
    assert (project.name, project.version) == ("cart", None)
    assert not project.is_package


def test_an_entry_through_a_link_is_the_real_folder(tmp_path: Path) -> None:
    """So that relative paths of the lock file mean what they mean to uv."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "pyproject.toml").write_text('[build-system]\nrequires = ["hatchling"]\n')
    (tmp_path / "link").symlink_to("real")
    assert Project.at(tmp_path / "link").root == tmp_path / "real"
    assert Project.at(tmp_path / "link").is_package
    assert Project.at(tmp_path / "link").name == "real"


def test_an_entry_that_is_no_project_is_one_line(tmp_path: Path) -> None:
    """Missing, a file, and a folder without any code: the entry, its path and a remedy."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for entry, text in {
        "nothing": f"entry '{tmp_path}/nothing' does not exist ({tmp_path}/nothing): give the folder that holds",
        "file": f"entry '{tmp_path}/file' is not a folder ({tmp_path}/file): give the folder that holds",
        "empty": f"{tmp_path}/empty holds no project: neither a *.py file nor one of pyproject.toml, requirements.txt, ",
    }.items():
        with pytest.raises(ProjectError) as caught:
            Project.at(tmp_path / entry)
        assert str(caught.value).startswith(text)
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("project", "version"),
    [
        ({"requires-python": ">=3.10,<3.13"}, "3.12"),
        ({"requires-python": ">=3.15"}, "3.15"),
        ({"requires-python": "<3"}, NEWEST),
        ({}, NEWEST),
        ({"requires-python": "x"}, NEWEST),
        ({"requires-python": ">=3.12.99,<3.13"}, NEWEST),
        ({"requires-python": ">=3.12.20,<3.13"}, "3.12"),
    ],
    ids=["some", "preview", "none", "all", "invalid", "no-patch", "later-patch"],
)
def test_the_newest_python_that_a_project_allows(
    tmp_path: Path, project: dict[str, str], version: str
) -> None:
    """Of Lambda's; a project that cannot be read gets the newest, and its error when it is built."""
    write_toml(tmp_path / "pyproject.toml", {"project": project})
    assert newest_python(Project(tmp_path)) == version


def test_flat_indexes(tmp_path: Path) -> None:
    """Those of `find-links`, and the indexes that say so."""
    path = tmp_path / "pyproject.toml"
    path.write_text(
        '[tool.uv]\nfind-links = ["../wheels"]\n[[tool.uv.index]]\nurl = "https://flat.example"\nformat = "flat"\n'
        '[[tool.uv.index]]\nurl = "https://index.example/simple"\n'
    )
    assert read_pyproject(path).flat_indexes == ("../wheels", "https://flat.example")


@pytest.mark.parametrize(
    ("python", "version"),
    [
        (">=3.10,<3.12", "3.11"),
        ("^3.10", NEWEST),
        ("~3.12", "3.12"),
        ({"version": "~3.11 || ~3.13"}, "3.13"),
        ("nonsense", NEWEST),
    ],
)
def test_the_newest_python_of_poetrys_older_form(tmp_path: Path, python: object, version: str) -> None:
    """`[project]` comes first where it says anything."""
    tool = {"poetry": {"dependencies": {"python": python}}}
    write_toml(tmp_path / "pyproject.toml", {"tool": tool})
    assert newest_python(Project(tmp_path)) == version
    write_toml(tmp_path / "pyproject.toml", {"tool": tool, "project": {"requires-python": "<3.11"}})
    assert newest_python(Project(tmp_path)) == "3.10"


@pytest.mark.parametrize("entry", ["loop", "loop/below", "n" * 300, "zero\0byte"])
def test_a_path_that_cannot_be_opened_is_one_line(entry: str, tmp_path: Path) -> None:
    """A loop of links, a name longer than the system takes, a zero byte: what the operating system refuses."""
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ProjectError) as caught:
        Project.at(tmp_path / entry)
    assert caught.value.id == "entry-invalid"
    assert "give the folder" in str(caught.value)
