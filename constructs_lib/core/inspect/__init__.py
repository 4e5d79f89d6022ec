"""What would fail in Lambda, found before anything is deployed."""

from constructs_lib.core.inspect.elf import ElfFile, read_elf
from constructs_lib.core.inspect.facts import Facts, all_facts, wheel_facts
from constructs_lib.core.inspect.findings import (
    Finding,
    check_conflicts,
    check_platform,
    check_size,
    check_tags,
)

__all__ = [
    "ElfFile",
    "Facts",
    "Finding",
    "all_facts",
    "check_conflicts",
    "check_platform",
    "check_size",
    "check_tags",
    "read_elf",
    "wheel_facts",
]
