"""The name of a fetched tree in errors: its temporary folder is gone when a person reads them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ArtifactError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def shown_as(subject: str, *folders: Path) -> Iterator[None]:
    """Put `subject` in place of each of `folders` in the texts of errors; the innermost folder comes first."""
    try:
        yield
    except ArtifactError as error:
        text = str(error)
        for folder in folders:
            text = text.replace(str(folder), subject)
        error.args = (error.id, printable(text))
        raise
