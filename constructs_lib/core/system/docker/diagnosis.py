"""What an engine says when it fails → one line with the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system import process

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.system.docker.settings import Job

PROGRAM_VARIABLE = "CDK_DOCKER"

_UNREACHABLE = (
    "cannot connect to",
    "is the docker daemon running",
    "error during connect",
    "cannot access containerd socket",
    "failed to connect to the docker api",
)


def refuse_unreachable(engine: str, stderr: str) -> None:
    """Raise a ToolError if `stderr`, which the engine wrote, says that it cannot be reached."""
    text = stderr.lower()
    said = process.one_line(stderr, 200)
    if "permission denied" in text and any(word in text for word in ("socket", ".sock", "docker api")):
        msg = (
            f"{engine} may not be used by this user: {said}; join the group of its socket ('docker'), or use "
            f"a rootless engine ({PROGRAM_VARIABLE}=podman)"
        )
        raise ToolError(msg)
    if any(sign in text for sign in _UNREACHABLE):
        msg = f"{engine} is installed, but its daemon does not answer: {said}; start it"
        raise ToolError(msg)


def why(job: Job, stderr: str) -> str:
    """One line for a container that failed: what is wrong with the image, or the end of what the program said."""
    program = f"{job.command[0]} in {job.image} for {job.platform}"
    if "exec format error" in stderr:
        return (
            f"image {job.image} for {job.platform} does not run on this machine, which has another CPU and no "
            f"emulation: install QEMU's binfmt handlers, or build on a machine with that CPU"
        )
    if f"{job.command[0]}" in stderr and "executable file not found" in stderr:
        return f"image {job.image} for {job.platform} has no {job.command[0]}: name one that has it"
    if "bind source path does not exist" in stderr or "invalid mount config" in stderr:
        sources = ", ".join(str(mount.source) for mount in job.mounts)
        return (
            f"{program} does not see {sources}: the daemon runs elsewhere; set TMPDIR to a folder that it shares "
            f"with this machine"
        )
    return f"{program} failed: {process.one_line(stderr)}"


def masked(text: str, values: Iterable[str]) -> str:
    """`text` without the passwords in `values`, as they stand there and decoded."""
    for value in values:
        for address in value.split():
            try:
                password = urlsplit(address).password
            except ValueError:  # no address, so pip and others find no password in it either
                continue
            for secret in sorted({password, unquote(password)} if password else (), key=len, reverse=True):
                text = text.replace(secret, "****")
    return text
