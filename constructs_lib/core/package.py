"""Step 2: a project's lock file → layer.zip for one target."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.archive import Archive, merge, wheel_entries, write_archive
from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.fingerprint import fingerprint
from constructs_lib.core.inspect import (
    Finding,
    all_facts,
    check_conflicts,
    check_platform,
    check_size,
    wheel_facts,
)
from constructs_lib.core.lock import Locked, Manifest, Resolution, resolve
from constructs_lib.core.progress import QUIET, Progress
from constructs_lib.core.project import Project
from constructs_lib.core.wheels import Wheel, WheelStore, provide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.runtime import Target

default_ignore_package_list = [
    "boto3",
    "botocore",
    "s3transfer",
    "urllib3",
    "setuptools",
    "pip",
    "wheel",
    "twine",
    "_pytest",
    "pytest",
]
"""Distributions left out of a layer: Lambda's runtime brings them, or they are tools for building and testing."""

LAYER_ROOT = "python/"
"""Lambda unpacks a layer into /opt and has /opt/python on `sys.path`."""


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
    ignore_package_list: Sequence[str] | None = None,
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> LayerArtifact:
    """Build the layer of the project in `entry` for `target` and write it to `path_layer_zip`.

    The project itself is not in the layer, only what its lock file asks for. `ignore_package_list` names
    distributions to leave out; None is `default_ignore_package_list`, an empty list leaves out nothing.
    Raises an `ArtifactError` whose text is one line; the zip is then not written.
    """
    store = store or WheelStore.default()
    with progress.step(f"locked for {target}") as step:
        resolution = resolve(Project.at(entry), target)
        step.add(f"{len(resolution.locked)} packages")
    kept, ignored = _split(resolution, ignore_package_list)
    wheels = provide(kept, store, target, progress, lambda wheel: wheel_facts(wheel, store))
    with progress.step(f"zipped {len(wheels)} wheels") as step:
        archive, warnings = _assemble(wheels, path_layer_zip, target, store)
        step.add(f"{archive.size / 1e6:.1f} MB, {archive.unzipped / 1e6:.1f} MB unzipped")
    return LayerArtifact(
        archive,
        resolution.manifest,
        _fingerprint(wheels, target),
        target,
        tuple(f"{wheel.name}=={wheel.version}" for wheel in wheels),
        ignored,
        tuple(warnings),
    )


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
    wheels: Sequence[Wheel], path: Path, target: Target, store: WheelStore
) -> tuple[Archive, list[Finding]]:
    facts = all_facts(wheels, store)
    entries, conflicts = merge(wheel_entries(wheel, LAYER_ROOT) for wheel in wheels)
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
