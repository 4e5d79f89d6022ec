"""Files of the user: read with one error for each problem, and written all at once or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ArtifactError, ProjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO


@contextmanager
def reading(path: str | Path, remedy: str = "", error: type[ArtifactError] = ProjectError) -> Iterator[None]:
    """Turn a failure to read `path` inside the block into an `error`; `remedy` ends its line.

    The ids are `file-missing` and `file-unreadable`; `file-not-utf8` for text that cannot be decoded.
    """
    end = f": {remedy}" if remedy else ""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise error("file-missing", f"{path} does not exist{end}") from None
    except UnicodeDecodeError as problem:
        raise error("file-not-utf8", f"{path} is not UTF-8 at byte {problem.start}{end}") from None
    except OSError as problem:
        raise error("file-unreadable", f"{path} cannot be read: {problem.strerror}{end}") from None


@contextmanager
def atomic_write(path: Path, mode: int = 0o644) -> Iterator[FileIO]:
    """Yield an unbuffered file beside `path`, which takes its place when the block ends without an error.

    The folders above are made. Raises a StoreError (`file-unwritable`); nothing half-written stays.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Mode 0600 until it is whole: what is written may be a secret.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        temporary = Path(name)
        with os.fdopen(handle, "wb", buffering=0) as file:
            yield file
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as problem:
        raise StoreError("file-unwritable", f"{path} cannot be written: {problem.strerror}") from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
