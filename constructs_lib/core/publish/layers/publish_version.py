"""Step 7 of a publication: the one call that the SDK must not repeat, with retry rules of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import CODE_STORAGE
from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.layers.live_versions import VerifiedVersion
from constructs_lib.core.publish.ownership import sign_description

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import (
        LayerVersionContentInputTypeDef,
        PublishLayerVersionRequestTypeDef,
    )

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.stage import StagedLayer

_SHORTEST_WAIT = 0.2
"""Seconds; "retry after 0 s" must not become a busy loop."""


def publish_version(services: AwsServices, spec: LayerSpec, staged: StagedLayer) -> VerifiedVersion:
    """Publish and return the new version with its hash.

    A 429 took no effect and is repeated, after as long as AWS asks for, until the deadline. Any other failure is raised;
    after one with `AwsError.outcome_unknown` a version may exist.
    """
    attempt, resource = 0, f"layer {spec.layer_name} from {staged.location.uri}"
    while True:
        if services.clock.is_over:
            # FAILED may have been answered by now, and then no answer would ever name the version.
            raise PublishError(
                "no-time-left",
                "there was no time left to publish; deploy again, it continues where it stopped",
            )
        try:
            with aws_call("lambda:PublishLayerVersion", resource):
                answer = services.publisher.publish_layer_version(**_request(spec, staged))
        except AwsError as error:
            if error.code == "CodeStorageExceededException":
                raise _storage_full(error) from error
            if not error.throttled or not _wait(services, error, attempt):
                raise
            attempt += 1
        else:
            return VerifiedVersion.read(spec.layer_name, answer)


def _wait(services: AwsServices, error: AwsError, attempt: int) -> bool:
    """Wait as long as AWS asks for; return False when that would pass the deadline."""
    log.info("throttled, trying again: %s", error)
    if error.retry_after is None:
        return services.clock.back_off(attempt)
    return services.clock.wait(max(error.retry_after, _SHORTEST_WAIT))


def _storage_full(error: AwsError) -> AwsError:
    return AwsError(
        "code-storage-full",
        f"{error}; functions and layers of a region share {CODE_STORAGE}: delete versions that no function uses, "
        f"or ask AWS for a higher quota",
        code=error.code,
        status=error.status,
    )


def _request(spec: LayerSpec, staged: StagedLayer) -> PublishLayerVersionRequestTypeDef:
    """Build the call's parameters; an empty attribute is left out."""
    content: LayerVersionContentInputTypeDef = {
        "S3Bucket": staged.location.bucket,
        "S3Key": staged.location.key,
    }
    if staged.version_id is not None:
        content["S3ObjectVersion"] = staged.version_id
    request: PublishLayerVersionRequestTypeDef = {"LayerName": spec.layer_name, "Content": content}
    attributes = spec.attributes
    if description := sign_description(attributes.description, spec.mark):
        request["Description"] = description
    if attributes.compatible_runtimes:
        request["CompatibleRuntimes"] = list(attributes.compatible_runtimes)  # type: ignore[arg-type]
    if attributes.compatible_architectures:
        request["CompatibleArchitectures"] = list(attributes.compatible_architectures)  # type: ignore[arg-type]
    if attributes.license_info:
        request["LicenseInfo"] = attributes.license_info
    return request
