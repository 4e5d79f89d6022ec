"""The outcome of a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import VerifiedVersion
    from constructs_lib.core.publish.layout import S3Location


@dataclass(frozen=True, slots=True)
class LayerDeployment:
    """A live layer version as it was asked for; `is_new` when it was published for this request."""

    layer_name: str
    """The layer's name."""
    layer_version: int
    """The number of the live version."""
    layer_version_arn: str
    """The ARN of the live version."""
    s3path_manifest: S3Location
    """The lock file beside the version; its metadata is the record."""
    is_new: bool = True
    """False if the version was live before."""
    layer_sha256: str = ""
    """Hex; of the zip, as Lambda reports it."""
    is_recorded: bool = True
    """The lock file is beside the version, and is the one that was given."""
    s3path_sbom: S3Location | None = None
    """The SBOM beside the version; None where there is none."""

    @classmethod
    def of(cls, spec: LayerSpec, live: VerifiedVersion, *, is_new: bool) -> LayerDeployment:
        """Build the outcome for a version that stands for `spec`."""
        return cls(
            layer_name=spec.layer_name,
            layer_version=live.version.number,
            layer_version_arn=live.version.arn,
            s3path_manifest=spec.record_location(live.version.number),
            is_new=is_new,
            layer_sha256=live.layer_sha256,
        )
