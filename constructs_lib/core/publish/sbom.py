"""The SBOM of a version lies beside its record; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.objects import read_asset, read_metadata

if TYPE_CHECKING:
    from constructs_lib.core.publish.model import WantedLayer
    from constructs_lib.core.publish.tools import Tools

_CONTENT_TYPE = "application/vnd.cyclonedx+json; version=1.6"  # as registered with IANA


def keep_sbom(tools: Tools, wanted: WantedLayer, layer_version: int) -> None:
    """Put the SBOM beside a live version that has none: a new one, or one that a crash left without.

    The version is live by now, so a failure is logged and the next deploy that gets here tries again.
    """
    if wanted.sbom is None:
        return
    location = wanted.layout.get_s3path_layer_sbom(layer_version)
    try:
        if read_metadata(tools, location) is not None:
            return
        content = wanted.sbom if isinstance(wanted.sbom, bytes) else read_asset(tools, wanted.sbom)
        with aws_call("s3:PutObject", location.uri):
            tools.s3.put_object(
                Bucket=location.bucket, Key=location.key, Body=content, ContentType=_CONTENT_TYPE
            )
    except AwsError as error:
        tools.log(f"{location.uri} is missing: {error}")
    else:
        tools.log(f"wrote {location.uri}")
