"""A disk that is full, for real: the operating system refuses to let files grow."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let writing beyond `size` bytes of any file fail with an OSError, as on a full disk."""
    import resource  # Windows has none, and loads this module for its other tests

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
