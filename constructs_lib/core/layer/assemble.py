"""Wheels → layer.zip, and what was found in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.entry import Compression, level_of
from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.inspect.facts import wheel_facts
from constructs_lib.core.inspect.findings import refuse_errors
from constructs_lib.core.inspect.layer_checks import check_conflicts, check_records, check_size
from constructs_lib.core.inspect.loadable import check_platform
from constructs_lib.core.inspect.needs import check_boto3
from constructs_lib.core.target import LAYER_ROOT
from constructs_lib.core.wheels.contents import wheel_contents
from constructs_lib.core.wheels.recompress import smallest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.inspect.facts import Facts
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.build_in_container import Container
    from constructs_lib.core.wheels.wheel import Wheel


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
        from constructs_lib.core.layer.bytecode.compiled import with_bytecode

        entries = with_bytecode(groups, entries, target, store, packing.container, packing.compression)
        sizes["all bytecode"] = sum(each.size for each in entries) - sum(sizes.values())
        grown = refuse_errors(check_size(sizes))
        findings = [*(each for each in findings if each.id != "nearly-too-large"), *grown]
    return write_archive(entries, path), findings
