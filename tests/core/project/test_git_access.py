"""Git repositories elsewhere: what git is given, and the line for each of its failures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.project.git_access import (
    RemoteGit,
    find_subdirectory,
    git_error,
    remote_environment,
    valid_commit,
    valid_url,
)
from tests.support.files.repositories import Repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "given_to_git"),
    [
        ("https://host/team/lib.git", "https://host/team/lib.git"),
        ("https://bob:secret@host/lib", "https://host/lib"),
        ("https://token@host/lib", "https://host/lib"),
        ("ssh://git@host:2222/team/lib.git", "ssh://git@host:2222/team/lib.git"),
        ("ssh://git:secret@host/lib", "ssh://git@host/lib"),
        ("git@host:team/lib.git", "git@host:team/lib.git"),
        ("file:///srv/lib", "file:///srv/lib"),
        ("https://host/a@b/lib", "https://host/a@b/lib"),
    ],
)
def test_an_address_has_no_password(url: str, given_to_git: str) -> None:
    """The user name of an SSH address is no secret and stays."""
    assert valid_url(url) == given_to_git


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "--upload-pack=touch x",
        "ssh://-oProxyCommand=touch/x",
        "ssh://-oProxyCommand=x@host/lib",
        "git@host:-oProxyCommand",
        "-x@host:lib",
        "https://host/a b",
        "../lib",
        "fd::17",
        "",
    ],
)
def test_an_address_is_no_program(url: str) -> None:
    """Options and transports that run a program never reach git."""
    with pytest.raises(ValueError, match="is not an address of a git repository"):
        valid_url(url)


@given(st.text(max_size=60))
def test_an_address_never_begins_with_an_option(text: str) -> None:
    """Whatever stands in a lock."""
    try:
        url = valid_url(text)
    except ValueError:
        return
    assert not url.startswith("-")
    assert "\n" not in url


def test_a_commit_is_a_full_one() -> None:
    """A short one, a tag or a branch could become another commit."""
    assert valid_commit("AB" * 20) == "ab" * 20
    assert valid_commit("0" * 64) == "0" * 64
    for text in ("abcdef1", "main", "v1.0", "g" * 40, f"{'0' * 40}\n", "0" * 41, ""):
        with pytest.raises(ValueError, match="is not the full id of a commit"):
            valid_commit(text)


def test_git_is_given_the_persons_access_and_no_terminal() -> None:
    """Agent, helpers and configuration stay; what would ask, or point elsewhere, does not."""
    own = {
        "HOME": "/home/ada",
        "SSH_AUTH_SOCK": "/run/agent",
        "GIT_CONFIG_GLOBAL": "/etc/ada",
        "GIT_ASKPASS": "/ci/token",
    }
    environment = remote_environment({**own, "GIT_DIR": "/elsewhere", "GIT_HTTP_LOW_SPEED_TIME": "7"})
    assert own.items() <= environment.items()
    assert "GIT_DIR" not in environment
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert environment["GCM_INTERACTIVE"] == "never"
    assert environment["GIT_HTTP_LOW_SPEED_TIME"] == "7"


def test_ssh_asks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its batch mode, unless the person has a command of their own, in the environment or in git's settings."""
    for name in ("GIT_SSH_COMMAND", "GIT_SSH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_ASKPASS", "/usr/bin/dialog")
    settings = tmp_path / "gitconfig"
    settings.write_text('[alias]\n\tshow-ssh = "!echo $GIT_SSH_COMMAND/$SSH_ASKPASS"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))

    def answer() -> str:
        return RemoteGit("lib").run(tmp_path, "show-ssh").strip()

    assert answer() == "ssh -o BatchMode=yes -o ConnectTimeout=30/"
    with settings.open("a") as file:
        file.write("[core]\n\tsshCommand = ssh -i key\n")
    assert answer() == "//usr/bin/dialog"
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -p 2")
    assert answer() == "ssh -p 2//usr/bin/dialog"


@pytest.mark.parametrize(
    ("error_id", "stderr"),
    [
        ("git-unreachable", "fatal: unable to access 'https://h/x/': Could not resolve host: h"),
        ("git-unreachable", "fatal: unable to access 'https://h/': Failed to connect to h port 9: Refused"),
        (
            "git-unreachable",
            "ssh: connect to host h port 22: Connection timed out\nfatal: Could not read from remote repository.",
        ),
        ("git-unreachable", "ssh: Could not resolve hostname h: Name or service not known"),
        (
            "git-refused",
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
        ),
        ("git-refused", "remote: Invalid username or token.\nfatal: Authentication failed for 'https://h/'"),
        (
            "git-refused",
            "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
        ),
        ("git-refused", "Host key verification failed.\nfatal: Could not read from remote repository."),
        ("git-refused", "remote: Repository not found.\nfatal: repository 'https://h/x/' not found"),
        ("git-refused", "fatal: unable to access 'https://h/': The requested URL returned error: 403"),
        ("git-refused", "fatal: '/srv/x' does not appear to be a git repository"),
        ("git-failed", "fatal: detected dubious ownership in repository at '/srv/x'"),
        ("git-failed", ""),
    ],
)
def test_each_failure_is_one_line(error_id: str, stderr: str) -> None:
    """With git's reason at its end, and the id of its kind."""
    error = git_error("lib from git+https://h/x", stderr)
    assert error.id == error_id
    assert "\n" not in str(error)
    assert str(error).startswith("lib from git+https://h/x cannot be fetched")


def test_a_missing_git_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No traceback, and not the advice for a Python tool."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="lib needs git, which is not on PATH") as caught:
        RemoteGit("lib")
    assert caught.value.id == "git-missing"


def test_a_git_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that never answers ends in a line."""
    program = tmp_path / "git"
    program.write_text('#!/bin/sh\nfor word; do [ "$word" = fetch ] && exec sleep 600; done\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ToolError, match=r"did not end within 0\.1 s") as caught:
        RemoteGit("lib").run(tmp_path, "fetch", timeout=0.1)
    assert caught.value.id == "git-unreachable"


def test_settings_of_the_machine_do_not_change_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line ends are those of the commit, and no hook runs."""
    repository = Repository.made(tmp_path / "lib", {"a.txt": "a\n"})
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-checkout").write_text("#!/bin/sh\ntouch ran\n")
    (hooks / "post-checkout").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\tautocrlf = true\n\thooksPath = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    git = RemoteGit("lib")
    (repository.root / "a.txt").unlink()
    git.run(repository.root, "checkout", "--force", "--detach", "HEAD")
    assert (repository.root / "a.txt").read_bytes() == b"a\n"
    assert not (repository.root / "ran").exists()


def test_a_subdirectory_exists_and_is_below(tmp_path: Path) -> None:
    """Also a link cannot lead out of the repository."""
    root = tmp_path / "root"
    (root / "packages/lib").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (root / "link").symlink_to(tmp_path / "other")
    assert find_subdirectory(root, "packages/lib", "lib") == root / "packages/lib"
    assert find_subdirectory(root, "", "lib") == root
    for name in ("missing", "link"):
        with pytest.raises(ProjectError, match=f"lib has no folder {name}") as caught:
            find_subdirectory(root, name, "lib")
        assert caught.value.id == "subdirectory-missing"
