"""Settings of this process's environment that a container needs too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROXY = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
HANDED_THROUGH = (
    *_PROXY,
    *(name.lower() for name in _PROXY),
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_PROXY",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_RETRIES",
)
"""Variables that a container gets by name from this process's environment: no value is in an argument list."""

_AUTHORITIES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def handed_through(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the proxies and index settings of `environment`."""
    return {name: environment[name] for name in HANDED_THROUGH if environment.get(name)}


def certificates(environment: Mapping[str, str]) -> Path | None:
    """Return the bundle of certificate authorities that `environment` names, for tools in a container."""
    for name in _AUTHORITIES:
        if value := environment.get(name):
            path = Path(value)
            if path.is_file():
                return path
            if not path.is_dir():
                raise ToolError(
                    "certificates-missing",
                    f"{name} names {value!r}, which is no file: name the bundle of certificate authorities",
                )
    return None


def certificate_settings(path: str) -> dict[str, str]:
    """Return the variables by which pip, requests and OpenSSL find the bundle at `path` in the container."""
    return dict.fromkeys(_AUTHORITIES, path)
