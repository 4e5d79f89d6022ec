"""Wheels → layer.zip, and what was found in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive import (
    Archive,
    Compression,
    level_of,
    merge,
    refuse_secret_entries,
    smallest,
    write_archive,
)
from constructs_lib.core.archive.wheel import wheel_contents
from constructs_lib.core.constants import LAYER_ROOT
from constructs_lib.core.inspect import (
    check_boto3,
    check_conflicts,
    check_platform,
    check_records,
    check_size,
    refuse_errors,
    wheel_facts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive import Entry
    from constructs_lib.core.inspect import Facts, Finding
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


class Opened(NamedTuple):
    """A wheel with all that has to be known of it."""

    wheel: Wheel
    entries: list[Entry]
    """Its files in the layer."""
    facts: Facts


def open_up(wheel: Wheel, store: WheelStore) -> Opened:
    """Read the wheel's zip, and look into its files unless the store knows what is there."""
    contents = wheel_contents(wheel, LAYER_ROOT)
    return Opened(wheel, contents.entries, wheel_facts(wheel, store, contents))


def assemble(
    opened: Sequence[Opened],
    path: Path,
    target: Target,
    store: WheelStore,
    secrets: Sequence[str],
    packing: Packing,
) -> tuple[Archive, Sequence[Finding]]:
    """Write the layer's zip to `path`; an InspectionError for what would fail in Lambda, and no zip then."""
    wheels = [each.wheel for each in opened]
    groups = {each.wheel: each.entries for each in opened}
    entries, conflicts = merge(groups.values())
    built_here = {wheel.filename for wheel in wheels if wheel.built_here}
    refuse_secret_entries((entry for entry in entries if entry.origin in built_here), secrets)
    by_file = {each.wheel.filename: each.facts for each in opened}
    sizes = {each.wheel.name: each.facts.unzipped for each in opened}
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
