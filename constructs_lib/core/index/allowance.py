"""The bytes and seconds that one answer of a server may take, so that the server does not decide how long we work."""

from __future__ import annotations

import time

from constructs_lib.core.errors import FetchError

LARGEST = 2_000_000_000
"""Bytes of a file whose size is not known; Lambda takes an eighth of that."""
_GRACE = 120.0
"""Seconds for an answer of any size."""
_SLOWEST = 10_000
"""Bytes a second, on average after the grace: a slower line would need half an hour for a numpy."""
_LONGEST = 3600.0
"""Seconds for an answer whose size neither the lock nor the server names."""


class Allowance:
    """The allowance of one download or page; `failed` begins the line of its errors."""

    def __init__(self, failed: str, size: int | None = None, largest: int | None = None) -> None:
        self._failed = failed
        self._size = size
        self._largest = (largest or LARGEST) if size is None else size
        self._begin = time.monotonic()
        self._seconds = _LONGEST if size is None else _seconds(size)
        self._received = 0

    def announce(self, length: int | None) -> None:
        """Compare the size that the server announces, before anything is received."""
        if length is None:
            return
        if self._size is not None and length != self._size:
            raise self._other_size(f"has {length} bytes")
        if length > self._largest:
            raise self._too_large()
        self._seconds = _seconds(length)

    def take(self, count: int) -> None:
        """Count received bytes; raise a FetchError as soon as there are too many, or when the time is over."""
        self._received += count
        if self._received > self._largest:
            raise (
                self._too_large()
                if self._size is None
                else self._other_size(f"has more than {self._size} bytes")
            )
        if time.monotonic() > self._begin + self._seconds:
            raise FetchError(
                "download-failed",
                f"{self._failed}: {self._received} bytes came in {self._seconds:.0f} s, and the rest is not waited for; "
                f"try again, or use a faster mirror",
            )

    def close(self) -> None:
        """Compare the number of received bytes with the locked one."""
        if self._size is not None and self._received != self._size:
            raise self._other_size(f"has {self._received} bytes")

    def _too_large(self) -> FetchError:
        return FetchError(
            "download-too-large",
            f"{self._failed}: it has more than {self._largest / 1e6:.0f} MB, which is refused",
        )

    def _other_size(self, fact: str) -> FetchError:
        return FetchError(
            "download-changed",
            f"{self._failed}: the file {fact}, the lock records {self._size}. It was not stored; if it was replaced on "
            f"purpose, lock again",
        )


def _seconds(size: int) -> float:
    return _GRACE + size / _SLOWEST
