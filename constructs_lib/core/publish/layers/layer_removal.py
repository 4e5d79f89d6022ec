"""The request to delete a version of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.publish.layout import LayerS3Layout

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.arn import LayerVersionArn
    from constructs_lib.core.publish.layout import S3Location


@dataclass(frozen=True, slots=True)
class LayerRemoval:
    """A version that its owner, in destroy mode, no longer refers to.

    `keep_versions` counts the one in use: with 3, two more stay behind it. 0 keeps none, 1 is refused. `request_id` tells
    a repeated Delete from another one.
    """

    arn: LayerVersionArn
    s3dir_lambda: S3Location
    manifest_name: str
    owner: str
    keep_versions: int = 0
    request_id: str = ""

    def __post_init__(self) -> None:
        if self.keep_versions == 1 or self.keep_versions < 0:
            raise ValueError(
                f"keep_versions is {self.keep_versions}; it must be at least 2, so that a rollback finds its version"
            )

    @property
    def layout(self) -> LayerS3Layout:
        """The layout of this layer's objects."""
        return LayerS3Layout(self.s3dir_lambda)

    def record_location(self, number: int) -> S3Location:
        """Return the place of the record of one version of this layer."""
        return self.layout.get_s3path_layer_manifest(number, self.manifest_name)
