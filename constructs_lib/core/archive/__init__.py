"""Entries in, bytes out: the one zip writer."""

from constructs_lib.core.archive.entry import Compression, Entry, compress, level_of
from constructs_lib.core.archive.merge import Conflict, merge
from constructs_lib.core.archive.reuse import Reuse
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.smallest import smallest
from constructs_lib.core.archive.tree import tree_entries
from constructs_lib.core.archive.wheel import wheel_entries
from constructs_lib.core.archive.writer import Archive, Member, write_archive

__all__ = [
    "Archive",
    "Compression",
    "Conflict",
    "Entry",
    "Member",
    "Reuse",
    "compress",
    "level_of",
    "merge",
    "refuse_secret_entries",
    "smallest",
    "tree_entries",
    "wheel_entries",
    "write_archive",
]
