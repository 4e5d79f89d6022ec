"""The command that installs what an extra brings."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from constructs_lib.core.extras import install_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("extra", "command"),
    [
        ("aws", "pip install 'boto3>=1.41' 'botocore>=1.41'"),
        ("report", "pip install 'jinja2>=3.1' 'rich>=13'"),
        ("poetry", "pip install 'poetry-plugin-export>=1.10' 'poetry>=2.3'"),
    ],
)
def test_it_names_the_libraries_and_not_this_package(extra: str, command: str) -> None:
    """So it works for a wheel, a checkout and a copy alike."""
    assert install_command(extra) == command


def test_without_metadata_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy in a folder has no metadata; an unknown extra brings nothing."""

    def absent(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    assert install_command("nothing") == "install this package with its extra 'nothing'"
    monkeypatch.setattr(metadata, "requires", absent)
    assert install_command("cli") == "install this package with its extra 'cli'"


def test_no_text_tells_to_install_a_name_that_is_not_ours() -> None:
    """The name is on no index: whoever registers it would run code on the machines of those who follow the text."""
    install = re.compile(
        r"(pip|uv|pipx|poetry)\s+(tool\s+)?(install|add|run)\s[^\n`]*(?<![./\w])constructs[-_]lib\b(?!/)"
    )
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("constructs_lib/**/*.py")]
    assert len(texts) > 200
    told = {
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in texts
        for found in install.finditer(path.read_text(encoding="utf-8"))
    }
    assert told == set()
    assert install.search("pip install 'constructs-lib[cli]'")
    assert not install.search("pip install './constructs_lib[cli]'")
