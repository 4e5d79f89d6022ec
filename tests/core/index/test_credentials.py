"""The credentials of an index: which are valid, and how each tool gets them."""

from __future__ import annotations

import configparser
import json
import os
import signal
import stat
import sys
import tempfile
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core import Credentials
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.index.credentials import for_index, named_index, with_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

NASTY = "pa/ss#wo?rd@:%25é"
SIMPLE = Credentials("My.idx-1", "https://Host.example:8443/a/b/simple/", "bob@corp", NASTY)

passwords = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30),
    st.text("/#?@:%&=+ \"'\\$`;~[]{}é😀ab1", min_size=1, max_size=30),
)
usernames = passwords.map(lambda text: text.replace(":", "_"))


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Remove what a login sets."""
    before = dict(os.environ)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]


def test_neither_user_name_nor_password_is_printed() -> None:
    """Some indexes take a token as the user name."""
    assert (
        repr(SIMPLE)
        == "Credentials(index_name='My.idx-1', index_url='https://Host.example:8443/a/b/simple/')"
    )
    assert str([SIMPLE]) == f"[{SIMPLE!r}]"


def test_they_are_a_value() -> None:
    """Equal, hashable, and never changed."""
    same = Credentials("My.idx-1", "https://Host.example:8443/a/b/simple/", "bob@corp", NASTY)
    assert same == SIMPLE
    assert {same, SIMPLE} == {SIMPLE}
    assert Credentials(SIMPLE.index_name, SIMPLE.index_url, SIMPLE.username, "other") != SIMPLE
    with pytest.raises(FrozenInstanceError):
        same.password = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "normalized"),
    [
        ("https://host/simple/", "host"),
        ("https://host/simple", "host"),
        ("https://host/", "host"),
        ("host/a/b/simple/", "host/a/b"),
        ("HTTPS://Host:8443/A/simple/", "host:8443/A"),
        ("https://host/simple/of/a", "host/simple/of/a"),
        ("https://host/mysimple", "host/mysimple"),
        ("http://[::1]:8080/simple", "[::1]:8080"),
    ],
)
def test_the_normalized_address_is_host_and_path(given: str, normalized: str) -> None:
    """However people write it."""
    assert Credentials("x", given, "u", "p").normalized_index_url == normalized


def test_the_address_for_pip_is_percent_encoded() -> None:
    """So that it can be read back."""
    url = "https://bob%40corp:pa%2Fss%23wo%3Frd%40%3A%2525%C3%A9@host.example:8443/a/b/simple/"
    assert SIMPLE.pip_extra_index_url == url
    assert SIMPLE.additional_pip_install_args_index_url == ["--index-url", url]
    assert SIMPLE.additional_pip_install_args_extra_index_url == ["--extra-index-url", url]
    assert (
        Credentials("x", "http://localhost:1/", "u", "p").pip_extra_index_url
        == "http://u:p@localhost:1/simple/"
    )


@given(usernames, passwords)
def test_any_user_name_and_password_come_back_from_the_address(username: str, password: str) -> None:
    """As every URL parser reads it."""
    parts = urlsplit(Credentials("x", "https://host/a", username, password).pip_extra_index_url)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (username, password)
    assert (parts.hostname, parts.path) == ("host", "/a/simple/")


@given(usernames, passwords)
def test_any_password_survives_the_file(username: str, password: str) -> None:
    """Written and read again; the file is nobody else's."""
    credentials = Credentials("x", "https://host", username, password)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "credentials.json"
        credentials.dump(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert Credentials.load(path) == credentials


def test_a_file_is_private_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in place of one that everybody could read or of a link, and whatever the umask is."""
    path = tmp_path / "credentials.json"
    (tmp_path / "elsewhere").write_text("mine")
    path.symlink_to(tmp_path / "elsewhere")
    modes = []
    os_open = os.open

    def watched(name: str, flags: int, mode: int = 0o777) -> int:
        handle = os_open(name, flags, mode)
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        return handle

    monkeypatch.setattr(os, "open", watched)
    before = os.umask(0)
    try:
        SIMPLE.dump(path)
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert not path.is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["credentials.json", "elsewhere"]


def test_the_folders_above_a_file_are_made(tmp_path: Path) -> None:
    """As the earlier tool did; a place that cannot be written is one line."""
    path = tmp_path / "deep" / "er" / "credentials.json"
    SIMPLE.dump(path)
    assert Credentials.load(str(path)) == SIMPLE
    with pytest.raises(
        StoreError, match=r"credentials\.json/x cannot be written: (Not a directory|File exists)$"
    ):
        SIMPLE.dump(path / "x")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"index_name": "x"}', json.dumps({"password": NASTY})])
def test_a_file_that_is_something_else(tmp_path: Path, content: str) -> None:
    """One line that does not quote it."""
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(
        ProjectError, match=r"x\.json does not contain credentials: a JSON object with index_name"
    ) as caught:
        Credentials.load(tmp_path / "x.json")
    assert NASTY not in str(caught.value)
    with pytest.raises(ProjectError, match=r"none\.json does not exist: write it with"):
        Credentials.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (("x", "https://host", "u", "secret\n"), "password that contains a line end"),
        (("x", "https://host", "u:secret", "p"), "username that contains a colon"),
        (("x", "https://u:secret@host", "u", "p"), "index_url that contains a user name or password"),
        (("x", "ftp://host", "u", "p"), "index_url that is no address"),
        (("x", "", "u", "p"), "index_url that is no address"),
        (("x", "https://host:port", "u", "p"), "index_url that is no address"),
        (("x", "https://host?token=secret", "u", "p"), "index_url that has a query"),
        (("-", "https://host", "u", "p"), "index_name that has no letter"),
        (("x", "https://host", "u", "secret\udc80"), "password that contains"),
        (("x", "https://host", "u", None), "password that is no text but NoneType"),
    ],
)
def test_what_cannot_work_is_refused_without_a_quote(values: tuple[str, str, str, str], problem: str) -> None:
    """The most frequent: a password that was read from a file with its newline."""
    with pytest.raises(ProjectError) as caught:
        Credentials(*values)
    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that uv reads, or those that are named."""
    monkeypatch.setenv("UV_INDEX_MY_IDX_1_USERNAME", "bob@corp")
    monkeypatch.setenv("UV_INDEX_MY_IDX_1_PASSWORD", NASTY)
    assert Credentials.from_env(SIMPLE.index_name, SIMPLE.index_url) == SIMPLE
    monkeypatch.setenv("WHO", "ci")
    monkeypatch.setenv("TOKEN", "t0ken")
    found = Credentials.from_env("x", "https://host", username_variable="WHO", password_variable="TOKEN")
    assert found == Credentials("x", "https://host", "ci", "t0ken")


def test_a_variable_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is one that a CI system set to nothing."""
    monkeypatch.setenv("UV_INDEX_X_USERNAME", "bob")
    with pytest.raises(
        ProjectError, match=r"^the environment variable UV_INDEX_X_PASSWORD is not set: the index 'x' "
    ):
        Credentials.from_env("x", "https://host")
    monkeypatch.setenv("UV_INDEX_X_PASSWORD", "")
    with pytest.raises(ProjectError, match="UV_INDEX_X_PASSWORD is empty"):
        Credentials.from_env("x", "https://host")


def test_to_set_for_this_process() -> None:
    """The names come back, and the values are the credentials' own."""
    assert SIMPLE.uv_login() == ("UV_INDEX_MY_IDX_1_USERNAME", "UV_INDEX_MY_IDX_1_PASSWORD")
    assert SIMPLE.poetry_login() == (
        "POETRY_HTTP_BASIC_MY_IDX_1_USERNAME",
        "POETRY_HTTP_BASIC_MY_IDX_1_PASSWORD",
    )
    for tool in ("UV_INDEX", "POETRY_HTTP_BASIC"):
        assert os.environ[f"{tool}_MY_IDX_1_USERNAME"] == "bob@corp"
        assert os.environ[f"{tool}_MY_IDX_1_PASSWORD"] == NASTY


def test_for_a_child_alone() -> None:
    """Four variables, which win over what is there; neither the given nor this process's environment changes."""
    base = {"A": "1", "UV_INDEX_MY_IDX_1_PASSWORD": "old"}
    child = with_credentials(base, [SIMPLE])
    assert child == {"A": "1", **SIMPLE.uv_environment(), **SIMPLE.poetry_environment()}
    assert base["UV_INDEX_MY_IDX_1_PASSWORD"] == "old"
    assert "UV_INDEX_MY_IDX_1_PASSWORD" not in os.environ


def test_an_index_is_found_by_its_address() -> None:
    """However it is written; another path, port or scheme is another index."""
    assert for_index("https://host.example:8443/a/b/", [SIMPLE]) is SIMPLE
    for url in (
        "https://host.example/a/b",
        "http://host.example:8443/a/b",
        "https://u:p@host.example:8443/a/b",
        "${X}",
        "",
    ):
        assert for_index(url, [SIMPLE]) is None
        assert named_index(url, [SIMPLE]) == url
    assert (
        named_index("https://host.example:8443/a/b/", [SIMPLE]) == "MY_IDX_1=https://host.example:8443/a/b/"
    )


def read_config(environment: dict[str, str]) -> configparser.RawConfigParser:
    """As pip reads it."""
    config = configparser.RawConfigParser()
    config.read(environment["PIP_CONFIG_FILE"], encoding="utf-8")
    return config


def test_pip_learns_of_them_by_a_private_file(tmp_path: Path) -> None:
    """It keeps what the person's own file says, and pip's variable for the index does not overrule it."""
    (tmp_path / "pip.conf").write_text(
        "[global]\nproxy = http://proxy:1\nindex-url = https://other\n[install]\nno-deps = 1\n"
    )
    base = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_INDEX_URL": "https://other", "A": "1"}
    with SIMPLE.pip_environment(base) as environment:
        config = read_config(environment)
        path = Path(environment["PIP_CONFIG_FILE"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert config.get("global", "index-url") == SIMPLE.pip_extra_index_url
    assert config.get("global", "proxy") == "http://proxy:1"
    assert config.get("install", "no-deps") == "1"
    assert environment == {"A": "1", "PIP_CONFIG_FILE": str(path)}
    assert not path.parent.exists()


def test_the_private_file_is_gone_after_an_error() -> None:
    """Whatever the error is."""
    with pytest.raises(KeyboardInterrupt), SIMPLE.pip_environment({}) as environment:
        raise KeyboardInterrupt
    assert not Path(environment["PIP_CONFIG_FILE"]).parent.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking")
def test_the_private_file_is_gone_after_sigterm() -> None:
    """Where SIGTERM would end the process it unwinds instead."""
    with pytest.raises(SystemExit), SIMPLE.pip_environment({}) as environment:
        signal.raise_signal(signal.SIGTERM)
    assert not Path(environment["PIP_CONFIG_FILE"]).parent.exists()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
