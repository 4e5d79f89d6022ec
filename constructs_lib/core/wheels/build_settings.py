"""The settings of uv that reach a build: files of the project, of the person and of the machine, and variables."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.uv import UNWANTED
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.system import process
from constructs_lib.core.system.user_folders import home_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

VERSION_VARIABLES = (
    *("SETUPTOOLS_", "PDM_BUILD_", "UV_DYNAMIC_VERSIONING_", "POETRY_DYNAMIC_VERSIONING_", "HATCH_", "PBR_"),
    *("VERSIONINGIT_", "VCS_VERSIONING_"),
)
"""Beginnings of the variables by which backends and their plugins are told a version."""
# Those, and the ones by which backends are told how to build, and Python what it imports.
_OF_BACKENDS = (*VERSION_VARIABLES, "DIST_", "FLIT_", "HATCHLING_", "PYTHONPATH")
# All others of uv count: a new one may reach a build. These say how it works and downloads, not what it takes.
_OF_NO_BUILD = re.compile(
    r"UV_(?:CACHE_DIR|NO_CACHE|LINK_MODE|OFFLINE|COMPILE_BYTECODE|NO_PROGRESS|NO_COLOR|LOG_\w+|STACK_SIZE"
    r"|HTTP_\w+|REQUEST_TIMEOUT|UPLOAD_\w+|LOCK_TIMEOUT|CONCURRENT_\w+|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST|SSL_\w+"
    r"|KEYRING_PROVIDER|PUBLISH_\w+|PYTHON|PYTHON_\w+|MANAGED_PYTHON|NO_MANAGED_PYTHON|TOOL_\w+|PROJECT_ENVIRONMENT"
    r"|CREDENTIALS_DIR|INDEX_\w+_(?:USERNAME|PASSWORD)|ENV_FILE|NO_ENV_FILE|NO_SYNC|NO_DEV|NO_EDITABLE|VENV_\w+)"
)
_LOGIN = re.compile(r"//[^/@\s]+@")
# With these the environment around uv, or packages that no key could name, are part of the build.
_OPEN = ("no-build-isolation", "no-build-isolation-package", "extra-build-dependencies")
_OPEN_VARIABLE = "UV_NO_BUILD_ISOLATION"


def build_variables(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the variables that may change a build, sorted; without logins, which change each day."""
    return sorted(
        (name, _LOGIN.sub("//", value))
        for name, value in environment.items()
        if name.startswith(_OF_BACKENDS)
        or (name.startswith("UV_") and not _OF_NO_BUILD.fullmatch(name) and name not in UNWANTED)
    )


def uv_settings(folders: Iterable[Path | None]) -> list[object]:
    """Return the settings for uv in `folders` and above them, where a workspace may be, and those of this machine."""
    settings = list[object]()
    places = dict.fromkeys(place for folder in folders if folder for place in (folder, *folder.parents))
    for place in places:
        # What cannot be read lies in a folder that is not this project's.
        with suppress(ProjectError, OSError):
            if (path := place / "pyproject.toml").is_file():
                settings.append(read_pyproject(path).document.table("tool").values.get("uv"))
        with suppress(OSError):
            if (path := place / "uv.toml").is_file():
                settings.append(path.read_bytes())
    for path in _files_of_this_machine(os.environ):
        with suppress(OSError):
            settings.append(path.read_bytes())
    return settings


def _files_of_this_machine(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files in which uv looks for settings of the person and of the machine."""
    if name := environment.get("UV_CONFIG_FILE"):
        yield Path(name)
    home = home_folder()
    roots = (
        (environment.get("APPDATA"), environment.get("PROGRAMDATA"))
        if sys.platform == "win32"
        else (
            environment.get("XDG_CONFIG_HOME") or (home and str(home / ".config")),
            *(environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"),
            "/etc",
        )
    )
    yield from (Path(root, "uv", "uv.toml") for root in roots if root)
    if home and sys.platform != "win32":
        yield home / ".pydistutils.cfg"


def is_closed(
    settings: Iterable[object], requirements: Iterable[str], environment: Mapping[str, str]
) -> bool:
    """Return whether a build takes nothing but its key names: isolated, without requirements from folders."""
    if environment.get(_OPEN_VARIABLE, "").lower() not in ("", "0", "false"):
        return False
    for setting in settings:
        if isinstance(setting, bytes) and any(key.encode() in setting for key in _OPEN):
            return False
        if isinstance(setting, dict):
            sources = setting.get("sources")
            named = (
                {re.sub(r"[-_.]+", "-", name).lower() for name in sources}
                if isinstance(sources, dict)
                else set()
            )
            if any(setting.get(key) for key in _OPEN) or not named.isdisjoint(requirements):
                return False
    return True


def uv_size() -> int:
    """Return the size of uv, whose own backend builds projects, and which is another with each release."""
    try:
        return Path(process.find_tool("uv")).stat().st_size
    except (ToolError, OSError):
        return 0
