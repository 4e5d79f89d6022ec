"""Entries in, bytes out: the one zip writer."""

from constructs_lib.core.archive.entry import Entry, compress
from constructs_lib.core.archive.merge import Conflict, merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.tree import tree_entries
from constructs_lib.core.archive.wheel import wheel_entries
from constructs_lib.core.archive.writer import Archive, write_archive

__all__ = [
    "Archive",
    "Conflict",
    "Entry",
    "compress",
    "merge",
    "refuse_secret_entries",
    "tree_entries",
    "wheel_entries",
    "write_archive",
]
