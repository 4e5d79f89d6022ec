"""Failures of a container engine, each as one line with the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.process import one_line

if TYPE_CHECKING:
    from constructs_lib.core.system.docker.settings import Job

PROGRAM_VARIABLE = "CDK_DOCKER"


class ContainerError(ToolError):
    """A program that failed in a container."""

    stderr: str

    @classmethod
    def of(cls, program: str, stderr: str) -> ContainerError:
        """Return the error that quotes the end of the program's `stderr`."""
        error = cls("container-failed", f"{program} failed: {one_line(stderr)}")
        error.stderr = stderr
        return error


_UNREACHABLE = (
    "cannot connect to",
    "is the docker daemon running",
    "error during connect",
    "cannot access containerd socket",
    "failed to connect to the docker api",
)


def refuse_unreachable(engine: str, stderr: str) -> None:
    """Raise a ToolError if the engine's `stderr` shows that it cannot be reached."""
    text = stderr.lower()
    quote = one_line(stderr, 200)
    if "permission denied" in text and any(word in text for word in ("socket", ".sock", "docker api")):
        raise ToolError(
            "engine-denied",
            f"{engine} may not be used by this user: {quote}; join the group of its socket ('docker'), or use a "
            f"rootless engine ({PROGRAM_VARIABLE}=podman)",
        )
    if any(sign in text for sign in _UNREACHABLE):
        raise ToolError(
            "engine-unreachable",
            f"{engine} is installed, but its daemon does not answer: {quote}; start it",
        )


def run_failure(job: Job, stderr: str) -> ToolError:
    """Return the error for a container that failed: a fault of image or mount, else the end of `stderr`."""
    program = f"{job.command[0]} in {job.image} for {job.platform}"
    if "exec format error" in stderr:
        return ToolError(
            "image-other-cpu",
            f"image {job.image} for {job.platform} does not run on this machine, which has another CPU and no "
            f"emulation: install QEMU's binfmt handlers, or build on a machine with that CPU",
        )
    if job.command[0] in stderr and "executable file not found" in stderr:
        return ToolError(
            "image-without-tool",
            f"image {job.image} for {job.platform} has no {job.command[0]}: name an image that has it",
        )
    if "bind source path does not exist" in stderr or "invalid mount config" in stderr:
        sources = ", ".join(str(mount.source) for mount in job.mounts)
        return ToolError(
            "mount-unseen",
            f"{program} does not see {sources}: the daemon runs elsewhere; set TMPDIR to a folder that it shares "
            f"with this machine",
        )
    return ContainerError.of(program, stderr)
