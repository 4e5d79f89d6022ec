"""The software that a wheel brings beside its own, read once and kept in the store.

Its documents in `*.dist-info/sboms/` (PEP 770) name what was compiled in, `*.libs/` holds what auditwheel copied.
Source: the PyPA specification "Binary distribution format", section "The .dist-info/sboms/ directory".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_lib.core.archive.entry import shown
from constructs_lib.core.inspect.findings import Finding, and_more
from constructs_lib.core.sbom.bundled import Bundled, Component, Unmerged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.contents import Contents
    from constructs_lib.core.wheels.wheel import Wheel

BUNDLED_SCHEMA = 1


def read_bundled(wheel: Wheel, store: WheelStore, contents: Contents) -> Bundled:
    """Read the store's note, else the wheel; no document makes it fail."""
    note = store.read_note("bundled", wheel.sha256)
    if note is not None and note.get("schema") == BUNDLED_SCHEMA:
        return _from_note(note)
    # 5 ms: only for a wheel that the store has no note of.
    from constructs_lib.core.sbom.merge_documents import merge_documents

    bundled = merge_documents(wheel, contents)
    store.write_note("bundled", wheel.sha256, {"schema": BUNDLED_SCHEMA, **bundled._asdict()})
    return bundled


def _from_note(note: dict[str, Any]) -> Bundled:
    # JSON has no tuples, and the values of an artifact are compared and hashed.
    return Bundled(
        tuple(Component._make(map(_frozen, row)) for row in note["components"]),
        tuple(note["needs"]),
        tuple(Unmerged(*row) for row in note["unmerged"]),
    )


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def check_documents(name: str, filename: str, unmerged: Sequence[Unmerged]) -> list[Finding]:
    """Return a note for a wheel with documents that are not merged; `name` is its distribution's."""
    if not unmerged:
        return []
    first = unmerged[0]
    return [
        Finding(
            "sbom-not-merged",
            f"{filename}: {shown(first.path)}{and_more([row.path for row in unmerged])} is not merged into the SBOM: "
            f"{first.reason}; scan it by itself, or tell the publisher of {name}",
            name,
        )
    ]
