"""Git dependencies of a file that is no lock: branches and tags, which may move."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.core.project.git_access import commit_unknown, git_error, git_missing
from constructs_lib.core.system.process import ExitError
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UV_FAILED = "Git operation failed"
_DEPENDENCY = re.compile(r"`([^`]*git\+[^`]+)`")
_GIT_STDERR = "--- stderr"
_UNKNOWN = ("not our ref", "couldn't find remote ref", "unadvertised object")


@contextmanager
def git_failures(manifest: Path) -> Iterator[None]:
    """Turn a failure of uv to fetch a git dependency of `manifest` into the error of its kind."""
    try:
        yield
    except ExitError as error:
        text = error.stderr
        if _UV_FAILED not in text:
            raise
        match = _DEPENDENCY.search(text)
        subject = f"{match[1] if match else 'a git dependency'} in {manifest}"
        if "Git executable not found" in text:
            raise git_missing(subject) from None
        if any(words in text for words in _UNKNOWN):
            raise commit_unknown(subject) from None
        raise git_error(subject, text.rpartition(_GIT_STDERR)[2]) from None


def moving_reference(manifest: Path, name: str, url: str, commit: str, revision: str | None) -> str:
    """Return a warning for a git dependency that was not asked for by its full commit; else an empty text."""
    if revision is not None and revision.lower() == commit.lower():
        return ""
    return (
        f"{manifest} takes {name} from {revision or 'the default branch'} of {redact(url)}, which is commit {commit} "
        f"now: it is not locked, and the layer changes when that moves. Write the commit behind the @ of the address"
    )
