"""Build folders: they are cleared before a build, on a terminal after a question."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from constructs_lib.core.errors import ProjectError, StoreError


def clean_build_directory(
    dir_build: str | Path, folder_alias: str = "build", skip_prompt: bool = False
) -> None:
    """Remove a folder with all that is in it, if it exists; `folder_alias` names it in the question."""
    folder = Path(dir_build)
    if folder.exists():
        remove_folder(folder, skip_prompt=skip_prompt, alias=folder_alias)


def prompt_to_confirm_before_remove_dir(dir_path: str | Path) -> bool:
    """Ask on the terminal if a folder may be removed; True for `y` and `yes`."""
    return _ask(f"Remove {dir_path}? [y/N] ")


def remove_folder(folder: Path, *, skip_prompt: bool, alias: str = "") -> None:
    """Remove what an earlier build left in `folder`; on a terminal ask first, unless `skip_prompt` is set."""
    name = f"the {alias} folder {folder}" if alias else str(folder)
    if (
        not skip_prompt
        and sys.stdin is not None
        and sys.stdin.isatty()
        and not _ask(f"Remove {name}? [y/N] ")
    ):
        raise ProjectError(
            "build-declined",
            f"{folder} was kept as you asked, so nothing was built: skip_prompt=True does not ask",
        )
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StoreError(
            "folder-unremovable",
            f"{folder} cannot be removed: {error.strerror or error} ({error.filename or folder})",
        ) from None


def _ask(question: str) -> bool:
    return input(question).strip().lower() in ("y", "yes")
