"""What is in a layer, as a CycloneDX document that scanners read."""

from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.sbom.layer import layer_sbom
from constructs_lib.core.sbom.metadata import WheelMetadata, wheel_metadata

__all__ = ["Part", "Subject", "WheelMetadata", "layer_sbom", "render_sbom", "wheel_metadata"]
