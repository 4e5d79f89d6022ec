"""A function's own code and its dependencies in one zip, built from a project and its lock file for one target."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from constructs_lib.core.argument_types import typed
from constructs_lib.core.function.artifact import FunctionArtifact
from constructs_lib.core.function.function_options import FUNCTION_DEFAULTS, FunctionOptions
from constructs_lib.core.inspect.facts import find_facts
from constructs_lib.core.layer.artifact import LayerArtifact
from constructs_lib.core.layer.assemble import LayerWheel, Parts, read_wheel
from constructs_lib.core.layer.build_layer import LayerBuild, refuse_unknown
from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.progress import QUIET, Progress
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.project_files import project_files
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import FUNCTION_PLACE
from constructs_lib.core.wheels.wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.source.project_files import ProjectFiles
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.wheel_source import WheelSource


@typed
def build_function(
    entry: str | Path,
    path_function_zip: Path,
    target: Target,
    options: FunctionOptions = FUNCTION_DEFAULTS,
    *,
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> FunctionArtifact:
    """Build the project in `entry` with its locked dependencies for `target` into one zip, the form of a function's code.

    The project's files are those that `build_source` takes, the dependencies those that `build_layer` takes, both at the
    root of the zip. A file that both bring, with different content, is an error. Raises an `ArtifactError` whose text
    is one line; the zip is then not written.
    """
    refuse_unknown(options)
    store = store or WheelStore.default()
    build = LayerBuild(Project.at(entry), target, options, store, progress, FUNCTION_PLACE)
    selection = build.resolve()
    wheels = build.acquire(selection)
    source = build.wheel_source(selection.manifest.path.parent)
    project = _read_project(build.project, options, path_function_zip, source)
    parts = Parts(wheels, FUNCTION_PLACE, project.read)
    archive, findings = build.assemble(selection, parts, path_function_zip)
    # It is about layers, which are for dependencies alone.
    findings = [finding for finding in findings if finding.id != "project-left-out"]
    described = build.describe(selection, parts, archive, findings)
    values = {field.name: getattr(described, field.name) for field in fields(LayerArtifact)}
    return FunctionArtifact(**values, version=project.version)


class _ReadProject(NamedTuple):
    """The project itself, read as if it were one more wheel."""

    read: LayerWheel
    version: str


def _read_project(
    project: Project, options: FunctionOptions, path_zip: Path, source: WheelSource
) -> _ReadProject:
    def build() -> Wheel:
        # 10 ms: only for a project that is a package.
        from constructs_lib.core.function.project_wheel import build_project_wheel

        return build_project_wheel(project, options, source)

    files = project_files(project, options.source, path_zip, build)
    if files.wheel is not None:
        return _ReadProject(read_wheel(files.wheel, source.store, FUNCTION_PLACE.root), files.version)
    wheel = _as_wheel(project, files)
    return _ReadProject(
        LayerWheel(wheel, files.entries, find_facts(files.entries, wheel.filename), WheelMetadata()),
        files.version,
    )


def _as_wheel(project: Project, files: ProjectFiles) -> Wheel:
    """Return a name and a hash for the files of a project that no backend makes a wheel of."""
    name = canonicalize_name(project.name)
    sha256 = _sha256(files.entries)
    origin = files.entries[0].origin
    return Wheel(
        name, files.version, origin, sha256, f"plain:{sha256}", memoryview(b""), tuple(files.left_out)
    )


def _sha256(entries: Sequence[Entry]) -> str:
    """Hash names, modes and contents: the same on hosts whose zlib packs them otherwise."""
    rows = sorted(
        f"{entry.name}\0{entry.executable:d}\0{hashlib.sha256(entry.content()).hexdigest()}"
        for entry in entries
    )
    return hashlib.sha256("\0".join(rows).encode()).hexdigest()
