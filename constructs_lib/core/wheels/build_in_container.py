"""Sources → a wheel for the target in the store, by `pip wheel` in a container. Only what the index lacks."""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_wheel_filename

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.credentials import for_index
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.source_files import hash_tree, is_executable, source_files
from constructs_lib.core.system.docker.engine import Engine
from constructs_lib.core.system.docker.environment import certificate_settings, certificates, handed_through
from constructs_lib.core.system.docker.settings import Image, Job, Mount
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.wheels.build_here import (
    EPOCH,
    BuiltNote,
    build_key,
    known_build,
    refuse_secrets_in_wheel,
    verified_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import LockedDirectory, LockedFile
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target

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
class Container:
    """Where wheels are built that the index lacks for the target.

    A tag means what this machine's engine has under it; it is pulled only if the engine has nothing. Where
    the engine has nothing or does not answer, a wheel that was built from the same source in the image that
    the tag named last is used, and a line says so. With a pinned digest the engine is asked nothing at all
    once the wheel is in the store.
    """

    image: str | None = None
    """None is the SAM build image of the target's Python and CPU. A name with `@sha256:…` is a pinned one."""
    timeout: float = 1800
    """Seconds for one wheel."""

    def __post_init__(self) -> None:
        if self.image is not None and (not self.image.strip() or self.image.startswith("-")):
            msg = (
                f"container image {self.image!r} is no image name: name one, or True for the SAM build image"
            )
            raise ProjectError(msg)

    @classmethod
    def of(cls, container: Container | bool | str | None) -> Container | None:  # noqa: FBT001 - what people give
        """What a person gives as `container`: True is the SAM build image, a text an image, False is none."""
        if isinstance(container, str):
            return cls(container)
        if isinstance(container, bool) or container is None:
            return cls() if container else None
        return container

    def image_for(self, target: Target) -> str:
        """The image's name."""
        return self.image or target.build_image


@dataclass
class ContainerBuilds:
    """The builds of one layer in one container image; the engine is asked for the image once."""

    container: Container
    target: Target
    store: WheelStore
    progress: Progress
    credentials: Sequence[Credentials] = ()
    """For the index that `PIP_INDEX_URL` names, where pip finds what a build needs."""
    _seen: list[Image | ToolError | None] = field(default_factory=list)

    def sdist(self, file: LockedFile) -> BuiltNote:
        """The wheel of a source distribution that lies in the store."""

        def write(folder: Path) -> str:
            (folder / file.filename).write_bytes(verified_file(file.sha256, file.suffix, self.store))
            return file.filename

        return self._wheel(file.name, ("sdist", file.sha256), write)

    def directory(self, locked: LockedDirectory, version: str | None = None) -> BuiltNote:
        """The wheel of a project on this machine; `version` is for one whose version comes from git."""
        root = locked.directory
        files = source_files(root)
        if version is None or not read_pyproject(root / "pyproject.toml").is_version_from_vcs:
            version = ""
        settings = dict.fromkeys(_VERSION_VARIABLES, version) if version else {}

        def write(folder: Path) -> str:
            name = f"{canonicalize_name(locked.name)}-source.tar.gz"
            _pack(root, files, folder / name)
            return name

        return self._wheel(locked.name, ("directory", hash_tree(root, files), version), write, settings)

    def _wheel(
        self,
        name: str,
        source: Sequence[str],
        write: Callable[[Path], str],
        settings: Mapping[str, str] | None = None,
    ) -> BuiltNote:
        digest = self._digest()
        note = self._last_known(name, source) if digest is None else self._known(source, digest)
        if note is None and digest is None:
            digest = self._pulled().digest
            note = self._known(source, digest)
        if note is None:
            assert digest is not None  # noqa: S101 - the branch above
            with self.progress.step(f"built {name} in {self._image}"):
                note = self._build(name, self._key(source, digest), write, settings or {})
        self.store.write_note("container", self._key(source, self._image), {"built": note["source"]})
        return note

    @property
    def _image(self) -> str:
        return self.container.image_for(self.target)

    def _key(self, source: Sequence[str], image: str) -> str:
        target = self.target
        return build_key("container", *source, target.python_version, target.architecture, image)

    def _known(self, source: Sequence[str], digest: str) -> BuiltNote | None:
        return known_build(self.store, self._key(source, digest))

    def _last_known(self, name: str, source: Sequence[str]) -> BuiltNote | None:
        """The wheel of the image that this name stood for when the source was last built."""
        last = self.store.read_note("container", self._key(source, self._image))
        note = known_build(self.store, last["built"]) if last else None
        if note is not None:
            why = self._seen[0] or "the engine does not have it now"
            self.progress.say(f"{name} as it was last built in {self._image}: {why}")
        return note

    def _digest(self) -> str | None:
        """The image's digest: as it is pinned, or as the engine has it now; None where it has none."""
        if pinned := _PINNED.fullmatch(self._image):
            return pinned[1]
        image = self._local()
        return image.digest if isinstance(image, Image) else None

    def _local(self) -> Image | ToolError | None:
        """What the engine has under the image's name for the target; an error where it cannot be asked."""
        if not self._seen:
            try:
                image = Engine.find().image(self._image)
                self._seen.append(image if image and image.platform == self.target.platform else None)
            except ToolError as error:
                self._seen.append(error)
        return self._seen[0]

    def _pulled(self) -> Image:
        """The image, brought by the engine if it has none."""
        image = self._local()
        if isinstance(image, ToolError):
            raise image
        if image is None:
            with self.progress.step(f"pulled {self._image}"):
                image = Engine.find().pull(self._image, self.target.platform)
            self._seen[:] = [image]
        return image

    def _build(
        self, name: str, key: str, write: Callable[[Path], str], settings: Mapping[str, str]
    ) -> BuiltNote:
        self._pulled()
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
            folder, out = Path(scratch) / "in", Path(scratch) / "out"
            folder.mkdir()
            out.mkdir()
            job = self._job(folder, out, write(folder), settings)
            Engine.find().run(job)
            wheel = self._checked(name, list(out.glob("*.whl")))
            refuse_secrets_in_wheel(wheel, self.credentials)
            # Another process may have built it meanwhile, and a second build need not give the same bytes.
            if (note := known_build(self.store, key)) is None:
                note = {"filename": wheel.name, "sha256": self.store.add(wheel), "source": key}
                self.store.write_note("built", key, note)
            return note

    def _job(self, folder: Path, out: Path, source: str, settings: Mapping[str, str]) -> Job:
        fixed = {"HOME": "/tmp", "SOURCE_DATE_EPOCH": EPOCH}  # noqa: S108 - in the container
        if authorities := certificates(os.environ):
            shutil.copy(authorities, folder / _AUTHORITIES)
            fixed |= certificate_settings(f"{_IN}/{_AUTHORITIES}")
        handed = handed_through(os.environ)
        if found := for_index(handed.get("PIP_INDEX_URL", ""), self.credentials):
            del handed["PIP_INDEX_URL"]  # pip would prefer it, and the engine shows a container's environment
            found.write_pip_config(folder / _PIP_CONFIG)
            fixed["PIP_CONFIG_FILE"] = f"{_IN}/{_PIP_CONFIG}"
        return Job(
            self._image,
            self.target.platform,
            wheel_command(self.target.python_version, f"{_IN}/{source}"),
            (Mount(folder, _IN), Mount(out, _OUT, writable=True)),
            {**fixed, **settings},
            handed,
            timeout=self.container.timeout,
        )

    def _checked(self, name: str, wheels: Sequence[Path]) -> Path:
        """The one wheel that came out, if it is what was asked for."""
        if len(wheels) != 1:
            names = ", ".join(sorted(wheel.name for wheel in wheels)) or "nothing"
            msg = f"{name} became {names} in {self._image}, where one wheel was expected"
            raise ProjectError(msg)
        [wheel] = wheels
        distribution, _, _, tags = parse_wheel_filename(wheel.name)
        if distribution != canonicalize_name(name) or tags.isdisjoint(self.target.tags):
            msg = (
                f"{name} became {wheel.name} in {self._image}, which {self.target} does not install: name an image "
                f"with that Python and CPU on a Linux with glibc"
            )
            raise ProjectError(msg)
        return wheel


def wheel_command(python_version: str, source: str) -> tuple[str, ...]:
    """What runs in the container. Pip unpacks an archive into a temporary folder: the mount stays as it is."""
    return (
        f"python{python_version}",
        *("-m", "pip", "wheel", "--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check"),
        f"--wheel-dir={_OUT}",
        source,
    )


def _pack(root: Path, files: Sequence[Path], target: Path) -> None:
    """The files below one folder in an archive, as pip takes a source."""
    with tarfile.open(target, "w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        for path in files:
            content = (root / path).read_bytes()
            info = tarfile.TarInfo(f"source/{path.as_posix()}")
            info.size = len(content)
            info.mode = 0o755 if is_executable(root / path) else 0o644
            info.mtime = int(EPOCH)
            archive.addfile(info, io.BytesIO(content))
