"""The choices about a source zip, as one value that the construct, the core and the command line share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.argument_types import check_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.index.credentials import Credentials


@dataclass(frozen=True)
class SourceOptions:
    """The choices about a source zip; the default is all files of the project."""

    include: Sequence[str] | None = None
    """`.gitignore` patterns of the project's files to take; None is all."""
    exclude: Sequence[str] | None = None
    """Patterns of files to leave out; they win over `include`."""
    credentials: Sequence[Credentials] = ()
    """For the index that the build backend comes from; a file that holds their password is refused."""

    def __post_init__(self) -> None:
        check_fields(self)


SOURCE_DEFAULTS = SourceOptions()
