"""What is published of one layer, and which of it may go: for people, not for CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.layout import SBOM_NAME, LayerS3Layout, S3Location
from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.live import LiveVersion, delete_version, list_live_versions
from constructs_lib.core.publish.objects import delete_object
from constructs_lib.core.publish.prune import RELEASED
from constructs_lib.core.publish.records import Record, read_record
from constructs_lib.core.publish.usage import functions_by_layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mypy_boto3_lambda.type_defs import GetLayerVersionResponseTypeDef

    from constructs_lib.core.publish.tools import Tools


_NO_MANIFEST = frozenset({SBOM_NAME, RELEASED})


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A live version, what lies beside it in S3, and who uses it."""

    live: LiveVersion
    created: str
    """ISO 8601, as Lambda writes it."""
    size: int
    """Bytes of the zip."""
    code_sha256: str
    """Base64, as Lambda writes it."""
    record: Record | None
    manifest: S3Location | None
    objects: tuple[S3Location, ...]
    """All that lies in the version's folder."""
    used_by: tuple[str, ...] | None
    """Functions of this account and region; None where they may not be listed."""

    @property
    def number(self) -> int:
        return self.live.number

    @property
    def sbom(self) -> S3Location | None:
        return next((each for each in self.objects if each.name == SBOM_NAME), None)


def list_published(
    tools: Tools, layer_name: str, s3dir_lambda: S3Location | None = None
) -> list[PublishedVersion]:
    """All live versions, the newest first; without `s3dir_lambda` nothing in S3 is looked at."""
    live = list_live_versions(tools, layer_name)
    users = functions_by_layer(tools) if live else {}
    found = []
    for version in live:
        answer = _details(tools, version)
        objects = _objects(tools, s3dir_lambda, version.number) if s3dir_lambda else ()
        manifest = next((each for each in objects if each.name not in _NO_MANIFEST), None)
        record = read_record(tools, manifest) if manifest else None
        found.append(
            PublishedVersion(
                live=version,
                created=answer["CreatedDate"],
                size=answer["Content"]["CodeSize"],
                code_sha256=answer["Content"].get("CodeSha256", ""),
                record=record if record and record.describes(version) else None,
                manifest=manifest,
                objects=objects,
                used_by=None if users is None else tuple(sorted(users.get(version.arn, ()))),
            )
        )
    return found


def choose_surplus(
    versions: Sequence[PublishedVersion], keep: int, coming: int = 0
) -> list[PublishedVersion]:
    """Those of `versions`, the newest first, that may go once `coming` more have been published.

    The newest `keep` stay, whatever a function uses, and the newest of every stack: it may be what the stack
    refers to. A PublishError where functions may not be listed.
    """
    if keep < 1:
        raise PublishError(f"keep is {keep}: at least 1, so that something is left")
    unseen = next((version for version in versions if version.used_by is None), None)
    if unseen is not None:
        raise PublishError(
            f"which functions use {unseen.live.layer_name} is unknown: allow lambda:ListFunctions to these credentials"
        )
    owners: set[str] = set()
    surplus = []
    for place, version in enumerate(versions, start=coming):
        owner = _owner(version)
        newest_of_owner = owner != "" and owner not in owners
        owners.add(owner)
        if place >= keep and not version.used_by and not newest_of_owner:
            surplus.append(version)
    return surplus


def remove_published(tools: Tools, versions: Iterable[PublishedVersion]) -> None:
    """Delete each version, then what lies beside it; what S3 refuses to delete is left over and said."""
    for version in versions:
        delete_version(tools, version.live.layer_name, version.number)
        tools.log(f"deleted {version.live.arn}")
        for location in version.objects:
            try:
                delete_object(tools, location)
            except AwsError as error:
                tools.log(f"object left over: {error}")


def _owner(version: PublishedVersion) -> str:
    return version.live.mark or (version.record.owner[:16] if version.record else "")


def _details(tools: Tools, version: LiveVersion) -> GetLayerVersionResponseTypeDef:
    with aws_call("lambda:GetLayerVersion", version.arn):
        return tools.lambda_.get_layer_version(LayerName=version.layer_name, VersionNumber=version.number)


def _objects(tools: Tools, s3dir_lambda: S3Location, number: int) -> tuple[S3Location, ...]:
    folder = LayerS3Layout(s3dir_lambda).get_s3dir_layer_version(number)
    with aws_call("s3:ListBucket", folder.uri):
        answer = tools.s3.list_objects_v2(Bucket=folder.bucket, Prefix=f"{folder.key}/")
    return tuple(S3Location(folder.bucket, item["Key"]) for item in answer.get("Contents", []))
