"""Step 2: a project's lock file → layer.zip for one target."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.archive import Archive, merge, refuse_secret_entries, wheel_entries, write_archive
from constructs_lib.core.constants import LAYER_ROOT, default_ignore_package_list
from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.fingerprint import fingerprint
from constructs_lib.core.indexes import indexes_of
from constructs_lib.core.inspect import (
    Finding,
    all_facts,
    check_conflicts,
    check_platform,
    check_size,
    wheel_facts,
)
from constructs_lib.core.lock import Locked, LockOptions, Manifest, Resolution, resolve
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.project import Project
from constructs_lib.core.secrets import refuse_secrets
from constructs_lib.core.wheels import Access, Container, Wheel, WheelStore, provide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.credentials import Credentials
    from constructs_lib.core.runtime import Target


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
    Raises an `ArtifactError` whose text is one line; the zip is then not written.
    """
    store = store or WheelStore.default()
    with progress.step(f"locked for {target}") as step:
        project = Project.at(entry)
        resolution = resolve(project, target, lock_options, store, credentials)
        step.add(f"{len(resolution.locked)} packages")
    kept, ignored = _split(resolution, ignore_package_list)
    secrets = [each.secret for each in credentials]
    refuse_secrets(str(resolution.manifest.path), resolution.manifest.content, secrets)
    wheels = provide(
        kept,
        store,
        target,
        progress,
        lambda wheel: wheel_facts(wheel, store),
        Container.of(container),
        Access(credentials, indexes_of([project.root, resolution.manifest.path.parent]), project.root),
    )
    with progress.step(f"zipped {len(wheels)} wheels") as step:
        archive, warnings = _assemble(wheels, path_layer_zip, target, store, secrets)
        step.add(f"{readable(archive.size)}, {readable(archive.unzipped)} unzipped")
    return LayerArtifact(
        archive,
        resolution.manifest,
        _fingerprint(wheels, target),
        target,
        tuple(f"{wheel.name}=={wheel.version}" for wheel in wheels),
        ignored,
        (*map(_unpinned, resolution.warnings), *warnings),
    )


def _unpinned(text: str) -> Finding:
    return Finding("unpinned-requirement", "warning", text)


def _split(resolution: Resolution, ignore: Sequence[str] | None) -> tuple[list[Locked], tuple[str, ...]]:
    names = {canonicalize_name(name) for name in (default_ignore_package_list if ignore is None else ignore)}
    kept = [each for each in resolution.locked if each.name not in names]
    if not kept:
        path = resolution.manifest.path
        why = "locks no package" if not resolution.locked else "locks only packages that are ignored"
        msg = f"{path} {why} for this target: a layer needs at least one"
        raise ProjectError(msg)
    return kept, tuple(str(each) for each in resolution.locked if each.name in names)


def _assemble(
    wheels: Sequence[Wheel], path: Path, target: Target, store: WheelStore, secrets: Sequence[str]
) -> tuple[Archive, list[Finding]]:
    facts = all_facts(wheels, store)
    entries, conflicts = merge(wheel_entries(wheel, LAYER_ROOT) for wheel in wheels)
    built_here = {wheel.filename for wheel in wheels if wheel.built_here}
    refuse_secret_entries((entry for entry in entries if entry.origin in built_here), secrets)
    findings = [
        *check_platform({wheel.filename: fact for wheel, fact in zip(wheels, facts, strict=True)}, target),
        *check_size({wheel.name: fact.unzipped for wheel, fact in zip(wheels, facts, strict=True)}),
        *check_conflicts(conflicts),
    ]
    errors = [finding.text for finding in findings if finding.level == "error"]
    if errors:
        raise InspectionError("; ".join(errors))
    return write_archive(entries, path), findings


def _fingerprint(wheels: Sequence[Wheel], target: Target) -> str:
    return fingerprint(
        kind="layer",
        python_version=target.python_version,
        architecture=target.architecture,
        wheels=[[wheel.name, wheel.identity] for wheel in wheels],
    )
