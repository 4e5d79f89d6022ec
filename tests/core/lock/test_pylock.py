"""A pylock.toml needs no export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from tests.support.files.locks import PYLOCK, names

if TYPE_CHECKING:
    from pathlib import Path


def test_pylock_selects_extras_and_groups(project: Path) -> None:
    """Markers of PEP 751 choose; what the file does not have is refused by name."""
    (project / "pylock.toml").write_text(PYLOCK)
    assert names(project, LockOptions(extras=("fast",), groups=("dev",))) == ["helper", "main", "quick"]
    with pytest.raises(ProjectError, match="has no extra 'slow': it has fast"):
        names(project, LockOptions(extras=("slow",)))
    with pytest.raises(ProjectError, match="has no group 'docs': it has dev"):
        names(project, LockOptions(groups=("docs",)))


def test_extras_and_groups_are_found_by_any_spelling(project: Path) -> None:
    """Their names are normalized on both sides (PEP 685, 735)."""
    spelled = PYLOCK.replace('["fast"]', '["fancy-extra"]').replace('["dev"]', '["My_Group"]')
    spelled = spelled.replace("'fast'", "'fancy-extra'").replace("'dev'", "'my.group'")
    (project / "pylock.toml").write_text(spelled)
    for extra in ("Fancy_Extra", "fancy-extra"):
        for group in ("my-group", "My_Group"):
            assert names(project, LockOptions(extras=(extra,), groups=(group,))) == [
                "helper",
                "main",
                "quick",
            ]


def test_groups_alone_cannot_be_selected(project: Path) -> None:
    (project / "pylock.toml").write_text(PYLOCK)
    with pytest.raises(ProjectError, match=r"cannot be asked for only_groups=\('dev',\): use groups"):
        names(project, LockOptions(only_groups=("dev",)))
