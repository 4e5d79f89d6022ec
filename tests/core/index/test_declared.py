from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.index.declared import Index, declared_indexes, environment_credentials, indexes_of

if TYPE_CHECKING:
    from pathlib import Path

VAULT = Index("My.vault-1", "https://host/simple/", "UV_INDEX_MY_VAULT_1", "aws")


def test_indexes_of_uv_and_poetry() -> None:
    """With the variables that each tool reads; a user name in the address is kept for keyring."""
    pyproject = {
        "tool": {
            "uv": {
                "index": [{"name": "My.vault-1", "url": "https://aws@host/simple/"}, {"url": "https://x"}]
            },
            "poetry": {"source": [{"name": "corp", "url": "https://corp"}, {"name": "PyPI"}]},
        }
    }
    assert list(declared_indexes(pyproject)) == [
        VAULT,
        Index("corp", "https://corp", "POETRY_HTTP_BASIC_CORP"),
    ]
    assert list(declared_indexes({"tool": {"uv": {"index": {"corp": "https://x"}}}})) == []


def test_indexes_of_folders(tmp_path: Path) -> None:
    """Each once, and a folder without a project has none."""
    (tmp_path / "pyproject.toml").write_text('[[tool.uv.index]]\nname = "a"\nurl = "https://a"\n')
    assert [each.name for each in indexes_of([tmp_path, tmp_path, tmp_path / "none"])] == ["a"]


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
