"""The values that a lock file is read into: options, locked files, and the resolution for one target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from constructs_lib.core.argument_types import check_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from packaging.pylock import Pylock

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class LockOptions:
    """The part of a lock file that goes into the layer; by default the main dependencies alone."""

    build_tool: str | None = None
    """`uv`, `poetry`, `pdm`, `pipenv`, `pip` or `pylock`; None takes the one whose lock file exists."""
    extras: tuple[str, ...] = ()
    """Extras of the project to add."""
    groups: tuple[str, ...] = ()
    """Dependency groups to add."""
    only_groups: tuple[str, ...] = ()
    """Dependency groups to take instead of the main dependencies."""
    allow_extra_index_url: bool = False
    """Permission for a `requirements.txt` to name a second index, which could offer a higher version of a private name."""

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class LockedFile:
    """One wheel or source distribution, named by its content."""

    name: str
    """Normalized distribution name (PEP 503)."""
    version: str
    """Empty for a project in the subdirectory of an archive whose lock records none."""
    filename: str
    sha256: str
    """Lower-case hex."""
    location: str | Path
    """An address, or a file of this machine."""
    size: int | None = None
    index: str | None = None
    """The index it came from, where the lock records it."""
    no_wheel: str = ""
    """For a source distribution whose wheels are all for other platforms: a text that names them. It holds native
    code and must not be built on this machine."""
    is_release_open: bool = False
    """True for a source distribution of an index whose release may have more wheels than the lock names."""
    subdirectory: str = ""
    """The project's folder in a source archive, relative to the archive's one top folder; empty for that itself."""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" if self.version else self.name

    @property
    def is_wheel(self) -> bool:
        return self.suffix == ".whl"

    @property
    def suffix(self) -> str:
        return Path(self.filename).suffix


class LockedDirectory(NamedTuple):
    """A project on this machine (path or workspace dependency); its content is not in the lock."""

    name: str
    directory: Path

    def __str__(self) -> str:
        return f"{self.name} from {self.directory}"


class LockedGit(NamedTuple):
    """A project in a git repository, named by the commit."""

    name: str
    url: str
    """Without a password; an SSH address keeps its user name."""
    commit: str
    """All hex digits, lower-case."""
    subdirectory: str = ""
    """The project's folder in the repository; empty for its root."""
    version: str | None = None
    """None where the lock does not record it."""
    revision: str | None = None
    """The branch or tag that was asked for, where the lock records one."""

    def __str__(self) -> str:
        folder = f"#subdirectory={self.subdirectory}" if self.subdirectory else ""
        return f"{self.name} from git+{self.url}@{self.commit}{folder}"


Locked = LockedFile | LockedDirectory | LockedGit


class Manifest(NamedTuple):
    """The lock file that a layer is built from, as it was when it was read."""

    path: Path
    """The lock file."""
    content: bytes
    """Its bytes, as they were read."""

    @property
    def name(self) -> str:
        return self.path.name


class Notes(Protocol):
    """Small JSON values kept from build to build, by a hash of everything they depend on."""

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None: ...

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None: ...


class ExportRequest(NamedTuple):
    """A lock file to export, and everything that the export may depend on."""

    project: Project
    manifest: Manifest
    target: Target
    options: LockOptions
    notes: Notes | None = None
    """A memory for slow exports."""
    credentials: Sequence[Credentials] = ()
    """For the tool that exports."""
    requires_of: Callable[[Path], Sequence[str]] | None = None
    """Asks the build backend of the project in a folder for its requirements; None where nobody can ask it."""


class AllowedHashes(NamedTuple):
    """The only sha256 that the files of one distribution may have."""

    where: str
    """File and line that allow them."""
    sha256: frozenset[str]
    """Lower-case hex."""


class Exported(NamedTuple):
    """A lock file as pylock.toml (PEP 751)."""

    pylock: Pylock
    base: Path
    """The folder that its relative paths start from."""
    extras: tuple[str, ...] = ()
    """Extras still to be selected, where the export could not."""
    groups: tuple[str, ...] = ()
    """Dependency groups still to be selected, likewise."""
    is_partial: bool = False
    """True where the tool leaves out wheels of other platforms than the target's."""
    indexes: tuple[str, ...] = ()
    """Indexes that the lock file names for all its packages."""
    flat_indexes: tuple[str, ...] = ()
    """Pages and folders of files that it names, as `--find-links`."""
    hashes: Mapping[str, AllowedHashes] = {}
    """The hashes that the lock file allows, by normalized name, where its list is longer than the export's; no limit for
    others."""
    warnings: tuple[str, ...] = ()
    """Texts about what the lock file leaves open."""
    may_be_incomplete: bool = False
    """True where the file alone decides what is installed, and nobody resolved it for this target: a dependency may be
    missing."""


class NotChosen(NamedTuple):
    """The packages, extras and groups of a lock file that were not selected: for a line about a layer without any."""

    packages: tuple[str, ...] = ()
    """Names of packages for other targets, extras or groups."""
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Resolution(NamedTuple):
    """The files that a lock file installs on one target, sorted by distribution name."""

    manifest: Manifest
    locked: tuple[Locked, ...]
    warnings: tuple[str, ...] = ()
    may_be_incomplete: bool = False
    """True where a dependency may be missing, since nobody resolved the file for this target."""
    notes: tuple[str, ...] = ()
    """A text for each project that the lock file names and no layer of it holds: the project itself."""
    not_chosen: NotChosen = NotChosen()
