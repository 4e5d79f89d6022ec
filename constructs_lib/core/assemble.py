"""Wheels → layer.zip, and what was found in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.archive import (
    Archive,
    Compression,
    level_of,
    merge,
    refuse_secret_entries,
    smallest,
    wheel_entries,
    write_archive,
)
from constructs_lib.core.constants import LAYER_ROOT
from constructs_lib.core.inspect import (
    all_facts,
    check_boto3,
    check_conflicts,
    check_platform,
    check_records,
    check_size,
    refuse_errors,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.inspect import Finding
    from constructs_lib.core.runtime import Target
    from constructs_lib.core.wheels import Container, Wheel, WheelStore


@dataclass(frozen=True)
class Packing:
    """What is done to the files of wheels."""

    compression: Compression
    container: Container | None
    compile_bytecode: bool

    def __post_init__(self) -> None:
        level_of(self.compression)


def assemble(
    wheels: Sequence[Wheel],
    path: Path,
    target: Target,
    store: WheelStore,
    secrets: Sequence[str],
    packing: Packing,
) -> tuple[Archive, Sequence[Finding]]:
    """Write the layer's zip to `path`; an InspectionError for what would fail in Lambda, and no zip then."""
    facts = dict(zip(wheels, all_facts(wheels, store), strict=True))
    groups = {wheel: wheel_entries(wheel, LAYER_ROOT) for wheel in wheels}
    entries, conflicts = merge(groups.values())
    built_here = {wheel.filename for wheel in wheels if wheel.built_here}
    refuse_secret_entries((entry for entry in entries if entry.origin in built_here), secrets)
    by_file = {wheel.filename: fact for wheel, fact in facts.items()}
    sizes = {wheel.name: fact.unzipped for wheel, fact in facts.items()}
    findings = refuse_errors(
        [
            *check_platform(by_file, target),
            *check_size(sizes),
            *check_conflicts(conflicts),
            *check_records(by_file),
            *check_boto3({wheel.name for wheel in wheels}),
        ]
    )
    if packing.compression == "smallest":
        entries, _ = merge(smallest(groups, store))
    if packing.compile_bytecode:
        from constructs_lib.core.bytecode import with_bytecode

        entries = with_bytecode(groups, entries, target, store, packing.container, packing.compression)
        sizes["all bytecode"] = sum(each.size for each in entries) - sum(sizes.values())
        grown = refuse_errors(check_size(sizes))
        findings = [*(each for each in findings if each.id != "nearly-too-large"), *grown]
    return write_archive(entries, path), findings
