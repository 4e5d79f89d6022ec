"""The places that the wheels of one build come from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.core.progress import QUIET, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.container import Container


class WheelSource:
    """The store, index and builders that the wheels of one build come from."""

    def __init__(
        self,
        target: Target,
        store: WheelStore,
        progress: Progress = QUIET,
        container: Container | None = None,
        credentials: Sequence[Credentials] = (),
        project: Project | None = None,
        lock_folder: Path | None = None,
    ) -> None:
        self.target = target
        self.store = store
        self.progress = progress
        self.container = container
        """Builds source distributions, and path dependencies that do not become a pure wheel on this machine; without
        one, only sources that become a pure wheel are built."""
        self.credentials = credentials
        self.project = project
        """Its pyproject.toml names indexes; its settings for uv hold for builds."""
        self.lock_folder = lock_folder
        """The folder of the lock file, whose pyproject.toml may name indexes too."""

    @cached_property
    def access(self) -> Access:
        """The credentials for the index: those above, and those of this machine."""
        # 3 ms, and pyproject.toml is read: only where something is fetched or built.
        from constructs_lib.core.index.auth import Access
        from constructs_lib.core.index.declared import indexes_of

        project = self.project
        if project is None:
            return Access(self.credentials)
        return Access(self.credentials, indexes_of(project, self.lock_folder or project.root), project.root)
