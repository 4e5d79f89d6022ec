"""The zip of a layer or a function, assembled from its wheels, and the findings in them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.inspect.acknowledge import acknowledge, parse_acknowledgements
from constructs_lib.core.inspect.facts import wheel_facts
from constructs_lib.core.inspect.findings import refuse_errors
from constructs_lib.core.inspect.layer_checks import check_conflicts, check_records, check_size
from constructs_lib.core.inspect.loadable import check_platform
from constructs_lib.core.inspect.needs import check_boto3
from constructs_lib.core.layer.exclude_files import (
    ALL_FILES,
    Division,
    FileExclusion,
    check_emptied,
    facts_of_kept,
)
from constructs_lib.core.metadata.core_metadata import wheel_metadata
from constructs_lib.core.target import LAYER_PLACE
from constructs_lib.core.wheels.contents import wheel_contents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.archive.merge import Conflict
    from constructs_lib.core.inspect.facts import Facts
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.layer.layer_options import LayerOptions
    from constructs_lib.core.metadata.core_metadata import WheelMetadata
    from constructs_lib.core.sbom.bundled import Bundled
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Place, Target
    from constructs_lib.core.wheels.contents import Contents
    from constructs_lib.core.wheels.wheel import Wheel


Proof: TypeAlias = "Callable[[Sequence[Entry], Sequence[Entry]], Sequence[Finding]]"
"""A check of the files of the zip, given those that `exclude_files` leaves out."""


class LayerWheel(NamedTuple):
    """A wheel of a layer or a function, read."""

    wheel: Wheel
    entries: list[Entry]
    """Its files in the zip."""
    facts: Facts
    """Of these files."""
    metadata: WheelMetadata
    bundled: Bundled | None = None
    """The software inside it that is not its own; None if there is no sign of any."""
    excluded: Sequence[Entry] = ()
    """The files that `exclude_files` leaves out."""


class Parts(NamedTuple):
    """The contents of a zip: wheels, and in a function the project itself."""

    wheels: Sequence[LayerWheel]
    place: Place = LAYER_PLACE
    project: LayerWheel | None = None

    @property
    def all(self) -> list[LayerWheel]:
        """The wheels, and the project last."""
        return [*self.wheels, *([self.project] if self.project else [])]


def read_wheel(
    wheel: Wheel,
    store: WheelStore,
    root: str = LAYER_PLACE.root,
    exclusion: FileExclusion = ALL_FILES,
) -> LayerWheel:
    """Read the wheel's zip, whose files go below `root`; unpack them unless the store has notes on them."""
    contents = wheel_contents(wheel, root)
    division = exclusion.divide(contents.entries, root)
    facts = facts_of_kept(wheel_facts(wheel, store, contents), division, root)
    metadata, bundled = wheel_metadata(wheel, store), _bundled(wheel, store, contents)
    if bundled and division.excluded:
        # Only for such a wheel, as in `_bundled`.
        from constructs_lib.core.sbom.bundled import without_files

        bundled = without_files(bundled, {entry.name.removeprefix(root) for entry in division.excluded})
    return LayerWheel(wheel, division.kept, facts, metadata, bundled, division.excluded)


def _bundled(wheel: Wheel, store: WheelStore, contents: Contents) -> Bundled | None:
    """Return the software inside the wheel if its paths are a sign of any: most wheels are spared a look."""
    documents = f"{contents.dist_info}/sboms/"
    if not any(documents in member.name or ".libs" in member.name for member in contents.members):
        return None
    # 1 ms: only for such a wheel.
    from constructs_lib.core.sbom.bundled_notes import read_bundled

    return read_bundled(wheel, store, contents)


def document_findings(wheels: Sequence[LayerWheel]) -> list[Finding]:
    """Return the notes about documents in wheels that the SBOM lacks."""
    pairs = [(read.wheel, read.bundled) for read in wheels if read.bundled and read.bundled.unmerged]
    if not pairs:
        return []
    # Only where there is one.
    from constructs_lib.core.sbom.bundled_notes import check_documents

    return [
        finding
        for wheel, bundled in pairs
        for finding in check_documents(wheel.name, wheel.filename, bundled.unmerged)
    ]


def assemble(
    parts: Parts,
    path: Path,
    target: Target,
    options: LayerOptions,
    store: WheelStore,
    prove: Proof | None = None,
) -> tuple[Archive, Sequence[Finding]]:
    """Write the zip to `path`; raise an InspectionError, without a zip, for what would fail in Lambda.

    `prove` is called with the files of the zip and those that `exclude_files` leaves out, where there are some.
    """
    entries, conflicts = merge([read.entries for read in parts.all])
    built_here = {read.wheel.filename for read in parts.all if read.wheel.built_here}
    refuse_secret_entries((entry for entry in entries if entry.origin in built_here), options.secrets)
    sizes = Counter[str]()
    for read in parts.all:
        # A folder without a pyproject.toml may have the name of one of its dependencies.
        sizes[read.wheel.name] += read.facts.unzipped
    findings = _inspect(parts, conflicts, sizes, target, options)
    excluded = [entry for read in parts.wheels for entry in read.excluded]
    if prove and excluded:
        accepted = parse_acknowledgements(options.acknowledge)
        findings = [*findings, *refuse_errors(acknowledge(prove(entries, excluded), accepted))]
    files = {read.wheel: read.entries for read in parts.all}
    if options.compression == "smallest":
        # 1 ms: only for this compression.
        from constructs_lib.core.wheels.recompress import smallest

        entries, _ = merge(smallest(files, store))
    if options.compile_bytecode:
        # 5 ms, with the engine for containers: only for bytecode.
        from constructs_lib.core.layer.bytecode.compiled import with_bytecode

        entries = with_bytecode(files, entries, target, options, store, parts.place.mount)
        sizes["all bytecode"] = sum(entry.size for entry in entries) - sum(sizes.values())
        too_large = refuse_errors(check_size(sizes, parts.place.noun))
        findings = [*(finding for finding in findings if finding.id != "nearly-too-large"), *too_large]
    return write_archive(entries, path), findings


def _inspect(
    parts: Parts,
    conflicts: Sequence[Conflict],
    sizes: Mapping[str, int],
    target: Target,
    options: LayerOptions,
) -> Sequence[Finding]:
    """Look for what would fail in Lambda; `sizes` are the unzipped bytes of each distribution."""
    facts = {read.wheel.filename: read.facts for read in parts.all}
    noun = parts.place.noun
    project = parts.project
    findings = [
        *(_check_project(project, conflicts, parts.wheels) if project else []),
        *check_platform(facts, target),
        *check_size(sizes, noun),
        *check_conflicts(
            [row for row in conflicts if not project or row.kept != project.wheel.filename], noun
        ),
        *check_records(facts),
        *check_boto3({read.wheel.name for read in parts.wheels}, noun),
        *_check_emptied(parts),
    ]
    return refuse_errors(acknowledge(findings, parse_acknowledgements(options.acknowledge)))


def _check_emptied(parts: Parts) -> list[Finding]:
    return [
        finding
        for read in parts.wheels
        if read.excluded
        for finding in check_emptied(read.wheel.name, Division(read.entries, read.excluded), parts.place.root)
    ]


def _check_project(
    project: LayerWheel, conflicts: Sequence[Conflict], wheels: Sequence[LayerWheel]
) -> list[Finding]:
    # 1 ms: only for a function.
    from constructs_lib.core.inspect.project_checks import check_project

    paths = {read.wheel.filename: [entry.name for entry in read.entries] for read in wheels}
    return check_project(conflicts, project.wheel.filename, [entry.name for entry in project.entries], paths)
