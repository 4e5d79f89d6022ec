"""What is in a layer, as a CycloneDX document that scanners read: written, and read back."""

from constructs_lib.core.sbom.contents import Content, Contents, read_lock, read_sbom
from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.sbom.layer import layer_sbom
from constructs_lib.core.sbom.metadata import WheelMetadata, wheel_metadata

__all__ = [
    "Content",
    "Contents",
    "Part",
    "Subject",
    "WheelMetadata",
    "layer_sbom",
    "read_lock",
    "read_sbom",
    "render_sbom",
    "wheel_metadata",
]
