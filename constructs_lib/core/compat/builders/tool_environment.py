"""The environment of a build tool's process."""

from __future__ import annotations

import os

Environment = dict[str, str]

# Common settings of a shell that would send an install elsewhere or change what is installed.
_UNWANTED = frozenset(
    {
        *(
            "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "PYTHONPATH",
            "PYTHONHOME",
            "POETRY_ACTIVE",
            "POETRY_VIRTUALENVS_PATH",
        ),
        *(
            f"PIP_{name}"
            for name in (
                *("TARGET", "PREFIX", "ROOT", "USER", "PYTHON", "REQUIRE_VIRTUALENV", "DRY_RUN", "EDITABLE"),
                *("REQUIREMENT", "CONSTRAINT", "NO_DEPS", "PRE", "PLATFORM", "PYTHON_VERSION", "ABI"),
            )
        ),
        *(
            f"UV_{name}"
            for name in (
                *("FROZEN", "LOCKED", "PROJECT", "WORKING_DIR", "WORKING_DIRECTORY", "PREVIEW", "NO_EXTRA"),
                *("PROJECT_ENVIRONMENT", "PYTHON", "NO_INSTALL_PACKAGE", "COMPILE_BYTECODE", "NO_SYNC"),
            )
        ),
    }
)


def clean_environment() -> Environment:
    """Copy this process's environment without the variables that change the meaning of a build's commands."""
    return {name: value for name, value in os.environ.items() if name not in _UNWANTED}
