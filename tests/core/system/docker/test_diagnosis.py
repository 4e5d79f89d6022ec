"""What goes wrong with a container: distinct errors, one line each, with the remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.docker.diagnosis import refuse_unreachable, run_failure
from constructs_lib.core.system.docker.settings import Job, Mount

DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
DENIED = (
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
    "dial unix /var/run/docker.sock: connect: permission denied"
)
JOB = Job("image:tag", "linux/amd64", ("tool", "-x"), [Mount(Path("/a"), "/in")])


@pytest.mark.parametrize(
    ("stderr", "error_id", "expected"),
    [
        (
            DOWN,
            "engine-unreachable",
            r"^docker is installed, but its daemon does not answer: Cannot connect .*; start it$",
        ),
        (
            DENIED,
            "engine-denied",
            r"^docker may not be used by this user: permission denied .*; join the group of its socket",
        ),
    ],
    ids=["down", "denied"],
)
def test_an_engine_out_of_reach_is_said(stderr: str, error_id: str, expected: str) -> None:
    with pytest.raises(ToolError, match=expected) as caught:
        refuse_unreachable("docker", stderr)
    assert caught.value.id == error_id


def test_another_permission_denied_is_no_engine_out_of_reach() -> None:
    """A program's own complaint about a file, or an index that refuses a connection."""
    refuse_unreachable("docker", "cp: /out: Permission denied")
    refuse_unreachable("docker", "ERROR: Connection refused")


@pytest.mark.parametrize(
    ("stderr", "error_id", "expected"),
    [
        (
            "exec /usr/bin/tool: exec format error",
            "image-other-cpu",
            r"^image image:tag for linux/amd64 does not run on this machine.*QEMU",
        ),
        (
            'exec: "tool": executable file not found in $PATH',
            "image-without-tool",
            r"^image image:tag for linux/amd64 has no tool: name an image",
        ),
        (
            "invalid mount config for type: bind source path does not exist: /a",
            "mount-unseen",
            r"does not see /a: the daemon runs elsewhere; set TMPDIR",
        ),
        (
            "noise\n" * 500 + "the reason",
            "container-failed",
            r"^tool in image:tag for linux/amd64 failed: ….*\| the reason$",
        ),
    ],
    ids=["another CPU", "no such program", "a daemon elsewhere", "the program failed"],
)
def test_a_run_that_fails_says_why(stderr: str, error_id: str, expected: str) -> None:
    """Image and platform, and what to do, or the end of what the program wrote."""
    error = run_failure(JOB, stderr)
    assert error.id == error_id
    assert re.search(expected, str(error))
    assert len(str(error).splitlines()) == 1
