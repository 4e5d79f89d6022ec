"""A container engine, by its command line: the only place that starts a container."""

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
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE, refuse_unreachable, run_failure
from constructs_lib.core.system.docker.settings import Image, Job
from constructs_lib.core.system.signals import undisturbed, unwinding

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_PREFIX = "constructs-lib-"
"""The prefix of the name of every container that is started here."""

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
        """Return the engine that `CDK_DOCKER` names, else `docker`; raise a ToolError where there is none."""
        name = os.environ.get(PROGRAM_VARIABLE) or "docker"
        program = shutil.which(name)
        if program is None:
            raise ToolError(
                "engine-missing",
                f"{name} was not found on PATH, and containers need it: install Docker, or name podman or finch in "
                f"{PROGRAM_VARIABLE}",
            )
        return cls(program)

    @property
    def name(self) -> str:
        return Path(self.program).stem

    def image(self, name: str) -> Image | None:
        """Return the engine's image of that name, without pulling it; None where it has none."""
        try:
            [description] = json.loads(self._ask("image", "inspect", name))
            return _image(name, description)
        except process.ExitError as error:
            refuse_unreachable(self.name, error.stderr)
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ToolError(
                "engine-answer-invalid",
                f"{self.name} image inspect {name} gave an answer that cannot be read: {error!r}",
            ) from None

    def pull(self, name: str, platform: str) -> Image:
        """Pull the image for `platform`; raise a ToolError that names both where that fails."""
        failed = f"image {name} for {platform} could not be pulled"
        try:
            self._ask("pull", "--quiet", f"--platform={platform}", name, timeout=_PULL)
        except process.ExitError as error:
            refuse_unreachable(self.name, error.stderr)
            raise ToolError("image-pull-failed", f"{failed}: {process.one_line(error.stderr, 300)}") from None
        image = self.image(name)
        if image is None or image.platform != platform:
            actual = image.platform if image else "nothing"
            raise ToolError(
                "image-other-platform", f"{failed}: it is for {actual}, name an image for {platform}"
            )
        return image

    def run(self, job: Job) -> str:
        """Run `job` to its end and return its stdout; no container is left afterwards, whatever happens.

        Files that it writes into mounts belong to the caller. A ToolError quotes the end of its stderr.
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
                if error.code == _ENGINE_FAILED:
                    refuse_unreachable(self.name, error.stderr)
                raise run_failure(job, error.stderr) from None
            except process.TimeLimitError:
                self._remove(name)
                raise ToolError(
                    "container-timeout",
                    f"{job.command[0]} in {job.image} for {job.platform} did not end within {job.timeout:g} s and "
                    f"was stopped",
                ) from None
            except BaseException:
                self._remove(name)
                raise

    def _remove(self, name: str) -> None:
        """Kill and remove the container, also one that the engine is about to create."""
        was_listed = False
        with undisturbed():
            for _ in range(_REMOVE_TRIES):
                with suppress(ToolError):
                    if self._ask("ps", "--all", "--quiet", f"--filter=name={name}").strip():
                        was_listed = True
                        self._ask("rm", "--force", "--volumes", name)
                    elif was_listed:
                        return
                time.sleep(0.2)

    def _user(self) -> list[str]:
        """Return the arguments for the container's user, so that its files belong to the caller."""
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


def _image(name: str, description: Mapping[str, Any]) -> Image:
    """Return the image by its digest in the registry of `name`, else by its own id."""
    image_id = description["Id"]
    repository = name.partition("@")[0]
    if ":" in repository.rpartition("/")[2]:
        repository = repository.rpartition(":")[0]
    references = description.get("RepoDigests") or ()
    digests = dict(reference.split("@", 1) for reference in references if "@" in reference)
    # Podman writes the id without its kind.
    fallback = image_id if image_id.startswith("sha256:") else f"sha256:{image_id}"
    return Image(digests.get(repository, fallback), f"{description['Os']}/{description['Architecture']}")


def _cwd() -> Path:
    """Return a folder that exists; engines do not depend on it."""
    return Path(tempfile.gettempdir())
