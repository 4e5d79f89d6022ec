"""The places that wheels come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.wheel_source import WheelSource

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from constructs_lib.core.store.wheel_store import WheelStore

ADDRESS = "https://pypi.example.com/simple/"
FILE = "https://pypi.example.com/files/cart-1.0-py3-none-any.whl"


def test_the_logins_are_collected_once(store: WheelStore) -> None:
    """Threads share them, and keyring is asked once for each index."""
    source = WheelSource(
        Target("3.13"),
        store,
        credentials=(Credentials(index_name="vault", index_url=ADDRESS, username="ann", password="pw"),),
    )
    assert source.access is source.access
    login = source.access.login(FILE, None)
    assert login is not None
    assert (login.username, login.password) == ("ann", "pw")


def test_the_project_names_indexes(
    store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment's login for an index that pyproject.toml names is used."""
    pyproject = f'[project]\nname = "shop"\n\n[[tool.uv.index]]\nname = "vault"\nurl = "{ADDRESS}"\n'
    (tmp_path / "pyproject.toml").write_text(pyproject)
    monkeypatch.setenv("UV_INDEX_VAULT_USERNAME", "ann")
    monkeypatch.setenv("UV_INDEX_VAULT_PASSWORD", "pw")
    login = WheelSource(Target("3.13"), store, project=Project.at(tmp_path)).access.login(FILE, None)
    assert login is not None
    assert login.password == "pw"
    assert WheelSource(Target("3.13"), store).access.login(FILE, None) is None
