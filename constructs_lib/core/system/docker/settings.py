"""Values for one run of a container."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine inside a container; `target` is absolute there."""

    source: Path
    target: str
    writable: bool = False

    def __str__(self) -> str:
        fields = ("type=bind", f"source={self.source}", f"target={self.target}")
        # The engines read this as one line of CSV, so a comma or a quote in a path is quoted.
        return ",".join([*map(_csv, fields), *([] if self.writable else ["readonly"])])


@dataclass(frozen=True)
class Job:
    """One program with its arguments, to run in a container."""

    image: str
    platform: str
    """`linux/amd64` or `linux/arm64`."""
    command: Sequence[str]
    mounts: Sequence[Mount] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Public environment variables: they are part of the argument list."""
    handed: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Environment variables that may be secret: the argument list has only their names."""
    workdir: str = "/tmp"  # noqa: S108 - in the container
    timeout: float = 1800

    def arguments(self, name: str, user: Sequence[str] = ()) -> list[str]:
        """Return the engine's arguments; `user` are those that name the user in the container."""
        return [
            "run",
            "--rm",
            f"--name={name}",
            f"--platform={self.platform}",
            "--pull=never",
            "--security-opt=no-new-privileges",
            *user,
            f"--workdir={self.workdir}",
            *(f"--env={key}={value}" for key, value in sorted(self.settings.items())),
            *(f"--env={key}" for key in sorted(self.handed)),
            *(f"--mount={mount}" for mount in self.mounts),
            f"--entrypoint={self.command[0]}",
            self.image,
            *self.command[1:],
        ]


@dataclass(frozen=True)
class Image:
    """An image that the engine has."""

    digest: str
    """`sha256:…`: the registry's where there is one, else the image's own id."""
    platform: str


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\n') else text
