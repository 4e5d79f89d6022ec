"""Files for people and scanners: a version's SBOM and the newest manifest. No decision depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.aws.s3_objects import read_asset, read_object_metadata

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec

_CONTENT_TYPE = "application/vnd.cyclonedx+json; version=1.6"  # as registered with IANA


def write_last_manifest(services: AwsServices, spec: LayerSpec, manifest: bytes) -> None:
    """Copy the newest version's manifest to `layer/last-{manifest}`; a failure is only logged."""
    location = spec.layout.get_s3path_last_manifest(spec.manifest_name)
    try:
        with aws_call("s3:PutObject", location.uri):
            services.s3.put_object(Bucket=location.bucket, Key=location.key, Body=manifest)
    except AwsError as error:
        log.warning("not updated: %s", error)


def write_sbom(services: AwsServices, spec: LayerSpec, layer_version: int) -> None:
    """Put the SBOM into the folder of a live version that has none: a new one, or one that a crash left without.

    The version is live by now, so a failure is only logged, and the next deployment tries again.
    """
    if spec.sbom is None:
        return
    location = spec.layout.get_s3path_layer_sbom(layer_version)
    try:
        if read_object_metadata(services, location) is not None:
            return
        content = spec.sbom if isinstance(spec.sbom, bytes) else read_asset(services, spec.sbom)
        with aws_call("s3:PutObject", location.uri):
            services.s3.put_object(
                Bucket=location.bucket, Key=location.key, Body=content, ContentType=_CONTENT_TYPE
            )
    except AwsError as error:
        log.warning("%s is missing: %s", location.uri, error)
    else:
        log.info("wrote %s", location.uri)
