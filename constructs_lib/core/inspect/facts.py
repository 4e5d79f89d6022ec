"""The facts of one wheel: computed once and kept in the store, since a wheel never changes."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from constructs_lib.core.inspect.elf import ElfFile, read_elf
from constructs_lib.core.inspect.modules import Modules, find_modules
from constructs_lib.core.inspect.pyc import Bytecode, find_bytecode
from constructs_lib.core.metadata.record import RecordGap, wheel_gap
from constructs_lib.core.wheels.contents import member_content, refuse_bomb, wheel_contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.contents import Contents
    from constructs_lib.core.wheels.wheel import Wheel

FACTS_SCHEMA = 3
THREADS = 2
_WORTH_THREADS = 4_000_000
"""Bytes of files from which on threads save more time than their start takes."""
_PYC_HEAD = 4


class _PycHead(NamedTuple):
    path: str
    head: bytes
    """The first bytes of the `.pyc` file."""


_Scan: TypeAlias = ElfFile | _PycHead


class Facts(NamedTuple):
    """The properties of a wheel's files, the same for every target."""

    unzipped: int
    """Bytes of all installed files."""
    elf: tuple[ElfFile, ...] = ()
    bytecode: tuple[Bytecode, ...] = ()
    """Modules without a source."""
    record: RecordGap | None = None
    """The difference between the files and the RECORD, if there is one."""
    modules: Modules = Modules()
    """The top-level modules."""


def wheel_facts(wheel: Wheel, store: WheelStore, contents: Contents | None = None) -> Facts:
    """Return the facts of a wheel, from the store or by unpacking every file once, which checks each to its end.

    Raises a WheelError for a damaged file, also for one that stays out of a layer, and for a wheel whose metadata are
    another distribution's. `contents`, if the caller has read them already, spare reading the wheel's zip.
    """
    note = store.read_note("facts", wheel.sha256)
    if note is not None and note.get("schema") == FACTS_SCHEMA:
        return _from_note(note)
    # Only for a wheel that the store has no facts of.
    from constructs_lib.core.metadata.identity import refuse_other_identity

    contents = contents or wheel_contents(wheel)
    refuse_other_identity(wheel, contents)
    for member in contents.left_out:
        member_content(wheel, member)
    prefix = contents.prefix
    unprefixed = (entry._replace(name=entry.name.removeprefix(prefix)) for entry in contents.entries)
    facts = find_facts(unprefixed, wheel.filename, wheel_gap(contents.members, wheel.filename))
    store.write_note("facts", wheel.sha256, {"schema": FACTS_SCHEMA, **_to_note(facts)})
    return facts


def find_facts(entries: Iterable[Entry], origin: str, record: RecordGap | None = None) -> Facts:
    """Unpack the files of `origin` and return their facts; a WheelError if one of them cannot be unpacked."""
    entries = list(entries)
    unzipped = sum(entry.size for entry in entries)
    refuse_bomb(origin, unzipped)
    scans = _scan(entries) if unzipped < _WORTH_THREADS else _scan_in_threads(entries)
    elf = sorted((scan for scan in scans if isinstance(scan, ElfFile)), key=lambda file: file.path)
    heads = {scan.path: scan.head for scan in scans if isinstance(scan, _PycHead)}
    bytecode = find_bytecode(heads, {entry.name for entry in entries}) if heads else ()
    return Facts(unzipped, tuple(elf), bytecode, record, find_modules(entry.name for entry in entries))


def _scan_in_threads(entries: Iterable[Entry]) -> list[_Scan]:
    """Scan the largest files first, each thread the next one that is free.

    One large wheel is often the last to arrive, and other cores have nothing to do by then.
    """
    queue = deque(sorted(entries, key=lambda entry: -entry.size))

    def taken() -> Iterator[Entry]:
        with suppress(IndexError):
            while True:
                yield queue.popleft()

    with ThreadPoolExecutor(THREADS, thread_name_prefix="unpack") as pool:
        futures = [pool.submit(_scan, taken()) for _ in range(THREADS)]
    return [scan for future in futures for scan in future.result()]


def _scan(entries: Iterable[Entry]) -> list[_Scan]:
    return [scan for scan in map(_scan_entry, entries) if scan is not None]


def _scan_entry(entry: Entry) -> _Scan | None:
    """Unpack one file; None if it is neither an ELF file nor bytecode."""
    content = entry.content()
    if (elf := read_elf(entry.name, content)) is not None:
        return elf
    return _PycHead(entry.name, bytes(content[:_PYC_HEAD])) if entry.name.endswith(".pyc") else None


def _to_note(facts: Facts) -> dict[str, Any]:
    return {
        "unzipped": facts.unzipped,
        "elf": [file._asdict() for file in facts.elf],
        "bytecode": [row._asdict() for row in facts.bytecode],
        "record": facts.record._asdict() if facts.record else None,
        "modules": facts.modules._asdict(),
    }


def _from_note(note: dict[str, Any]) -> Facts:
    elf = (ElfFile(**{**row, "glibc": tuple(row["glibc"]) if row["glibc"] else None}) for row in note["elf"])
    bytecode = (Bytecode(**row) for row in note["bytecode"])
    record = RecordGap(**note["record"]) if note["record"] else None
    modules = Modules(**{kind: tuple(names) for kind, names in note["modules"].items()})
    return Facts(note["unzipped"], tuple(elf), tuple(bytecode), record, modules)
