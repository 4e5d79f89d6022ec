"""What the engine is asked to run, as its argument list."""

from __future__ import annotations

from pathlib import Path

from constructs_lib.core.system.docker.settings import Job, Mount

SECRET = "hunter2/#?@:%"  # what a password may hold


def test_the_arguments_of_a_run() -> None:
    """The whole list; a variable that may be secret is there by its name alone."""
    mounts = (Mount(Path("/a/in"), "/in"), Mount(Path("/a/out"), "/out", writable=True))
    job = Job(
        "image:tag",
        "linux/amd64",
        ("tool", "-x"),
        mounts=mounts,
        settings={"HOME": "/tmp"},
        handed={"PIP_INDEX_URL": f"https://me:{SECRET}@host"},
    )
    assert job.arguments("the-name", ["--user=1000:1000"]) == [
        "run",
        "--rm",
        "--name=the-name",
        "--platform=linux/amd64",
        "--pull=never",
        "--security-opt=no-new-privileges",
        "--user=1000:1000",
        "--workdir=/tmp",
        "--env=HOME=/tmp",
        "--env=PIP_INDEX_URL",
        "--mount=type=bind,source=/a/in,target=/in,readonly",
        "--mount=type=bind,source=/a/out,target=/out",
        "--entrypoint=tool",
        "image:tag",
        "-x",
    ]
    assert SECRET not in repr(job)


def test_a_comma_in_a_path_is_quoted() -> None:
    """The engines read a mount as a line of CSV."""
    assert str(Mount(Path('/a,b/"c"'), "/in")) == 'type=bind,"source=/a,b/""c""",target=/in,readonly'
