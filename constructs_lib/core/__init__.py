"""The engine, without CDK: each step as a function over frozen values.

Names are loaded when first used: Lambda imports this package for `publish` alone and has none of the
libraries that building needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_lib.core.errors import ArtifactError as ArtifactError
    from constructs_lib.core.layout import ZFILL as ZFILL
    from constructs_lib.core.layout import LayerS3Layout as LayerS3Layout
    from constructs_lib.core.layout import S3Location as S3Location
    from constructs_lib.core.layout import SourceS3Layout as SourceS3Layout
    from constructs_lib.core.package import LayerArtifact as LayerArtifact
    from constructs_lib.core.package import build_layer as build_layer
    from constructs_lib.core.package import default_ignore_package_list as default_ignore_package_list
    from constructs_lib.core.progress import Progress as Progress
    from constructs_lib.core.publish import LayerDeployment as LayerDeployment
    from constructs_lib.core.runtime import RUNTIMES as RUNTIMES
    from constructs_lib.core.runtime import Target as Target
    from constructs_lib.core.source import SourceArtifact as SourceArtifact
    from constructs_lib.core.source import build_source as build_source
    from constructs_lib.core.sources import is_match as is_match
    from constructs_lib.core.wheels import WheelStore as WheelStore

_HOME = {
    "ArtifactError": "errors",
    "LayerArtifact": "package",
    "LayerDeployment": "publish",
    "LayerS3Layout": "layout",
    "Progress": "progress",
    "RUNTIMES": "runtime",
    "S3Location": "layout",
    "SourceArtifact": "source",
    "SourceS3Layout": "layout",
    "Target": "runtime",
    "WheelStore": "wheels",
    "ZFILL": "layout",
    "build_layer": "package",
    "build_source": "source",
    "default_ignore_package_list": "package",
    "is_match": "sources",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - one list of names, not two


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(_HOME)
