"""Step 2: a project's lock file → layer.zip for one target."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.fingerprint import fingerprint
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.needs import check_ignored
from constructs_lib.core.layer.assemble import Opened, Packing, assemble, open_up
from constructs_lib.core.lock.locked import Locked, LockOptions, Manifest, Resolution
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system.secrets import refuse_secrets
from constructs_lib.core.target import default_ignore_package_list
from constructs_lib.core.wheels.provide import provide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.build_in_container import Container
    from constructs_lib.core.wheels.wheel import Wheel


@dataclass(frozen=True)
class LayerArtifact:
    """A built layer and all that publishing needs to know of it."""

    archive: Archive
    manifest: Manifest
    fingerprint: str
    target: Target
    distributions: tuple[str, ...]
    """`name==version` of what the layer holds, sorted."""
    ignored: tuple[str, ...]
    """`name==version` of what the lock asks for and the ignore list leaves out."""
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    describe: Callable[[], bytes] = field(repr=False, compare=False)
    """Makes `sbom`."""

    @cached_property
    def sbom(self) -> bytes:
        """A CycloneDX document (JSON) of what the layer holds, made when it is first asked for."""
        return self.describe()

    @property
    def manifest_md5(self) -> str:
        """Hex; names the manifest's content for the consistency check before publishing."""
        return hashlib.md5(self.manifest.content, usedforsecurity=False).hexdigest()


def build_layer(
    entry: str | Path,
    path_layer_zip: Path,
    target: Target,
    *,
    lock_options: LockOptions | None = None,
    ignore_package_list: Sequence[str] | None = None,
    container: Container | bool | str | None = None,
    credentials: Sequence[Credentials] = (),
    smoke_test: bool = False,
    compression: Compression = "standard",
    compile_bytecode: bool = False,
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> LayerArtifact:
    """Build the layer of the project in `entry` for `target` and write it to `path_layer_zip`.

    The project itself is not in the layer, only what its lock file asks for; `lock_options` choose extras and
    groups, and which lock file decides where there are several. `ignore_package_list` names
    distributions to leave out; None is `default_ignore_package_list`, an empty list leaves out nothing.
    `container` is where wheels are built that the index lacks: True for the SAM build image of the target, or
    an image's name; None builds nothing that holds native code.
    `credentials` are for private indexes, beside what environment, netrc and keyring know.
    `smoke_test` runs code of the packages: it imports them with a Python of the target's kind, where this machine
    has one, and adds a warning for each that fails.
    `compression` may be "smallest": the same files in fewer bytes, and the same fingerprint. `compile_bytecode` adds
    bytecode for shorter cold starts; it takes a Python of the target's version, here or in `container`.
    Raises an `ArtifactError` whose text is one line; the zip is then not written.
    """
    packing = Packing(compression, _container(container), compile_bytecode=compile_bytecode)
    store = store or WheelStore.default()
    lock_options = lock_options or LockOptions()
    with progress.step(f"locked for {target}") as step:
        project = Project.at(entry)
        resolution = resolve(project, target, lock_options, store, credentials)
        step.add(f"{len(resolution.locked)} packages")
    kept, ignored = _split(resolution, ignore_package_list)
    secrets = [each.secret for each in credentials]
    refuse_secrets(str(resolution.manifest.path), resolution.manifest.content, secrets)
    opened: dict[Wheel, Opened] = {}
    wheels = provide(
        kept,
        store,
        target,
        progress,
        lambda wheel: opened.update({wheel: open_up(wheel, store)}),
        packing.container,
        lambda: _access(project, resolution.manifest, credentials),
    )
    with progress.step(f"zipped {len(wheels)} wheels") as step:
        archive, found = assemble(
            [opened[wheel] for wheel in wheels], path_layer_zip, target, store, secrets, packing
        )
        step.add(f"{readable(archive.size)}, {readable(archive.unzipped)} unzipped")
    findings = [
        *map(_unpinned, resolution.warnings),
        *found,
        *_left_out(ignored, wheels, project, lock_options, target, store),
        *(_smoke_test(archive, target, progress) if smoke_test else ()),
    ]
    notes = tuple(finding for finding in findings if finding.level == "note")
    for note in notes:
        progress.say(f"note: {note.text}")
    return LayerArtifact(
        archive,
        resolution.manifest,
        _fingerprint(wheels, target, compile_bytecode=compile_bytecode),
        target,
        tuple(f"{wheel.name}=={wheel.version}" for wheel in wheels),
        tuple(map(str, ignored)),
        tuple(finding for finding in findings if finding.level == "warning"),
        notes,
        lambda: _sbom(project, lock_options, target, wheels, archive, store),
    )


def _container(container: Container | bool | str | None) -> Container | None:  # noqa: FBT001 - what people give
    if container is None or container is False:
        return None
    from constructs_lib.core.wheels.build_in_container import Container

    return Container.of(container)


def _access(project: Project, manifest: Manifest, credentials: Sequence[Credentials]) -> Access:
    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.index.declared import indexes_of

    return Access(credentials, indexes_of(project, manifest.path.parent), project.root)


def _sbom(
    project: Project,
    lock_options: LockOptions,
    target: Target,
    wheels: Sequence[Wheel],
    archive: Archive,
    store: WheelStore,
) -> bytes:
    from constructs_lib.core.sbom.layer_sbom import layer_sbom

    return layer_sbom(project, lock_options, target, wheels, archive, store)


def _smoke_test(archive: Archive, target: Target, progress: Progress) -> list[Finding]:
    from constructs_lib.core.inspect.smoke import smoke_test

    with progress.step("imported what the layer brings"):
        return smoke_test(archive, target)


def _unpinned(text: str) -> Finding:
    return Finding("unpinned-requirement", text)


def _split(resolution: Resolution, ignore: Sequence[str] | None) -> tuple[list[Locked], list[Locked]]:
    names = {canonicalize_name(name) for name in (default_ignore_package_list if ignore is None else ignore)}
    kept = [each for each in resolution.locked if each.name not in names]
    if not kept:
        path = resolution.manifest.path
        why = "locks no package" if not resolution.locked else "locks only packages that are ignored"
        msg = f"{path} {why} for this target: a layer needs at least one"
        raise ProjectError(msg)
    return kept, [each for each in resolution.locked if each.name in names]


def _left_out(
    ignored: Sequence[Locked],
    wheels: Sequence[Wheel],
    project: Project,
    lock_options: LockOptions,
    target: Target,
    store: WheelStore,
) -> list[Finding]:
    if not ignored:
        return []
    from constructs_lib.core.metadata.core_metadata import wheel_metadata
    from constructs_lib.core.metadata.dependency_graph import dependency_graph, direct_requirements

    direct = direct_requirements(project.pyproject, lock_options)
    requires = {wheel.name: wheel_metadata(wheel, store).requires for wheel in wheels}
    left_out = {each.name: str(each) for each in ignored}
    graph = dependency_graph(direct, {**requires, **dict.fromkeys(left_out, ())}, target)
    return check_ignored({name: graph[name] for name in requires}, left_out, target)


def _fingerprint(wheels: Sequence[Wheel], target: Target, *, compile_bytecode: bool) -> str:
    """Of what decides about the layer's files; how hard they are compressed, and which 3.13 compiled, does not."""
    options = {"bytecode": f"cpython-{target.python_version}"} if compile_bytecode else {}
    return fingerprint(
        kind="layer",
        python_version=target.python_version,
        architecture=target.architecture,
        wheels=[[wheel.name, wheel.identity] for wheel in wheels],
        **options,
    )
