"""Step 7: the one call that the SDK must not repeat, with retry rules of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.live import LiveVersion
from constructs_lib.core.publish.model import sign_description

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import (
        LayerVersionContentInputTypeDef,
        PublishLayerVersionRequestTypeDef,
    )

    from constructs_lib.core.publish.model import WantedLayer
    from constructs_lib.core.publish.staging import StagedLayer
    from constructs_lib.core.publish.tools import Tools

_HINTS = {
    "CodeStorageExceededException": (
        "; functions and layers of a region share 75 GB: delete versions that no function uses, "
        "or ask for a higher quota"
    ),
}


def publish_version(tools: Tools, wanted: WantedLayer, staged: StagedLayer) -> tuple[LiveVersion, str]:
    """Publish and return the new version with its `CodeSha256` (base64).

    A 429 took no effect and is tried again, after as long as AWS asks for, until the deadline. Any other
    failure is raised; `AwsError.outcome_unknown` tells that a version may have come into being.
    """
    attempt, resource = 0, f"layer {wanted.layer_name} from {staged.location.uri}"
    while True:
        if tools.clock.is_over:
            # By now FAILED may have been answered: nobody would ever hear of the version.
            raise PublishError("there was no time left to publish; deploy again, it goes on where it stopped")
        try:
            with aws_call("lambda:PublishLayerVersion", resource):
                answer = tools.publisher.publish_layer_version(**_request(wanted, staged))
        except AwsError as error:
            if not error.throttled or not _wait(tools, error, attempt):
                raise _with_hint(error) from error
            attempt += 1
        else:
            return LiveVersion.read(wanted.layer_name, answer), answer["Content"].get("CodeSha256", "")


def _wait(tools: Tools, error: AwsError, attempt: int) -> bool:
    tools.log(f"throttled, trying again: {error}")
    if error.retry_after is None:
        return tools.clock.back_off(attempt)
    # At least a moment, so that "retry after 0 s" does not become a busy loop.
    return tools.clock.wait(max(error.retry_after, 0.2))


def _with_hint(error: AwsError) -> AwsError:
    text = f"{error}{_HINTS.get(error.code, '')}"
    return AwsError(text, code=error.code, status=error.status, retry_after=error.retry_after)


def _request(wanted: WantedLayer, staged: StagedLayer) -> PublishLayerVersionRequestTypeDef:
    content: LayerVersionContentInputTypeDef = {
        "S3Bucket": staged.location.bucket,
        "S3Key": staged.location.key,
    }
    if staged.version_id is not None:
        content["S3ObjectVersion"] = staged.version_id
    request: PublishLayerVersionRequestTypeDef = {"LayerName": wanted.layer_name, "Content": content}
    attributes = wanted.attributes
    if description := sign_description(attributes.description, wanted.mark):
        request["Description"] = description
    if attributes.compatible_runtimes:
        request["CompatibleRuntimes"] = list(attributes.compatible_runtimes)  # type: ignore[arg-type]
    if attributes.compatible_architectures:
        request["CompatibleArchitectures"] = list(attributes.compatible_architectures)  # type: ignore[arg-type]
    if attributes.license_info:
        request["LicenseInfo"] = attributes.license_info
    return request
