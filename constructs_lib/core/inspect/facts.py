"""What is inside one wheel, found once and kept in the store: it never changes."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.errors import WheelError
from constructs_lib.core.inspect.elf import ElfFile, read_elf
from constructs_lib.core.inspect.pyc import Bytecode, find_bytecode
from constructs_lib.core.metadata.record import RecordGap, wheel_gap
from constructs_lib.core.wheels.contents import wheel_contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.contents import Contents
    from constructs_lib.core.wheels.wheel import Wheel

FACTS_SCHEMA = 2
THREADS = 2
_LARGE = 4_000_000
"""Bytes of files from which on starting threads takes less time than they save."""


@dataclass(frozen=True)
class Facts:
    """What a wheel brings, for every target."""

    unzipped: int
    """Bytes of all installed files."""
    elf: tuple[ElfFile, ...] = ()
    bytecode: tuple[Bytecode, ...] = ()
    """Modules without a source."""
    record: RecordGap | None = None
    """How its files differ from its RECORD, if they do."""


def wheel_facts(wheel: Wheel, store: WheelStore, contents: Contents | None = None) -> Facts:
    """Unpack every file of the wheel once, checking its checksum, and note what matters to Lambda.

    `contents` spare reading the wheel's zip where they are known.
    """
    note = store.read_note("facts", wheel.sha256)
    if note is not None and note.get("schema") == FACTS_SCHEMA:
        return _from_note(note)
    members, entries, prefix = contents or wheel_contents(wheel)
    inside = (entry._replace(name=entry.name.removeprefix(prefix)) for entry in entries)
    facts = find_facts(inside, wheel.filename, wheel_gap(members, wheel.filename))
    store.write_note("facts", wheel.sha256, {"schema": FACTS_SCHEMA, **asdict(facts)})
    return facts


def find_facts(entries: Iterable[Entry], origin: str, record: RecordGap | None = None) -> Facts:
    """The facts of the files `origin` brings; a WheelError where one of them cannot be unpacked."""
    entries = list(entries)
    unzipped = sum(entry.size for entry in entries)
    if unzipped > 8 * UNZIPPED_LIMIT:
        msg = f"{origin} unpacks to {unzipped} bytes, Lambda takes {UNZIPPED_LIMIT}: it was not unpacked to look inside"
        raise WheelError(msg)
    looked = _look_into(entries) if unzipped < _LARGE else _look_together(entries)
    elf = sorted((each for each in looked if isinstance(each, ElfFile)), key=lambda each: each.path)
    heads = dict(each for each in looked if isinstance(each, tuple))
    bytecode = find_bytecode(heads, {entry.name for entry in entries}) if heads else ()
    return Facts(unzipped, tuple(elf), bytecode, record)


def _look_together(entries: Iterable[Entry]) -> Iterable[ElfFile | tuple[str, bytes]]:
    """One large wheel is often the last to arrive, so threads share it: each takes the largest file that is left."""
    waiting = deque(sorted(entries, key=lambda entry: -entry.size))

    def taken() -> Iterator[Entry]:
        with suppress(IndexError):
            while True:
                yield waiting.popleft()

    with ThreadPoolExecutor(THREADS, thread_name_prefix="unpack") as pool:
        crew = [pool.submit(_look_into, taken()) for _ in range(THREADS)]
    return [each for one in crew for each in one.result()]


def _look_into(entries: Iterable[Entry]) -> list[ElfFile | tuple[str, bytes]]:
    return [each for each in map(_look, entries) if each is not None]


def _look(entry: Entry) -> ElfFile | tuple[str, bytes] | None:
    """What the file is, if that matters: an ELF file, or bytecode by its name and beginning."""
    content = entry.content()
    if (found := read_elf(entry.name, content)) is not None:
        return found
    return (entry.name, bytes(content[:4])) if entry.name.endswith(".pyc") else None


def _from_note(note: dict[str, Any]) -> Facts:
    elf = (ElfFile(**{**row, "glibc": tuple(row["glibc"]) if row["glibc"] else None}) for row in note["elf"])
    bytecode = (Bytecode(**row) for row in note["bytecode"])
    record = RecordGap(**note["record"]) if note["record"] else None
    return Facts(note["unzipped"], tuple(elf), tuple(bytecode), record)
