"""Git dependencies of a file that is no lock: branches and tags, which may move."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.core.lock.locked import LockedGit
from constructs_lib.core.project.git_access import commit_unknown, git_error, git_missing
from constructs_lib.core.system.process import ExitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from constructs_lib.core.lock.locked import Locked, Manifest

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


def moving_references(manifest: Manifest, locked: Iterable[Locked]) -> Iterator[str]:
    """Yield a warning for each git dependency that was not asked for by its full commit."""
    for package in locked:
        if isinstance(package, LockedGit) and (package.revision or "").lower() != package.commit:
            reference = package.revision or "the default branch"
            yield (
                f"{manifest.path} takes {package.name} from {reference} of {package.url}, which is commit "
                f"{package.commit} now: it is not locked, and the layer changes when that moves. Write the commit "
                f"behind the @ of the address"
            )
