"""Writing to stdout, which may be closed or on a full disk. Nothing slow is imported: the help is written so too."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from constructs_lib.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def writing_stdout() -> Iterator[None]:
    """Turn a failure to write stdout into a StoreError; a reader that went away is none."""
    if sys.stdout is None:  # Python's sign for a closed one
        raise _unwritable("it is closed")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail once more when Python ends, with a traceback.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _unwritable(error.strerror or str(error)) from None


def _unwritable(reason: str) -> StoreError:
    return StoreError(
        "output-unwritable",
        f"stdout cannot be written: {reason}; redirect it to a file on a disk with room, or to {os.devnull}",
    )
