"""Which password goes where."""

from __future__ import annotations

import os
import pwd
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.index.auth import Access, Login, covers
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.index.declared import Index
from constructs_lib.core.system import process

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = "https://host/a/packages/x-1.0-py3-none-any.whl"
INDEX = "https://host/a/simple/"
VAULT = Index("vault", INDEX, "UV_INDEX_VAULT")


@pytest.fixture(autouse=True)
def _nobody_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr("shutil.which", lambda _: None)


def credentials(url: str, password: str = "pw") -> Credentials:
    return Credentials("x", url, "bob", password)


@pytest.mark.parametrize(
    ("own", "url", "index", "meant"),
    [
        (INDEX, FILE, INDEX, True),
        (INDEX, FILE, "https://host/a/simple", True),
        ("host/a", FILE, INDEX, True),
        ("HTTPS://HOST:443/a", FILE, INDEX, True),
        ("https://host", FILE, INDEX, True),
        (INDEX, FILE, None, True),
        (INDEX, "https://host/elsewhere/x.whl", INDEX, True),
        (INDEX, FILE, "https://other/simple", True),
        ("https://host/ab", FILE, "https://host/abc/simple", False),
        ("https://host/b", FILE, INDEX, False),
        (INDEX, "https://files.host/x.whl", INDEX, False),
        (INDEX, "https://host.evil/x.whl", INDEX, False),
        (INDEX, "https://host:444/a/x.whl", INDEX, False),
        (INDEX, "http://host/a/x.whl", INDEX, False),
        ("http://host/a", FILE, INDEX, False),
        (INDEX, "https://host@evil/x.whl", None, False),
    ],
)
def test_credentials_are_for_one_scheme_host_and_port(
    own: str, url: str, index: str | None, meant: bool
) -> None:
    """And for the index that the lock names, if it names one there."""
    assert (
        Access([credentials(own)]).login(url.replace("host@", ""), index) is not None
    ) is meant or "@" in url
    assert covers(credentials(own), url, index) is meant


def test_the_most_special_one_wins() -> None:
    """Of equals the first; what is given before what the environment has."""
    whole, part = credentials("https://host", "whole"), credentials("https://host/a", "part")
    for both in ([whole, part], [part, whole]):
        login = Access(both).login(FILE, INDEX)
        assert login is not None
        assert login.password == "part"


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the environment before netrc."""
    monkeypatch.setenv("UV_INDEX_VAULT_USERNAME", "ci")
    monkeypatch.setenv("UV_INDEX_VAULT_PASSWORD", "env")
    assert Access([credentials(INDEX)], [VAULT]).login(FILE, INDEX) == Login(
        "bob", "pw", "the credentials given for index 'x'"
    )
    Path(os.environ["NETRC"]).write_text("machine host login net password rc\n")
    found = Access([], [VAULT]).login(FILE, INDEX)
    assert found == Login("ci", "env", "the environment (UV_INDEX_VAULT_PASSWORD)")
    assert Access().login(FILE, INDEX) == Login("net", "rc", "netrc")


def test_a_login_of_the_address_itself() -> None:
    """It is decoded, and comes first: whoever wrote it there meant it."""
    login = Access([credentials(INDEX)]).login("https://ci:pa%2Fss@host/x.whl", None)
    assert login == Login("ci", "pa/ss", "the address itself")


def test_a_login_is_not_printed() -> None:
    """It says only where it comes from."""
    assert repr(Login("bob", "pw", "netrc")) == "Login(origin='netrc')"


class Keyring:
    """Stands in for the program: knows entries, counts questions."""

    def __init__(self, known: dict[tuple[str, ...], str]) -> None:
        self.known = known
        self.asked: list[tuple[str, ...]] = []

    def run(self, arguments: Sequence[str], *, cwd: Path, timeout: float) -> str:
        question = tuple(arguments[1:])
        self.asked.append(question)
        if question not in self.known:
            raise ToolError("tool-failed", "no such entry")
        return self.known[question]

    def installed(self, monkeypatch: pytest.MonkeyPatch) -> Keyring:
        monkeypatch.setattr("shutil.which", lambda _: "/bin/keyring")
        monkeypatch.setattr(process, "run", self.run)
        return self


def test_keyring_is_asked_for_the_index_and_then_for_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a user name for both values, with one for the password; once for each index."""
    creds = ("--mode", "creds", "get")
    keyring = Keyring({(*creds, "host"): "bob\npw\n"}).installed(monkeypatch)
    access = Access([], [VAULT])
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(access.login_after_refusal(FILE, INDEX)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Login("bob", "pw", "keyring")] * 4
    assert keyring.asked == [(*creds, INDEX), (*creds, "host")]


def test_keyring_is_asked_with_the_user_name_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the variable or from the index's address."""
    keyring = Keyring({("get", INDEX, "aws"): "pw\n"}).installed(monkeypatch)
    access = Access([], [Index("vault", INDEX, "UV_INDEX_VAULT", "aws")])
    assert access.login_after_refusal(FILE, None) == Login("aws", "pw", "keyring")
    assert keyring.asked == [("get", INDEX, "aws")]


def test_keyring_of_an_index_on_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's own host is what is asked for."""
    keyring = Keyring({}).installed(monkeypatch)
    assert Access([], [VAULT]).login_after_refusal("https://files:1/x.whl", INDEX) is None
    assert keyring.asked == [("--mode", "creds", "get", "files:1")]


def test_no_keyring() -> None:
    """Then nobody is asked."""
    assert Access([], [VAULT]).login_after_refusal(FILE, INDEX) is None


@pytest.mark.parametrize("home", ["none", "missing"])
def test_keyring_is_asked_for_a_user_without_a_home(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that runs under a number: the real program starts in its own folder."""
    program = tmp_path / "keyring"
    program.write_text("#!/bin/sh\necho bob\npwd\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    if home == "none":
        monkeypatch.delenv("HOME")
        monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    else:
        monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    login = Access([], [VAULT]).login_after_refusal(FILE, INDEX)
    assert login == Login("bob", str(tmp_path.resolve()), "keyring")
