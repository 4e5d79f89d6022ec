"""The code of a project that runs in its build, and what only names files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.project.build_backend import read_backend
from tests.support.files.backends import DYNAMIC, HATCH, hatchling, setuptools, system, toml
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path

ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "pkg.about.__version__" }\n'
SETUP = "from setuptools import setup\nsetup(version={})\n"
LITERAL = '__version__ = "1.0"  # x\n'
FROM_ENVIRONMENT = "import os\n__version__ = os.environ['BUILD']\n"
FLIT = toml('["flit_core"]', "flit_core.buildapi", version=DYNAMIC)


def plugin(name: str, text: str) -> dict[str, str]:
    source = f'[tool.hatch.version]\nsource = "{name}"\n'
    return {"pyproject.toml": hatchling(f"{HATCH}{source}{text}", name, version=DYNAMIC)}


def by_git_versioning(text: str) -> dict[str, str]:
    tail = f"[tool.setuptools-git-versioning]\nenabled = true\n{text}"
    return {"pyproject.toml": setuptools(tail, "setuptools-git-versioning", version=DYNAMIC)}


RUNS = {
    "attribute": {"pyproject.toml": setuptools(ATTR, version=DYNAMIC), "src/pkg/about.py": FROM_ENVIRONMENT},
    "attribute of setup.cfg": {
        "pyproject.toml": system('["setuptools"]', "setuptools.build_meta"),
        "setup.cfg": "[metadata]\nversion = attr: pkg.__version__\n",
        "pkg/__init__.py": FROM_ENVIRONMENT,
    },
    "attribute of nowhere": {"pyproject.toml": setuptools(ATTR, version=DYNAMIC)},
    "flit": {"pyproject.toml": FLIT, "pkg.py": FROM_ENVIRONMENT},
    "own module in setup.py": {"setup.py": f"import pkg\n{SETUP.format(1)}"},
    "clock in setup.py": {"setup.py": f"import datetime\n{SETUP.format(1)}"},
    "folder above in setup.py": {
        "setup.py": f"from pathlib import Path\nv = Path(__file__).parent.parent\n{SETUP}"
    },
    "template of uv-dynamic-versioning": plugin(
        "uv-dynamic-versioning", "[tool.uv-dynamic-versioning]\nformat-jinja = '{{ env[\"BUILD\"] }}'\n"
    ),
    "template of setuptools-git-versioning": by_git_versioning('template = "{tag}+{env:BUILD}"\n'),
    "clock of setuptools-git-versioning": by_git_versioning('dev_template = "{tag}.{timestamp:%Y}"\n'),
    "function of setuptools-git-versioning": by_git_versioning('version_callback = "pkg:version"\n'),
    "method of versioningit": plugin(
        "versioningit", '[tool.versioningit.vcs]\nmethod = { module = "own", value = "vcs" }\n'
    ),
    "scheme of hatch-vcs": plugin("vcs", '[tool.hatch.version.raw-options]\nlocal_scheme = "own:scheme"\n'),
}
READS = {
    "attribute": {"pyproject.toml": setuptools(ATTR, version=DYNAMIC), "src/pkg/about.py": LITERAL},
    "flit": {"pyproject.toml": FLIT, "src/pkg/__init__.py": f"'''Text.'''\n{LITERAL}"},
    "flit with a type": {"pyproject.toml": FLIT, "pkg.py": "__version__: str = '1.0'\n"},
    "file of setup.py": {"setup.py": "import io, os.path\n" + SETUP.format("open('VERSION').read()")},
    "template": by_git_versioning('template = "{tag}"\ndev_template = "{tag}.dev{ccount}+git.{sha}"\n'),
    "format": plugin(
        "versioningit", '[tool.versioningit.format]\ndistance = "{base_version}.post{distance}"\n'
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_build_that_runs_code_is_not_repeatable(name: str, tmp_path: Path) -> None:
    """A variable or the clock may decide its result."""
    assert not read_backend(write_files(tmp_path, RUNS[name])).repeatable


@pytest.mark.parametrize("name", READS)
def test_a_build_that_reads_files_is_repeatable(name: str, tmp_path: Path) -> None:
    """They count by their content."""
    assert read_backend(write_files(tmp_path, READS[name])).repeatable
