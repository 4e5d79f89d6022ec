"""The export of poetry.lock, by a stand-in for Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.lock.locked import LockOptions
from tests.support.files.locks import Notes, names

if TYPE_CHECKING:
    from pathlib import Path


def test_poetry_is_asked_like_this(project: Path, tool: Path) -> None:
    """The golden argument list; a second build of the same inputs starts no Poetry, a changed lock does."""
    (project / "poetry.lock").write_text("one")
    notes = Notes()
    options = LockOptions(extras=("fast",), groups=("dev",), only_groups=("web",))
    names(project, options, notes)
    wanted = ["export", "--format=pylock.toml", "--no-interaction", "--no-ansi"]
    wanted += ["--extras=fast", "--with=dev", "--only=web"]
    assert (tool / "arguments").read_text().splitlines() == wanted
    names(project, options, notes)
    assert (tool / "arguments").read_text().splitlines() == wanted
    (project / "poetry.lock").write_text("two")
    names(project, options, notes)
    assert (tool / "arguments").read_text().splitlines() == wanted * 2


def test_an_old_poetry_is_told_apart(project: Path, tool: Path) -> None:
    """Without the export plugin the line says what to install."""
    (project / "poetry.lock").write_text("")
    (tool / "poetry").write_text(
        "#!/bin/sh\necho 'The requested command \"export\" does not exist.' >&2\necho 'command \"export\" does not exist' >&2\nexit 1\n"
    )
    with pytest.raises(ToolError, match=r"poetry cannot export .* poetry-plugin-export 1\.10"):
        names(project)
