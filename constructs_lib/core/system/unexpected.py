"""The door for failures that no code expects: one line that names the input, with the traceback at hand."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST_REASON = 160


class UnexpectedError(ArtifactError):
    """A fault of this library, or an input so odd that no check knows it; `__cause__` is what was raised."""


@contextmanager
def guarding(subject: str | Path) -> Iterator[None]:
    """Turn every exception inside the block that is no ArtifactError into an UnexpectedError about `subject`."""
    try:
        yield
    except ArtifactError:
        raise
    except Exception as error:
        raise unexpected(error, subject) from error


def unexpected(error: Exception, subject: str | Path) -> UnexpectedError:
    """Return the error for an exception that nobody caught; `subject` is the input at work."""
    lines = str(error).strip().splitlines()
    reason = redact(lines[0] if lines else "")[:_LONGEST_REASON]
    return UnexpectedError(
        "unexpected-failure",
        f"{subject}: unexpected {type(error).__name__}{': ' if reason else ''}{reason}. This is a fault of "
        f"constructs-lib, or a very odd input: please report it with the traceback (-v; at synth CDK_DEBUG=1)",
    )


def traceback_of(error: BaseException, *, always: bool = False) -> str:
    """Return the traceback of what was raised, without credentials.

    An error that is raised on purpose has an empty one, unless `always`.
    """
    if isinstance(error, UnexpectedError) and error.__cause__ is not None:
        return redact("".join(traceback.format_exception(error.__cause__)))
    return redact("".join(traceback.format_exception(error))) if always else ""
