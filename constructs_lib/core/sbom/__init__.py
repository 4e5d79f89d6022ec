"""What is in a layer, as a CycloneDX document that scanners read: written, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.on_demand import on_demand

if TYPE_CHECKING:
    from constructs_lib.core.sbom.contents import Content as Content
    from constructs_lib.core.sbom.contents import Contents as Contents
    from constructs_lib.core.sbom.contents import read_lock as read_lock
    from constructs_lib.core.sbom.contents import read_sbom as read_sbom
    from constructs_lib.core.sbom.document import Part as Part
    from constructs_lib.core.sbom.document import Subject as Subject
    from constructs_lib.core.sbom.document import render_sbom as render_sbom
    from constructs_lib.core.sbom.layer import layer_sbom as layer_sbom
    from constructs_lib.core.sbom.metadata import WheelMetadata as WheelMetadata
    from constructs_lib.core.sbom.metadata import wheel_metadata as wheel_metadata

# A build writes no document before somebody asks for it.
__getattr__ = on_demand(
    __name__,
    {
        "Content": "contents",
        "Contents": "contents",
        "Part": "document",
        "Subject": "document",
        "WheelMetadata": "metadata",
        "layer_sbom": "layer",
        "read_lock": "contents",
        "read_sbom": "contents",
        "render_sbom": "document",
        "wheel_metadata": "metadata",
    },
)
