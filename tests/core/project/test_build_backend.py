"""The traits of a build that can be read from a project's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.project.build_backend import BuildBackend, read_backend
from tests.support.files.backends import BACKENDS, HATCH, PACKAGE, hatchling, setuptools, toml
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path

# Of each backend: writes, asks_git, obeys_ignores, repeatable.
TRAITS = {
    "hatchling": "- - ignores repeatable",
    "hatchling-hook": "writes git ignores -",
    "hatchling-force-include": "- - ignores -",
    "hatchling-dot": "- - ignores repeatable",
    "hatch-vcs": "writes git ignores repeatable",
    "uv-dynamic-versioning": "writes git ignores repeatable",
    "setuptools": "- - - repeatable",
    "setuptools-package-dir": "- - - -",
    "setup-py": "writes git - repeatable",
    "setup-py-alone": "writes git - repeatable",
    "setup-cfg": "- - - repeatable",
    "setuptools-scm": "writes git - repeatable",
    "setuptools-scm-files": "writes git - repeatable",
    "setuptools-scm-setup-cfg": "writes git - -",
    "setuptools-git-versioning": "writes git - repeatable",
    "poetry-core": "- - ignores repeatable",
    "poetry-legacy": "- - ignores repeatable",
    "poetry-dynamic-versioning": "writes git ignores repeatable",
    "pdm-backend": "writes - - repeatable",
    "pdm-scm": "writes git - repeatable",
    "flit": "- - - repeatable",
    "uv_build": "- - - repeatable",
    "hatch-polylith": "writes git ignores -",
    "hatch-polylith-top": "writes git ignores -",
    "pdm-polylith": "writes git - -",
    "versioningit-hatch": "writes git ignores repeatable",
    "versioningit": "writes git - repeatable",
    "pbr": "writes git - repeatable",
}


def traits(backend: BuildBackend) -> str:
    flags = {
        "writes": backend.writes,
        "git": backend.asks_git,
        "ignores": backend.obeys_ignores,
        "repeatable": backend.repeatable,
    }
    return " ".join(name if flag else "-" for name, flag in flags.items())


@pytest.mark.parametrize("name", BACKENDS)
def test_each_backend_has_its_traits(name: str, tmp_path: Path) -> None:
    assert traits(read_backend(write_files(tmp_path, BACKENDS[name]))) == TRAITS[name]


UNKNOWN = "writes git - -"
PDM = ('["pdm-backend"]', "pdm.backend")
POETRY_SCRIPT = '[tool.poetry.build]\nscript = "build.py"\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"setup.py": "from setuptools import setup\nsetup()\n"}, "writes git - repeatable"),
        ({"setup.py": "setup(cmdclass={})\n"}, UNKNOWN),
        ({"setup.py": "setup(package_dir={'x': '../x'})\n"}, UNKNOWN),
        ({"setup.cfg": "[options]\npackage_dir =\n    x = ../x\n"}, "- - - -"),
        ({"pyproject.toml": setuptools("", "cython")}, UNKNOWN),
        ({"pyproject.toml": setuptools('[tool.setuptools.cmdclass]\nbuild = "x.B"\n')}, UNKNOWN),
        ({"pyproject.toml": hatchling(HATCH), "hatch.toml": ""}, "writes git ignores -"),
        ({"pyproject.toml": hatchling('[tool.hatch.version]\nsource = "env"\n')}, "writes git ignores -"),
        ({"pyproject.toml": toml(*PDM), "pdm_build.py": ""}, UNKNOWN),
        ({"pyproject.toml": toml(*PDM, '[tool.pdm.version]\nsource = "call"\n')}, UNKNOWN),
        (
            {"pyproject.toml": toml('["poetry-core"]', "poetry.core.masonry.api", POETRY_SCRIPT)},
            "writes git ignores -",
        ),
        ({"pyproject.toml": toml('["maturin"]', "maturin")}, UNKNOWN),
        ({"pyproject.toml": '[build-system]\nbuild-backend = "uv_build"\nbackend-path = ["."]\n'}, UNKNOWN),
        (
            {
                "pyproject.toml": toml(
                    '["uv_build"]', "uv_build", '[tool.uv.sources]\nx = { path = "../x" }\n'
                )
            },
            "- - - repeatable",
        ),
        (
            {
                "pyproject.toml": toml(
                    '["uv_build"]', "uv_build", '[tool.uv.build-backend]\nmodule-root = "../x"\n'
                )
            },
            "- - - -",
        ),
    ],
)
def test_code_and_paths_that_leave_the_project_are_found(
    files: dict[str, str], expected: str, tmp_path: Path
) -> None:
    """The results of such a build may depend on anything, so they are not kept."""
    assert traits(read_backend(write_files(tmp_path, {**PACKAGE, **files}))) == expected
