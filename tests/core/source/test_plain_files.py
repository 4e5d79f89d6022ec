"""The files of a project without a build backend."""

from __future__ import annotations

from pathlib import Path

from constructs_lib.core.project.source_files import LeftOut
from constructs_lib.core.source.plain_files import plain_files
from tests.support.files.sources import write_files


def test_secrets_and_ignored_files_stay_out_and_are_named(tmp_path: Path) -> None:
    """The project's own `.gitignore` counts without a repository; `include` takes an ignored file back."""
    names = ("a.py", "local.py", ".env.local")
    root = write_files(tmp_path / "app", {**dict.fromkeys(names, ""), ".gitignore": "local.py\n.gitignore\n"})
    files, left_out = plain_files(root)
    assert files == [Path("a.py")]
    assert left_out == (
        LeftOut("app", "secret", (".env.local",)),
        LeftOut("app", "ignored", (".gitignore", "local.py")),
    )
    files, left_out = plain_files(root, ["a.py", "local.py"])
    assert (files, left_out) == ([Path("a.py"), Path("local.py")], ())
