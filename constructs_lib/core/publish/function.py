"""Functions in one zip: a folder for each version and content, with the lock file and the SBOM beside the zip."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.publish.aws.side_by_side import side_by_side
from constructs_lib.core.publish.companion import put_companion
from constructs_lib.core.publish.layout import FunctionS3Layout
from constructs_lib.core.publish.source import SourceSpec, lay_out_source, remove_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.companion import Companion
    from constructs_lib.core.publish.layout import S3Location


@dataclass(frozen=True, slots=True)
class FunctionSpec(SourceSpec):
    """The zip that should be in its place, with what should be beside it. `source_sha256` is that of the zip."""

    companions: Mapping[str, Companion] = field(default_factory=dict)
    """By file name."""

    @property
    def location(self) -> S3Location:
        """The zip's place, `function/{version}/{sha256}/function.zip`."""
        layout = FunctionS3Layout.from_s3dir_lambda(self.s3dir_lambda)
        return layout.get_s3path_function_zip(self.source_version, self.source_sha256)

    @property
    def places(self) -> dict[str, S3Location]:
        """The place of each companion, by file name."""
        layout = FunctionS3Layout.from_s3dir_lambda(self.s3dir_lambda)
        folder = layout.get_s3dir_function(self.source_version, self.source_sha256)
        return {name: folder / name for name in self.companions}


class LaidOutFunction(NamedTuple):
    """The place of a zip, and of those of its companions that are there, by file name."""

    zip: S3Location
    companions: Mapping[str, S3Location]


def ensure_function(services: AwsServices, spec: FunctionSpec) -> LaidOutFunction:
    """Copy the zip and its companions to their places unless they are there; the zip's record holds for all of them."""
    is_new = lay_out_source(services, spec)
    written = side_by_side(
        services,
        [
            partial(put_companion, services, spec.companions[name], place, is_new=is_new)
            for name, place in spec.places.items()
        ],
    )
    return LaidOutFunction(spec.location, {place.name: place for place in written if place is not None})


def remove_function(services: AwsServices, spec: FunctionSpec) -> None:
    """Delete the zip and its companions if this owner put the zip there to be destroyed; otherwise do nothing."""
    remove_source(services, spec.location, spec.owner, beside=list(spec.places.values()))
