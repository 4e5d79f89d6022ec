"""Git dependencies of a file that is no lock: branches and tags, which may move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.lock.locked import LockedGit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_lib.core.lock.locked import Locked, Manifest


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
