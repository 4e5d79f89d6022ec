from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.index.declared import Index, declared_indexes, environment_credentials, indexes_of
from constructs_lib.core.project.pyproject import Project, read_pyproject

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.project.pyproject import PyProject

VAULT = Index("My.vault-1", "https://host/simple/", "UV_INDEX_MY_VAULT_1", "aws")


def pyproject(folder: Path, text: str) -> PyProject:
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    return read_pyproject(folder / "pyproject.toml")


def test_indexes_of_uv_and_poetry(tmp_path: Path) -> None:
    """With the variables that each tool reads; a user name in the address is kept for keyring."""
    text = """
        [[tool.uv.index]]
        name = "My.vault-1"
        url = "https://aws@host/simple/"
        [[tool.uv.index]]
        url = "https://x"
        [[tool.poetry.source]]
        name = "corp"
        url = "https://corp"
        [[tool.poetry.source]]
        name = "PyPI"
    """
    assert list(declared_indexes(pyproject(tmp_path, text))) == [
        VAULT,
        Index("corp", "https://corp", "POETRY_HTTP_BASIC_CORP"),
    ]


@pytest.mark.parametrize(
    ("text", "names", "key"),
    [
        (
            '[tool]\npoetry = "x"\n[[tool.uv.index]]\nname = "a"\nurl = "https://a"',
            ["a"],
            "tool.poetry is 'x'",
        ),
        ('[tool.poetry]\nsource = ["x"]', [], "tool.poetry.source[0] is 'x'"),
        ('[tool.uv.index]\ncorp = "https://x"', [], "tool.uv.index is {'corp': 'https://x'}"),
        ("[tool]\nuv = 3", [], "tool.uv is 3"),
    ],
    ids=["poetry", "source", "index", "uv"],
)
def test_a_table_that_cannot_be_read_is_one_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, names: list[str], key: str
) -> None:
    """It belongs to a tool that did not write the lock: the build goes on without its indexes."""
    assert [index.name for index in declared_indexes(pyproject(tmp_path, text))] == names
    [record] = caplog.records
    assert record.name == "constructs_lib"
    assert record.getMessage().startswith(f"{tmp_path / 'pyproject.toml'}: {key}, it must be ")


def test_indexes_of_a_project_and_its_workspace(tmp_path: Path) -> None:
    """Each once, and a folder without a project has none."""
    root, member = tmp_path, tmp_path / "member"
    pyproject(root, '[[tool.uv.index]]\nname = "root"\nurl = "https://a"\n')
    pyproject(member, '[[tool.uv.index]]\nname = "member"\nurl = "https://b"\n')
    for project, folder, names in (
        (root, root, ["root"]),
        (member, root, ["member", "root"]),
        (member, tmp_path / "none", ["member"]),
    ):
        assert [index.name for index in indexes_of(Project(project), folder)] == names


def test_credentials_of_a_named_index() -> None:
    """A password is needed; the user name may come from the address."""
    environment = {"UV_INDEX_MY_VAULT_1_PASSWORD": "secret", "UV_INDEX_OTHER_PASSWORD": "x"}
    found = [
        (Credentials("My.vault-1", "https://host/simple/", "aws", "secret"), "UV_INDEX_MY_VAULT_1_PASSWORD")
    ]
    assert list(environment_credentials([VAULT], environment)) == found
    environment["UV_INDEX_MY_VAULT_1_USERNAME"] = "bob"
    assert next(iter(environment_credentials([VAULT], environment)))[0].username == "bob"
    assert list(environment_credentials([VAULT], {"UV_INDEX_MY_VAULT_1_USERNAME": "bob"})) == []


def test_credentials_of_an_address_in_the_environment() -> None:
    """As CI systems set them for uv and pip; uv's variables may name the index too."""
    environment = {
        "PIP_INDEX_URL": "https://bob:pa%2Fss@host/simple",
        "UV_INDEX": "https://plain/simple corp=https://corp/simple",
        "UV_INDEX_CORP_USERNAME": "ci",
        "UV_INDEX_CORP_PASSWORD": "secret",
    }
    assert list(environment_credentials([], environment)) == [
        (Credentials("corp", "https://corp/simple", "ci", "secret"), "UV_INDEX_CORP_PASSWORD"),
        (Credentials("PIP_INDEX_URL", "https://host/simple", "bob", "pa/ss"), "PIP_INDEX_URL"),
    ]
