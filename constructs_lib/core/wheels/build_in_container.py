"""Wheels built from sources for the target, by `pip wheel` in a container: only those that the index lacks."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_wheel_filename

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.credentials import for_index
from constructs_lib.core.log import log
from constructs_lib.core.system.docker.diagnosis import ContainerError
from constructs_lib.core.system.docker.engine import Engine
from constructs_lib.core.system.docker.environment import certificate_settings, certificates, handed_through
from constructs_lib.core.system.docker.settings import Image, Job, Mount
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.wheels.built import (
    EPOCH,
    BuiltWheel,
    build_key,
    keep_built,
    read_built,
    refuse_secrets_in_wheel,
)
from constructs_lib.core.wheels.container_git import GitSource
from constructs_lib.core.wheels.container_sources import IN, SdistSource, TreeSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, LockedGit
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.container import Container
    from constructs_lib.core.wheels.container_sources import ContainerSource, Prepared
    from constructs_lib.core.wheels.git_tree import GitTrees

_OUT = "/constructs-lib/out"
_AUTHORITIES = "authorities.pem"
_PIP_CONFIG = "pip.conf"
_PINNED = re.compile(r"[^@]+@(sha256:[0-9a-f]{64})")
_NO_GIT = "constructs-lib: no git"
# A plugin that does not find git may take a default version, and a backend other files.
_PIP_WITH_GIT = (
    f"import runpy, shutil, sys; shutil.which('git') or sys.exit('{_NO_GIT}'); "
    "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)
_BEGIN_OF_OUTPUT, _END_OF_OUTPUT = "lines of output]", "[end of output]"
_LINES_QUOTED = 6
"""Lines of a failed build that its error quotes; a compiler's reason stands five lines before the end."""


@dataclass(frozen=True)
class BuildsInContainer:
    """The builds of one layer in one container image; the engine is asked for the image once."""

    container: Container
    target: Target
    store: WheelStore
    progress: Progress
    access: Access = field(default_factory=Access)
    """For the index that `PIP_INDEX_URL` names, where pip finds what a build needs."""

    def sdist(self, file: LockedFile) -> BuiltWheel:
        """Build the wheel of a source distribution that is in the store."""
        return self._wheel(SdistSource(file, self.store))

    def directory(self, locked: LockedDirectory) -> BuiltWheel:
        """Build the wheel of a project on this machine, as its backend makes it in place."""
        with self._tree_source(locked) as source:
            built = self._wheel(source)
        self.store.write_note("container", self._place_key(locked), {})
        return built

    def git(self, locked: LockedGit, trees: GitTrees) -> BuiltWheel:
        """Build the wheel of a git dependency; a kept one needs no work tree."""
        with (
            unwinding(),
            ExitStack() as stack,
            tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch,
        ):
            return self._wheel(GitSource(locked, trees, self.access.project, stack, Path(scratch).resolve()))

    def kept_directory(self, locked: LockedDirectory) -> BuiltWheel | None:
        """Return the wheel of a project that was built in this image before as it is now: no build here is needed."""
        if self.store.read_note("container", self._place_key(locked)) is None:
            return None  # most projects are pure: no copy is made of them
        with self._tree_source(locked) as source:
            return self._wheel(source) if self._was_built(source) else None

    def kept_git(self, locked: LockedGit, trees: GitTrees) -> BuiltWheel | None:
        """Return the wheel of a git dependency that was built in this image before."""
        source = GitSource(locked, trees, self.access.project, ExitStack(), Path())
        return self.git(locked, trees) if self._was_built(source) else None

    def _place_key(self, locked: LockedDirectory) -> str:
        return build_key("container place", str(locked.directory.resolve()), self._image_name)

    @contextmanager
    def _tree_source(self, locked: LockedDirectory) -> Iterator[TreeSource]:
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
            yield TreeSource.of(locked, self.access.project, Path(scratch).resolve())

    def _was_built(self, source: ContainerSource) -> bool:
        by_name = self._key(source, self._image_name)
        return by_name is not None and self.store.read_note("container", by_name) is not None

    def _wheel(self, source: ContainerSource) -> BuiltWheel:
        """Return the kept wheel of `source`, else build it."""
        digest = self._digest()
        built = self._last_built(source) if digest is None else self._kept(source, digest)
        if built is None and digest is None:
            digest = self._pulled_image.digest
            built = self._kept(source, digest)
        if built is None:
            assert digest is not None  # noqa: S101 - the branch above
            what = f"{source.name} in {self._image_name}"
            with self.progress.step(f"built {what}", f"building {what}"):
                built = self._build(source, digest)
        # So that `_last_built` finds it by the image's name when the engine does not answer.
        if digest is not None and (by_name := self._key(source, self._image_name)):
            self.store.write_note("container", by_name, {"built": self._key(source, digest)})
        return built

    @property
    def _image_name(self) -> str:
        return self.container.image_for(self.target)

    def _key(self, source: ContainerSource, image: str) -> str | None:
        target, inputs = self.target, source.key
        if inputs is None:
            return None
        return build_key("container", *inputs, target.python_version, target.architecture, image)

    def _kept(self, source: ContainerSource, digest: str) -> BuiltWheel | None:
        key = self._key(source, digest)
        return read_built(self.store, key) if key else None

    def _last_built(self, source: ContainerSource) -> BuiltWheel | None:
        """Return the wheel of the image that this name stood for when the source was last built."""
        by_name = self._key(source, self._image_name)
        last = self.store.read_note("container", by_name) if by_name else None
        built = read_built(self.store, last["built"]) if last else None
        if built is not None:
            reason = self._local_image or "the engine does not have it now"
            log.warning("%s as it was last built in %s: %s", source.name, self._image_name, reason)
        return built

    def _digest(self) -> str | None:
        """Return the image's digest: as it is pinned, or as the engine has it now; None if it has none."""
        if pinned := _PINNED.fullmatch(self._image_name):
            return pinned[1]
        image = self._local_image
        return image.digest if isinstance(image, Image) else None

    @cached_property
    def _local_image(self) -> Image | ToolError | None:
        """The engine's image of this name for the target; an error if the engine cannot be asked."""
        try:
            image = Engine.find().image(self._image_name)
        except ToolError as error:
            return error
        return image if image and image.platform == self.target.platform else None

    @cached_property
    def _pulled_image(self) -> Image:
        """The image, pulled if the engine has none."""
        image = self._local_image
        if isinstance(image, ToolError):
            raise image
        if image is not None:
            return image
        with self.progress.step(f"pulled {self._image_name}", f"pulling {self._image_name}"):
            return Engine.find().pull(self._image_name, self.target.platform)

    def _build(self, source: ContainerSource, digest: str) -> BuiltWheel:
        _ = self._pulled_image  # `docker run` never pulls
        key = self._key(source, digest)
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
            folder, out = Path(scratch) / "in", Path(scratch) / "out"
            folder.mkdir()
            out.mkdir()
            prepared = source.prepare(folder)
            self._run(source, prepared, self._job(folder, out, prepared))
            wheel = self._checked(source.name, list(out.glob("*.whl")))
            refuse_secrets_in_wheel(wheel, self.access.credentials)
            left_out = source.finish(wheel)
            # Another process may have built it meanwhile, and a second build need not give the same bytes.
            if key and (built := read_built(self.store, key)):
                return built
            return keep_built(self.store, key, wheel, self._identity(source, wheel, digest), left_out)

    def _identity(self, source: ContainerSource, wheel: Path, digest: str) -> str | None:
        """Return the wheel's origin for fingerprints: its source, the target and the image."""
        key = self._key(source, digest)
        identity = source.identity(wheel, key)
        target = self.target
        if identity is None or key is None:
            return identity
        return build_key(identity, target.python_version, target.architecture, digest)

    def _run(self, source: ContainerSource, prepared: Prepared, job: Job) -> None:
        """Run the build; the error of one that fails has the backend's last lines, with the project's own path."""
        try:
            Engine.find().run(job)
        except ContainerError as error:
            if _NO_GIT in error.stderr:
                raise ToolError(
                    "image-without-tool",
                    f"image {job.image} for {job.platform} has no git, which the build of {source.place} asks: name "
                    f"an image that has it",
                ) from None
            text = error.stderr.replace(prepared.path, str(source.place))
            log.debug("%s", text)
            lines = " | ".join(_backend_lines(text))
            raise ToolError(
                "build-failed", f"{source.place} cannot be built in {job.image} for {job.platform}: {lines}"
            ) from None

    def _job(self, folder: Path, out: Path, prepared: Prepared) -> Job:
        fixed = {"HOME": "/tmp", "SOURCE_DATE_EPOCH": EPOCH}  # noqa: S108 - in the container
        if authorities := certificates(os.environ):
            shutil.copy(authorities, folder / _AUTHORITIES)
            fixed |= certificate_settings(f"{IN}/{_AUTHORITIES}")
        handed = handed_through(os.environ)
        if credentials := for_index(handed.get("PIP_INDEX_URL", ""), self.access.credentials):
            del handed["PIP_INDEX_URL"]  # pip would prefer it, and the engine shows a container's environment
            credentials.write_pip_config(folder / _PIP_CONFIG)
            fixed["PIP_CONFIG_FILE"] = f"{IN}/{_PIP_CONFIG}"
        return Job(
            self._image_name,
            self.target.platform,
            wheel_command(self.target.python_version, prepared.path, needs_git=prepared.needs_git),
            (Mount(folder, IN), Mount(out, _OUT, writable=True), *prepared.mounts),
            {**fixed, **prepared.settings},
            {**handed, **prepared.handed},
            timeout=self.container.timeout,
        )

    def _checked(self, name: str, wheels: Sequence[Path]) -> Path:
        """Return the one wheel of a build, if it is of the distribution and installs on the target."""
        if len(wheels) != 1:
            names = ", ".join(sorted(wheel.name for wheel in wheels)) or "nothing"
            raise ProjectError(
                "build-result-invalid",
                f"{name} became {names} in {self._image_name}, where one wheel was expected: name another image",
            )
        [wheel] = wheels
        distribution, _, _, tags = parse_wheel_filename(wheel.name)
        if distribution != canonicalize_name(name) or not self.target.takes(tags):
            raise ProjectError(
                "build-result-invalid",
                f"{name} became {wheel.name} in {self._image_name}, which {self.target} does not install: name an "
                f"image with that Python and CPU on a Linux with glibc",
            )
        return wheel


def wheel_command(python_version: str, source: str, *, needs_git: bool = False) -> tuple[str, ...]:
    """Return the command in the container.

    Pip unpacks an archive into a temporary folder, since the mount is read-only, and builds a folder in place.
    """
    return (
        f"python{python_version}",
        *(("-c", _PIP_WITH_GIT) if needs_git else ("-m", "pip")),
        *("wheel", "--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check"),
        f"--wheel-dir={_OUT}",
        source,
    )


def _backend_lines(stderr: str) -> list[str]:
    """Return the last lines of the backend, which pip indents between two lines of its own."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    end = next((number for number, line in enumerate(lines) if line == _END_OF_OUTPUT), len(lines))
    begins = [number + 1 for number, line in enumerate(lines[:end]) if line.endswith(_BEGIN_OF_OUTPUT)]
    return lines[begins[-1] if begins else 0 : end][-_LINES_QUOTED:]
