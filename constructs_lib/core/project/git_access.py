"""Git repositories elsewhere: read by the person's own git and access, without a question, one line for each failure."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.project.repository import git_environment
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# `ext::` and `--upload-pack=` would run programs, so that the scheme is one of a list.
_URL = re.compile(r"(?:https?|ssh|git|file)://[^\s\0]+")
_SCP = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^\s\0-][^\s\0]*")
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30"
_SLOW = {"GIT_HTTP_LOW_SPEED_LIMIT": "100", "GIT_HTTP_LOW_SPEED_TIME": "60"}
# The person's settings that would change the files of a commit, or keep a trace of the address.
_SETTINGS = {
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.logAllRefUpdates": "false",
    "advice.detachedHead": "false",
}
_UNREACHABLE = re.compile(
    r"could not resolve (?:host|hostname|proxy)|failed to connect|couldn't connect|connection (?:refused|reset)"
    r"|timed out|timeout was reached|network is unreachable|no route to host|temporary failure in name resolution"
    r"|operation too slow|unable to connect to|name or service not known",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied"
    r"|access denied|host key verification failed|returned error: 40[134]|repository .*not found"
    r"|does not appear to be a git repository|could not read from remote repository|not authorized|no such identity",
    re.IGNORECASE,
)


def valid_commit(text: str) -> str:
    """Return a full commit in lower case; a ValueError for anything else."""
    commit = text.lower()
    if not _COMMIT.fullmatch(commit):
        raise ValueError(f"{text!r} is not the full id of a commit")
    return commit


def valid_url(text: str) -> str:
    """Return the address of a repository without a password; a ValueError for one that git must not be given."""
    if _SCP.fullmatch(text):
        return text
    if not _URL.fullmatch(text):
        raise ValueError(f"{redact(text)!r} is not an address of a git repository (https, ssh, git or file)")
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    user_info, _, host = host.rpartition("@")
    user = f"{user_info.partition(':')[0]}@" if scheme == "ssh" and user_info else ""
    if host.startswith("-") or user.startswith("-"):
        raise ValueError(f"{redact(text)!r} is not an address of a git repository")
    return f"{scheme}://{user}{host}{slash}{path}"


def find_subdirectory(root: Path, subdirectory: str, subject: str) -> Path:
    """Return the folder of a project below `root`; a ProjectError with `subject` where it does not exist."""
    folder = (root / subdirectory).resolve()
    if not folder.is_dir() or not folder.is_relative_to(root.resolve()):
        raise ProjectError(
            "subdirectory-missing",
            f"{subject} has no folder {subdirectory}: correct the subdirectory and lock again",
        )
    return folder


class RemoteGit:
    """The person's git for one repository elsewhere; `subject` names it in errors."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        program = shutil.which("git")
        if program is None:
            raise git_missing(subject)
        self._program = program

    def run(self, folder: Path, *arguments: str, timeout: float = 1800) -> str:
        """Run git in `folder` and return its stdout; raise the error of `git_error`."""
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        try:
            return process.run(
                [self._program, *settings, *arguments],
                cwd=folder,
                env=self._environment(folder),
                timeout=timeout,
            )
        except process.ExitError as error:
            raise git_error(self._subject, error.stderr) from None
        except process.TimeLimitError as error:
            raise git_error(self._subject, f"timed out: {error}") from None

    def _environment(self, folder: Path) -> dict[str, str]:
        environment = remote_environment(os.environ)
        if "GIT_SSH_COMMAND" in environment or "GIT_SSH" in environment:
            return environment
        try:
            # The variable would take the place of this setting.
            process.run(
                [self._program, "config", "--get", "core.sshCommand"], cwd=folder, env=environment, timeout=60
            )
        except ToolError:
            environment.pop("SSH_ASKPASS", None)
            environment["GIT_SSH_COMMAND"] = _SSH
        return environment


def remote_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` for a git that asks no question and explains itself in English.

    Files of Git LFS stay pointers, as uv has them: the result must not depend on the filters of a machine.
    """
    fixed = {"LC_ALL": "C", "GCM_INTERACTIVE": "never", "GIT_LFS_SKIP_SMUDGE": "1"}
    return {**_SLOW, **git_environment(environment), **fixed}


def git_error(subject: str, stderr: str) -> ToolError:
    """Return the error for what git answered about `subject`."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal: ", "remote: ", "error: ", "ssh: "))]
    quoted = " | ".join((fatal or lines)[-3:])
    if _UNREACHABLE.search(stderr):
        return ToolError(
            "git-unreachable",
            f"{subject} cannot be fetched, its host does not answer ({quoted}): check the network and the proxy",
        )
    if _REFUSED.search(stderr):
        return ToolError(
            "git-refused",
            f"{subject} cannot be fetched, access was refused or there is no such repository ({quoted}): make "
            f"'git ls-remote' of this address work without a question, by a credential helper or an SSH agent",
        )
    return ToolError("git-failed", f"{subject} cannot be fetched: {quoted}")


def git_missing(subject: str) -> ToolError:
    """Return the error for a machine without git."""
    return ToolError(
        "git-missing", f"{subject} needs git, which is not on PATH: install it, or lock a release"
    )


def commit_unknown(subject: str) -> ToolError:
    """Return the error for a commit, branch or tag that its repository does not have."""
    return ToolError(
        "git-commit-unknown",
        f"{subject} cannot be fetched, the repository does not have this commit, branch or tag (any more): correct it, "
        f"or lock again",
    )
