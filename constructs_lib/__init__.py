"""AWS CDK constructs that put Python dependencies and code into Lambda from a lock file.

The constructs are loaded when first used: Lambda imports this package too, and has no CDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_lib.cdk.function_artifact import PythonFunctionArtifact as PythonFunctionArtifact
    from constructs_lib.cdk.layer_artifact import PythonLayerArtifact as PythonLayerArtifact
    from constructs_lib.cdk.publisher_options import configure_publisher as configure_publisher
    from constructs_lib.cdk.source_artifact import PythonSourceArtifact as PythonSourceArtifact

__all__ = ["PythonFunctionArtifact", "PythonLayerArtifact", "PythonSourceArtifact", "configure_publisher"]


def __getattr__(name: str) -> object:
    if name in __all__:
        import constructs_lib.cdk

        return getattr(constructs_lib.cdk, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
