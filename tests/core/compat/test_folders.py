"""Folders are cleared before a build; on a terminal somebody is asked."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.folders import (
    clean_build_directory,
    prompt_to_confirm_before_remove_dir,
    remove_folder,
)
from constructs_lib.core.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{text}\n"))


def make(folder: Path) -> Path:
    folder.mkdir()
    (folder / "old.py").touch()
    return folder


def test_a_folder_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    """Off a terminal nobody is asked, and a folder that does not exist need not be removed."""
    folder = make(tmp_path / "build")
    clean_build_directory(folder, "source")
    clean_build_directory(folder, "source")
    assert not folder.exists()


def test_the_question_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any answer but yes keeps it, which ends the build."""
    folder = make(tmp_path / "build")
    answer(monkeypatch, "n")
    with pytest.raises(ProjectError, match="was kept as you asked") as caught:
        clean_build_directory(folder, "source")
    assert caught.value.id == "build-declined"
    assert f"Remove the source folder {folder}? [y/N]" in capsys.readouterr().out
    answer(monkeypatch, "y")
    clean_build_directory(folder, "source")
    assert not folder.exists()


def test_skip_prompt_asks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "build")
    answer(monkeypatch, "n")
    clean_build_directory(folder, "source", skip_prompt=True)
    assert not folder.exists()


@pytest.mark.parametrize(("text", "agreed"), [("y", True), (" YES ", True), ("", False), ("yep", False)])
def test_the_question_alone(text: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, text)
    assert prompt_to_confirm_before_remove_dir("build") is agreed


def test_what_cannot_be_removed_is_one_line(tmp_path: Path) -> None:
    """With the reason and the path."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StoreError, match=r"file cannot be removed: Not a directory") as caught:
        remove_folder(file, skip_prompt=True)
    assert caught.value.id == "folder-unremovable"
