"""The engine's command line: the one door to containers."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system import process
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE, masked, refuse_unreachable, why
from constructs_lib.core.system.docker.settings import Image, Job
from constructs_lib.core.system.signals import undisturbed, unwinding

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_PREFIX = "constructs-lib-"
"""How the name of every container begins that is started here."""

_REMOVE_TRIES = 10
_ENGINE_FAILED = 125
"""Exit code of `run` where the engine failed, not the program in the container."""
_QUICK = 60
"""Seconds for a question to the engine."""
_PULL = 1800


@dataclass(frozen=True)
class Engine:
    """A container engine's command line."""

    program: str

    @classmethod
    def find(cls) -> Engine:
        """The program that `CDK_DOCKER` names, else `docker`; a ToolError where there is none."""
        asked = os.environ.get(PROGRAM_VARIABLE) or "docker"
        found = shutil.which(asked)
        if found is None:
            msg = (
                f"{asked} was not found on PATH, and containers need it: install Docker, or name podman or finch "
                f"in {PROGRAM_VARIABLE}"
            )
            raise ToolError(msg)
        return cls(found)

    @property
    def name(self) -> str:
        return Path(self.program).stem

    def image(self, name: str) -> Image | None:
        """What the engine has under that name; None where it has nothing."""
        try:
            [found] = json.loads(self._ask("image", "inspect", name))
            return _image(name, found)
        except process.ExitError as error:
            refuse_unreachable(self.name, error.stderr)
            return None
        except (ValueError, KeyError, TypeError) as error:
            msg = f"{self.name} image inspect {name} gave an answer that cannot be read: {error!r}"
            raise ToolError(msg) from None

    def pull(self, name: str, platform: str) -> Image:
        """Bring the image for `platform`; a ToolError names both where that fails."""
        failed = f"image {name} for {platform} could not be pulled"
        try:
            self._ask("pull", "--quiet", f"--platform={platform}", name, timeout=_PULL)
        except process.ExitError as error:
            refuse_unreachable(self.name, error.stderr)
            msg = f"{failed}: {process.one_line(error.stderr, 300)}"
            raise ToolError(msg) from None
        image = self.image(name)
        if image is None or image.platform != platform:
            msg = (
                f"{failed}: it is for {image.platform if image else 'nothing'}, name an image for {platform}"
            )
            raise ToolError(msg)
        return image

    def run(self, job: Job) -> str:
        """Run `job` to its end and return its stdout; afterwards no container is left, whatever happens.

        Files it writes into mounts belong to the caller. A ToolError quotes the end of what it wrote to stderr.
        """
        name = f"{NAME_PREFIX}{secrets.token_hex(8)}"
        with unwinding():
            user = self._user()
            try:
                return process.run(
                    [self.program, *job.arguments(name, user)],
                    cwd=_cwd(),
                    env={**os.environ, **job.handed},
                    timeout=job.timeout,
                )
            except process.ExitError as error:
                stderr = masked(error.stderr, job.handed.values())
                if error.code == _ENGINE_FAILED:
                    refuse_unreachable(self.name, stderr)
                raise ToolError(why(job, stderr)) from None
            except process.TimeLimitError:
                self._remove(name)
                msg = (
                    f"{job.command[0]} in {job.image} for {job.platform} did not end within {job.timeout:g} s and "
                    f"was stopped"
                )
                raise ToolError(msg) from None
            except BaseException:
                self._remove(name)
                raise

    def _remove(self, name: str) -> None:
        """Kill and remove the container, also one that the engine is only about to make."""
        seen = False
        with undisturbed():
            for _ in range(_REMOVE_TRIES):
                with suppress(ToolError):
                    if self._ask("ps", "--all", "--quiet", f"--filter=name={name}").strip():
                        seen = True
                        self._ask("rm", "--force", "--volumes", name)
                    elif seen:
                        return
                time.sleep(0.2)

    def _user(self) -> list[str]:
        """Who the program in the container is, so that its files belong to the caller."""
        if not hasattr(os, "getuid"):
            return []  # Windows: what a container writes into a mount belongs to the caller anyway
        user, group = os.getuid(), os.getgid()
        if self.name == "podman":
            return [f"--user={user}:{group}", *(["--userns=keep-id"] if user else [])]
        try:
            rootless = "rootless" in self._ask("info", "--format={{json .SecurityOptions}}")
        except process.ExitError as error:
            refuse_unreachable(self.name, error.stderr)
            rootless = False
        # Root of a rootless engine's container is the caller.
        return ["--user=0:0" if rootless else f"--user={user}:{group}"]

    def _ask(self, *arguments: str, timeout: float = _QUICK) -> str:
        return process.run([self.program, *arguments], cwd=_cwd(), timeout=timeout)


def _image(name: str, found: Mapping[str, Any]) -> Image:
    own = found["Id"]
    repository = name.partition("@")[0]
    if ":" in repository.rpartition("/")[2]:
        repository = repository.rpartition(":")[0]
    digests = dict(each.split("@", 1) for each in found.get("RepoDigests") or () if "@" in each)
    digest = digests.get(repository, own if own.startswith("sha256:") else f"sha256:{own}")
    return Image(digest, f"{found['Os']}/{found['Architecture']}")


def _cwd() -> Path:
    """A folder that exists; the engines do not care."""
    return Path(tempfile.gettempdir())
