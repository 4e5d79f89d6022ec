"""A build that fails: the backend's own reason, once for each backend, and nothing is left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.progress import QUIET
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.build_here import BuildsHere
from tests.support.files.backends import BACKENDS, HATCH, PACKAGE, git, hatchling, toml, write_repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def changed(name: str, before: str, after: str, file: str = "pyproject.toml") -> dict[str, str]:
    text = BACKENDS[name][file]
    assert before in text
    return {**BACKENDS[name], file: text.replace(before, after)}


BROKEN = {
    "hatchling": (
        changed("hatchling-force-include", "../shared", "../missing"),
        "FileNotFoundError: Forced include not found: {root}/missing",
    ),
    "hatch-polylith": (
        changed("hatch-polylith", "../components/acme/mail", "../components/acme/missing"),
        "FileNotFoundError: Forced include not found: {root}/components/acme/missing",
    ),
    "hatch-vcs": (
        changed("hatch-vcs", 'version-file = "src/pkg/_version.py"', ""),
        "ValueError: Option `version-file` for build hook `vcs` is required",
    ),
    "uv-dynamic-versioning": (
        changed("uv-dynamic-versioning", HATCH, f'{HATCH}[tool.uv-dynamic-versioning]\nvcs = "cvs"\n'),
        "'cvs' is not a valid Vcs",
    ),
    "setuptools": (
        changed("setuptools-package-dir", "../shared", "../missing"),
        "error: package directory '../missing' does not exist",
    ),
    "setup-py": (
        changed("setup-py", "setup(", "raise ValueError('no luck')\nsetup(", "setup.py"),
        "ValueError: no luck",
    ),
    "setup-cfg": (
        changed("setup-cfg", "version = 1.0", "version = file: MISSING", "setup.cfg"),
        "Version loaded from file: MISSING does not comply with PEP 440:",
    ),
    "setuptools-scm": (
        changed("setuptools-scm", 'root = ".."', 'root = "../missing"'),
        "LookupError: setuptools-scm was unable to detect version for {root}/missing.",
    ),
    "setuptools-git-versioning": (
        changed("setuptools-git-versioning", "enabled = true", 'enabled = true\ntemplate = "{nothing}"'),
        "'nothing'",
    ),
    "poetry-core": (
        changed("poetry-core", 'include = "pkg"', 'include = "missing"'),
        "ValueError: {root}/proj/src/missing does not contain any element",
    ),
    "poetry-dynamic-versioning": (
        changed("poetry-dynamic-versioning", "enable = true", 'enable = true\npattern = "("'),
        "ValueError: The pattern does not contain the capture group",
    ),
    "pdm-backend": (
        changed("pdm-backend", 'version = "1.0"', 'version = "1.0"\nreadme = "missing.md"'),
        "project.readme.file: Readme file not found ('missing.md')",
    ),
    "flit": (
        changed("flit", '"""A package."""', "boom = 1 / 0", "src/pkg/__init__.py"),
        'File "{root}/proj/src/pkg/__init__.py", line 1 | ZeroDivisionError: division by zero',
    ),
    "uv_build": (
        changed("uv_build", 'name = "pkg"', 'name = "other"'),
        "Expected a Python module at: {root}/proj/src/other/__init__.py",
    ),
    "versioningit": (
        changed("versioningit", 'default-tag = "v0"', 'method = "cvs"'),
        "ConfigError: versioningit.vcs entry point 'cvs' not found",
    ),
    "maturin": (
        {"pyproject.toml": toml('["maturin"]', "maturin"), **PACKAGE},
        "Can't find {root}/proj/Cargo.toml (in {root}/proj)",
    ),
    "no such backend": (
        {"pyproject.toml": hatchling(HATCH).replace('"hatchling"', '"hatchling>=999"'), **PACKAGE},
        "you require hatchling>=999",
    ),
}


def failure(project: Path, *credentials: Credentials) -> str:
    before = git(project, "status", "--porcelain", "--ignored")
    store = WheelStore(project.parents[1] / "store")
    with pytest.raises(ToolError) as caught:
        BuildsHere(store, QUIET, Access(credentials)).directory(project)
    assert caught.value.id == "build-failed"
    assert git(project, "status", "--porcelain", "--ignored") == before
    return str(caught.value)


@pytest.mark.parametrize("name", BROKEN)
def test_a_failed_build_gives_the_backends_reason(name: str, tmp_path: Path) -> None:
    """One line with the project's own paths; the work tree is what it was."""
    files, reason = BROKEN[name]
    root = tmp_path / "repo"
    line = failure(write_repository(root, files))
    assert line.startswith(f"{root}/proj cannot be built: ")
    # uv breaks its lines where a terminal would, which depends on the length of the path.
    assert reason.replace("{root}", str(root)).replace(" | ", " ") in line.replace(" | ", " ")
    assert not re.search(r"\n|constructs-lib-|site-packages", line)


def test_a_password_in_the_reason_is_not_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the line nor in the log: a backend sees the variables of uv."""
    caplog.set_level("DEBUG", "constructs_lib")
    files = dict(BACKENDS["hatchling-hook"])
    files["hatch_build.py"] += (
        "        import os\n        raise ValueError(os.environ['UV_INDEX_CORP_PASSWORD'])\n"
    )
    login = Credentials("corp", "https://index.example/simple", "me", "canary-password")
    line = failure(write_repository(tmp_path / "repo", files), login)
    assert "ValueError: " in line
    assert "canary" not in line + caplog.text
