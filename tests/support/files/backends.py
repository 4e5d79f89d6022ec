"""Small projects, one for each build backend and versioning plugin, in a repository with a sibling folder."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = {"src/pkg/__init__.py": "x = 1\n", "src/pkg/mod.py": "y = 2\n", "src/pkg/data.txt": "data\n"}
DYNAMIC = 'dynamic = ["version"]'
HATCH = '[tool.hatch.build.targets.wheel]\npackages = ["src/pkg"]\n'
HOOK = """
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        Path(self.root, "src/pkg/made.txt").write_text("made")
        build_data["artifacts"].append("src/pkg/made.txt")
"""
POETRY = '[tool.poetry]\npackages = [{ include = "pkg", from = "src" }]\n'
LEGACY = (
    '[tool.poetry]\nname = "my-service"\nversion = "0.3.0"\ndescription = ""\nauthors = []\n'
    'packages = [{ include = "pkg", from = "src" }]\n'
)

BRICKS = '[tool.polylith.bricks]\n"../bases/acme/api" = "acme/api"\n"../components/acme/mail" = "acme/mail"\n'
WORKSPACE = {
    "../workspace.toml": '[tool.polylith]\nnamespace = "acme"\n[tool.polylith.structure]\ntheme = "loose"\n',
    "../bases/acme/api/__init__.py": "from acme import mail\n",
    "../bases/acme/api/core.py": "from acme.mail import send\n",
    "../components/acme/mail/__init__.py": "send = print\n",
}


def system(requires: str, backend: str) -> str:
    return f'[build-system]\nrequires = {requires}\nbuild-backend = "{backend}"\n\n'


def toml(requires: str, backend: str, tail: str = "", version: str = 'version = "1.0"') -> str:
    project = f'[project]\nname = "pkg"\n{version}\nrequires-python = ">=3.10"\n\n'
    return system(requires, backend) + project + tail


def hatchling(tail: str, *plugins: str, version: str = 'version = "1.0"') -> str:
    requires = ", ".join(f'"{name}"' for name in ("hatchling", *plugins))
    return toml(f"[{requires}]", "hatchling.build", tail, version)


def setuptools(tail: str = "", *plugins: str, version: str = 'version = "1.0"') -> str:
    requires = ", ".join(f'"{name}"' for name in ("setuptools>=64", *plugins))
    return toml(f"[{requires}]", "setuptools.build_meta", tail, version)


BACKENDS: dict[str, dict[str, str]] = {
    "hatchling": {"pyproject.toml": hatchling(HATCH), **PACKAGE},
    "hatchling-hook": {
        "pyproject.toml": hatchling(HATCH + "[tool.hatch.build.targets.wheel.hooks.custom]\n"),
        "hatch_build.py": HOOK,
        **PACKAGE,
    },
    "hatchling-force-include": {
        "pyproject.toml": hatchling(
            HATCH + '[tool.hatch.build.targets.wheel.force-include]\n"../shared" = "pkg/shared"\n'
        ),
        **PACKAGE,
    },
    "hatchling-dot": {
        "pyproject.toml": hatchling('[tool.hatch.build.targets.wheel]\npackages = ["."]\n'),
        "main.py": "x = 1\n",
    },
    "hatch-vcs": {
        "pyproject.toml": hatchling(
            HATCH + '[tool.hatch.version]\nsource = "vcs"\n[tool.hatch.version.raw-options]\nroot = ".."\n'
            '[tool.hatch.build.hooks.vcs]\nversion-file = "src/pkg/_version.py"\n',
            "hatch-vcs",
            version=DYNAMIC,
        ),
        **PACKAGE,
    },
    "uv-dynamic-versioning": {
        "pyproject.toml": hatchling(
            HATCH + '[tool.hatch.version]\nsource = "uv-dynamic-versioning"\n',
            "uv-dynamic-versioning",
            version=DYNAMIC,
        ),
        **PACKAGE,
    },
    "setuptools": {"pyproject.toml": setuptools(), **PACKAGE},
    "setuptools-package-dir": {
        "pyproject.toml": setuptools(
            '[tool.setuptools]\npackages = ["pkg", "pkg.sub"]\n'
            '[tool.setuptools.package-dir]\npkg = "src/pkg"\n"pkg.sub" = "../shared"\n'
        ),
        **PACKAGE,
    },
    "setup-py": {
        "pyproject.toml": system('["setuptools"]', "setuptools.build_meta"),
        "setup.py": "from setuptools import setup, find_packages\n"
        "setup(name='pkg', version='1.0', package_dir={'': 'src'}, packages=find_packages('src'))\n",
        **PACKAGE,
    },
    "setup-py-alone": {
        "setup.py": "from setuptools import setup\n"
        "setup(name='pkg', version='1.0', package_dir={'': 'src'}, packages=['pkg'])\n",
        **PACKAGE,
    },
    "setup-cfg": {
        "pyproject.toml": system('["setuptools"]', "setuptools.build_meta"),
        "setup.cfg": "[metadata]\nname = my-pkg\nversion = 1.0\n[options]\npackage_dir =\n    = src\n"
        "packages = find:\n[options.packages.find]\nwhere = src\n",
        **PACKAGE,
    },
    "setuptools-scm": {
        "pyproject.toml": setuptools(
            '[tool.setuptools_scm]\nroot = ".."\nversion_file = "src/pkg/_version.py"\n',
            "setuptools-scm>=8",
            version=DYNAMIC,
        ),
        **PACKAGE,
    },
    "setuptools-scm-files": {
        "pyproject.toml": setuptools("[tool.setuptools]\ninclude-package-data = true\n", "setuptools-scm>=8"),
        **PACKAGE,
    },
    "setuptools-scm-setup-cfg": {
        "pyproject.toml": system('["setuptools>=64", "setuptools-scm>=8"]', "setuptools.build_meta"),
        "setup.cfg": "[metadata]\nname = pkg\n[options]\npackage_dir =\n    = src\npackages = find:\n"
        "include_package_data = true\n[options.packages.find]\nwhere = src\n",
        "setup.py": "from setuptools import setup\nsetup(use_scm_version={'root': '..'})\n",
        **PACKAGE,
    },
    "setuptools-git-versioning": {
        "pyproject.toml": setuptools(
            "[tool.setuptools-git-versioning]\nenabled = true\n",
            "setuptools-git-versioning",
            version=DYNAMIC,
        ),
        **PACKAGE,
    },
    "poetry-core": {
        "pyproject.toml": toml('["poetry-core"]', "poetry.core.masonry.api", POETRY),
        **PACKAGE,
    },
    "poetry-legacy": {
        "pyproject.toml": system('["poetry-core"]', "poetry.core.masonry.api") + LEGACY,
        **PACKAGE,
    },
    "poetry-dynamic-versioning": {
        "pyproject.toml": system(
            '["poetry-core", "poetry-dynamic-versioning"]', "poetry_dynamic_versioning.backend"
        )
        + LEGACY
        + "[tool.poetry-dynamic-versioning]\nenable = true\n",
        **PACKAGE,
    },
    "pdm-backend": {"pyproject.toml": toml('["pdm-backend"]', "pdm.backend"), **PACKAGE},
    "pdm-scm": {
        "pyproject.toml": toml(
            '["pdm-backend"]',
            "pdm.backend",
            '[tool.pdm.version]\nsource = "scm"\nwrite_to = "pkg/_version.py"\n',
            DYNAMIC,
        ),
        **PACKAGE,
    },
    "flit": {
        "pyproject.toml": toml(
            '["flit_core>=3.9"]', "flit_core.buildapi", version='dynamic = ["version", "description"]'
        ),
        **PACKAGE,
        "src/pkg/__init__.py": '"""A package."""\n__version__ = "1.0"\n',
    },
    "uv_build": {"pyproject.toml": toml('["uv_build>=0.9"]', "uv_build"), **PACKAGE},
    "hatch-polylith": {
        "pyproject.toml": hatchling(
            "[tool.hatch.build.hooks.polylith-bricks]\n" + BRICKS, "hatch-polylith-bricks"
        ),
        **WORKSPACE,
    },
    "hatch-polylith-top": {
        "pyproject.toml": hatchling(
            "[tool.hatch.build.hooks.polylith-bricks]\n"
            '[tool.polylith.build]\ntop-namespace = "top"\n' + BRICKS,
            "hatch-polylith-bricks",
        ),
        **WORKSPACE,
    },
    "pdm-polylith": {
        "pyproject.toml": toml('["pdm-backend", "pdm-polylith-bricks"]', "pdm.backend", BRICKS),
        **WORKSPACE,
    },
    "versioningit-hatch": {
        "pyproject.toml": hatchling(
            HATCH + '[tool.hatch.version]\nsource = "versioningit"\n', "versioningit", version=DYNAMIC
        ),
        **PACKAGE,
    },
    "versioningit": {
        "pyproject.toml": setuptools(
            '[tool.versioningit]\n[tool.versioningit.vcs]\ndefault-tag = "v0"\n',
            "versioningit",
            version=DYNAMIC,
        ),
        **PACKAGE,
    },
    "pbr": {
        "pyproject.toml": system('["pbr>=6", "setuptools"]', "pbr.build"),
        "setup.cfg": "[metadata]\nname = pkg\n[files]\npackages =\n    pkg\n",
        "setup.py": "import setuptools\nsetuptools.setup(setup_requires=['pbr'], pbr=True)\n",
        "pkg/__init__.py": "x = 1\n",
        "pkg/mod.py": "y = 2\n",
    },
}
IGNORES = "local_secrets.py\n_version.py\nmade.txt\n.env.local\n__pycache__/\nbuild/\n*.egg-info/\n"


def git(root: Path, *arguments: str) -> str:
    """Run git as a person without settings."""
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def write_repository(root: Path, files: dict[str, str]) -> Path:
    """Make a repository with one commit and the tag v1.2.3; return the folder of the project in it."""
    write_files(root, {".gitignore": IGNORES, "shared/__init__.py": "s = 1\n", "shared/extra.py": "e = 1\n"})
    write_files(root / "proj", files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    git(root, "tag", "-a", "v1.2.3", "-m", "t")
    return root / "proj"
