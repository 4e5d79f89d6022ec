"""Files beside the versions for people and scanners: SBOMs, the newest manifest, and notes about answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.aws.s3_objects import (
    put_object,
    read_object_metadata,
)
from constructs_lib.core.publish.aws.side_by_side import side_by_side
from constructs_lib.core.publish.companion import SBOM_TYPE, Companion, put_companion
from constructs_lib.core.publish.layout import S3MetadataKeyEnum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layers.layer_spec import Compatibility, LayerSpec
    from constructs_lib.core.publish.layout import LayerS3Layout, S3Location

_ARN = S3MetadataKeyEnum.layer_version_arn.value


def write_last_manifest(services: AwsServices, spec: LayerSpec, manifest: bytes) -> None:
    """Copy the newest version's manifest to `layer/last-{manifest}`; a failure is only logged."""
    try:
        put_object(services, spec.layout.get_s3path_last_manifest(spec.manifest_name), manifest)
    except AwsError as error:
        log.warning("not updated: %s", error)


def write_reader_files(
    services: AwsServices, spec: LayerSpec, deployment: LayerDeployment, manifest: bytes | None
) -> S3Location | None:
    """Write what readers find beside a version; return the SBOM's place, None if it is not there.

    `manifest` is that of a version that was published now. No file depends on another one.
    """
    acts: list[Callable[[], S3Location | None]] = []
    if manifest is not None:
        acts.append(partial(write_last_manifest, services, spec, manifest))
    if not spec.owner:
        acts.append(partial(note_answer, services, spec, deployment))
    acts.append(partial(write_sbom, services, spec, deployment))
    return side_by_side(services, acts)[-1]


def write_sbom(services: AwsServices, spec: LayerSpec, deployment: LayerDeployment) -> S3Location | None:
    """Copy the SBOM into the folder of a live version unless it is there; return its place, None if that failed.

    A version without a record gets none: the folder may be that of another layer under the same prefix.
    """
    if spec.sbom is None or not deployment.is_recorded:
        return None
    location = spec.layout.get_s3path_layer_sbom(deployment.layer_version)
    companion = Companion("SBOM", spec.sbom, spec.sbom_sha256, SBOM_TYPE)
    return put_companion(services, companion, location, is_new=deployment.is_new)


def note_answer(services: AwsServices, spec: LayerSpec, deployment: LayerDeployment) -> None:
    """Note which version was the last answer to a script, which refers to it from now on and is in no list of AWS."""
    location = spec.layout.get_s3path_last_answer(target_name(spec.attributes.target))
    try:
        if not deployment.is_new:
            noted = read_object_metadata(services, location) or {}
            if noted.get(_ARN) == deployment.layer_version_arn:
                return
        put_object(services, location, b"", metadata={_ARN: deployment.layer_version_arn})
    except AwsError as error:
        log.warning("prune does not see that %s was the answer: %s", deployment.layer_version_arn, error)


def read_answers(services: AwsServices, layout: LayerS3Layout, targets: Iterable[Compatibility]) -> set[str]:
    """Return the ARNs of the versions that were the last answers to scripts, one for each target."""
    places = (layout.get_s3path_last_answer(target_name(target)) for target in targets)
    notes = (read_object_metadata(services, place) for place in places)
    return {note[_ARN] for note in notes if note and _ARN in note}


def target_name(target: Compatibility) -> str:
    """Spell runtimes and architectures as a name: `python3.13-arm64`."""
    return "-".join(name for names in target for name in names) or "any"
