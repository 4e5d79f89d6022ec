"""What would fail in Lambda, found before anything is deployed."""

from constructs_lib.core.inspect.bytecode import Bytecode, find_bytecode
from constructs_lib.core.inspect.contents import check_conflicts, check_records, check_size
from constructs_lib.core.inspect.elf import ElfFile, read_elf
from constructs_lib.core.inspect.facts import Facts, wheel_facts
from constructs_lib.core.inspect.findings import Finding, refuse_errors
from constructs_lib.core.inspect.loadable import check_platform, check_tags
from constructs_lib.core.inspect.needs import check_boto3, check_ignored
from constructs_lib.core.inspect.record import RecordGap, find_gap, listed_sizes

__all__ = [
    "Bytecode",
    "ElfFile",
    "Facts",
    "Finding",
    "RecordGap",
    "check_boto3",
    "check_conflicts",
    "check_ignored",
    "check_platform",
    "check_records",
    "check_size",
    "check_tags",
    "find_bytecode",
    "find_gap",
    "listed_sizes",
    "read_elf",
    "refuse_errors",
    "wheel_facts",
]
