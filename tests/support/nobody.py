"""Somebody without root's rights, for tests that root runs as well."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65_534
# linux/prctl.h and linux/capability.h
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root loses its rights over files of others; who has none stays who he is."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@contextmanager
def public_folder() -> Iterator[Path]:
    """Make a folder that every user may enter, other than `tmp_path`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def without_rights_over_modes() -> None:
    """Let a file's mode bind root too, in a process that is about to start a program; others are bound anyway."""
    if sys.platform == "linux" and os.geteuid() == 0:
        for capability in _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
