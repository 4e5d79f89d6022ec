"""Wheels built from sources for the target, by `pip wheel` in a container: only those that the index lacks."""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_wheel_filename

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.credentials import for_index
from constructs_lib.core.log import log
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.repository import ignored_files
from constructs_lib.core.project.source_files import hash_tree, is_executable, source_files
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
    read_verified,
    refuse_secrets_in_wheel,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, LockedGit
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.container import Container
    from constructs_lib.core.wheels.git_tree import Checkout

_IN, _OUT = "/constructs-lib/in", "/constructs-lib/out"
_AUTHORITIES = "authorities.pem"
_PIP_CONFIG = "pip.conf"
_PINNED = re.compile(r"[^@]+@(sha256:[0-9a-f]{64})")
# The settings by which the build backends that ask git for the version are told it instead.
_VERSION_VARIABLES = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "UV_DYNAMIC_VERSIONING_BYPASS",
)


@dataclass(frozen=True)
class BuildsInContainer:
    """The builds of one layer in one container image; the engine is asked for the image once."""

    container: Container
    target: Target
    store: WheelStore
    progress: Progress
    credentials: Sequence[Credentials] = ()
    """For the index that `PIP_INDEX_URL` names, where pip finds what a build needs."""

    def sdist(self, file: LockedFile) -> BuiltWheel:
        """Build the wheel of a source distribution that is in the store."""

        def write(folder: Path) -> str:
            (folder / file.filename).write_bytes(read_verified(self.store, file.sha256, file.suffix))
            return _pip_source(file.filename, file.subdirectory)

        place = [file.subdirectory] if file.subdirectory else []
        return self._wheel(file.name, ("sdist", file.sha256, *place), write)

    def directory(self, locked: LockedDirectory, version: str | None = None) -> BuiltWheel:
        """Build the wheel of a project on this machine; `version` is for one whose version comes from git."""
        root = locked.directory
        files = source_files(root)
        # The container has no git: it gets what a fresh clone has, and what is not committed yet.
        ignored = ignored_files(root, files)
        files = [path for path in files if path not in ignored]
        if version is None or not read_pyproject(root / "pyproject.toml").is_version_from_vcs:
            version = ""
        settings = dict.fromkeys(_VERSION_VARIABLES, version) if version else {}

        def write(folder: Path) -> str:
            name = f"{canonicalize_name(locked.name)}-source.tar.gz"
            _pack(root, files, folder / name)
            return _pip_source(name)

        return self._wheel(locked.name, ("directory", hash_tree(root, files), version), write, settings)

    def git(
        self,
        locked: LockedGit,
        checkout: Callable[[], AbstractContextManager[Checkout]],
        version: str | None = None,
    ) -> BuiltWheel:
        """Build the wheel of a git dependency; `version` is for one whose version comes from git.

        `checkout` is called only where no wheel is kept.
        """
        settings = dict.fromkeys(_VERSION_VARIABLES, version) if version else {}

        def write(folder: Path) -> str:
            name = f"{canonicalize_name(locked.name)}-source.tar.gz"
            with checkout() as tree, tarfile.open(folder / name, "w:gz", compresslevel=1) as archive:
                archive.add(tree.root, arcname="source", filter=_without_git)
            return _pip_source(name, locked.subdirectory)

        source = ("git", locked.url, locked.commit, locked.subdirectory, version or "")
        return self._wheel(locked.name, source, write, settings)

    def _wheel(
        self,
        name: str,
        source: Sequence[str],
        write: Callable[[Path], str],
        settings: Mapping[str, str] | None = None,
    ) -> BuiltWheel:
        """Return the kept wheel of `source`, else build it from the file that `write` puts into a folder."""
        digest = self._digest()
        built = self._last_built(name, source) if digest is None else self._kept(source, digest)
        if built is None and digest is None:
            digest = self._pulled_image.digest
            built = self._kept(source, digest)
        if built is None:
            assert digest is not None  # noqa: S101 - the branch above
            with self.progress.step(f"built {name} in {self._image_name}"):
                built = self._build(name, self._key(source, digest), write, settings or {})
        # So that `_last_built` finds it by the image's name when the engine does not answer.
        self.store.write_note("container", self._key(source, self._image_name), {"built": built.source})
        return built

    @property
    def _image_name(self) -> str:
        return self.container.image_for(self.target)

    def _key(self, source: Sequence[str], image: str) -> str:
        target = self.target
        return build_key("container", *source, target.python_version, target.architecture, image)

    def _kept(self, source: Sequence[str], digest: str) -> BuiltWheel | None:
        return read_built(self.store, self._key(source, digest))

    def _last_built(self, name: str, source: Sequence[str]) -> BuiltWheel | None:
        """Return the wheel of the image that this name stood for when the source was last built."""
        last = self.store.read_note("container", self._key(source, self._image_name))
        built = read_built(self.store, last["built"]) if last else None
        if built is not None:
            reason = self._local_image or "the engine does not have it now"
            log.warning("%s as it was last built in %s: %s", name, self._image_name, reason)
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
        with self.progress.step(f"pulled {self._image_name}"):
            return Engine.find().pull(self._image_name, self.target.platform)

    def _build(
        self, name: str, key: str, write: Callable[[Path], str], settings: Mapping[str, str]
    ) -> BuiltWheel:
        _ = self._pulled_image  # `docker run` never pulls
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
            folder, out = Path(scratch) / "in", Path(scratch) / "out"
            folder.mkdir()
            out.mkdir()
            job = self._job(folder, out, write(folder), settings)
            Engine.find().run(job)
            wheel = self._checked(name, list(out.glob("*.whl")))
            refuse_secrets_in_wheel(wheel, self.credentials)
            # Another process may have built it meanwhile, and a second build need not give the same bytes.
            return read_built(self.store, key) or keep_built(self.store, key, wheel)

    def _job(self, folder: Path, out: Path, source: str, settings: Mapping[str, str]) -> Job:
        fixed = {"HOME": "/tmp", "SOURCE_DATE_EPOCH": EPOCH}  # noqa: S108 - in the container
        if authorities := certificates(os.environ):
            shutil.copy(authorities, folder / _AUTHORITIES)
            fixed |= certificate_settings(f"{_IN}/{_AUTHORITIES}")
        handed = handed_through(os.environ)
        if credentials := for_index(handed.get("PIP_INDEX_URL", ""), self.credentials):
            del handed["PIP_INDEX_URL"]  # pip would prefer it, and the engine shows a container's environment
            credentials.write_pip_config(folder / _PIP_CONFIG)
            fixed["PIP_CONFIG_FILE"] = f"{_IN}/{_PIP_CONFIG}"
        return Job(
            self._image_name,
            self.target.platform,
            wheel_command(self.target.python_version, source),
            (Mount(folder, _IN), Mount(out, _OUT, writable=True)),
            {**fixed, **settings},
            handed,
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
        if distribution != canonicalize_name(name) or tags.isdisjoint(self.target.tags):
            raise ProjectError(
                "build-result-invalid",
                f"{name} became {wheel.name} in {self._image_name}, which {self.target} does not install: name an "
                f"image with that Python and CPU on a Linux with glibc",
            )
        return wheel


def wheel_command(python_version: str, source: str) -> tuple[str, ...]:
    """Return the command in the container. Pip unpacks an archive into a temporary folder: the mount is read-only."""
    return (
        f"python{python_version}",
        *("-m", "pip", "wheel", "--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check"),
        f"--wheel-dir={_OUT}",
        source,
    )


def _pip_source(filename: str, subdirectory: str = "") -> str:
    """Return the place of a source in the container, as pip takes it."""
    path = f"{_IN}/{filename}"
    return f"file://{quote(path)}#subdirectory={quote(subdirectory)}" if subdirectory else path


def _without_git(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    member.mtime = int(EPOCH)
    return None if member.name.rpartition("/")[2] == ".git" else member


def _pack(root: Path, files: Sequence[Path], target: Path) -> None:
    """Write the files to an archive below one folder, as pip takes a source."""
    with tarfile.open(target, "w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        for path in files:
            content = (root / path).read_bytes()
            info = tarfile.TarInfo(f"source/{path.as_posix()}")
            info.size = len(content)
            info.mode = 0o755 if is_executable(root / path) else 0o644
            info.mtime = int(EPOCH)
            archive.addfile(info, io.BytesIO(content))
