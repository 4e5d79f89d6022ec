"""What is published of one layer, and which of it may go: for people, not for CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.layout import SBOM_NAME, LayerS3Layout, S3Location
from constructs_lib.core.publish.live import LiveVersion, delete_version, list_live_versions
from constructs_lib.core.publish.objects import delete_object
from constructs_lib.core.publish.prune import RELEASED
from constructs_lib.core.publish.records import Record, read_record
from constructs_lib.core.publish.usage import functions_by_layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_lib.core.publish.tools import Tools


_NO_MANIFEST = frozenset({SBOM_NAME, RELEASED})


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies in S3 beside one version, in its folder."""

    folder: S3Location
    objects: tuple[S3Location, ...] = ()

    @property
    def manifest(self) -> S3Location | None:
        """The lock file; its metadata is the version's record."""
        return next((each for each in self.objects if each.name not in _NO_MANIFEST), None)

    @property
    def sbom(self) -> S3Location | None:
        return next((each for each in self.objects if each.name == SBOM_NAME), None)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A live version, what lies beside it in S3, and who uses it."""

    live: LiveVersion
    beside: Beside
    record: Record | None
    used_by: tuple[str, ...] | None
    """Functions of this account and region; None where they may not be listed."""

    @property
    def number(self) -> int:
        return self.live.number


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """What people want to see of a version beside the rest; Lambda is asked for each by itself."""

    created: str
    """ISO 8601, as Lambda writes it."""
    size: int
    """Bytes of the zip."""
    code_sha256: str
    """Base64, as Lambda writes it."""


def list_beside(tools: Tools, s3dir_lambda: S3Location, number: int) -> Beside:
    """What lies beside a version, whether it is live or not; no objects where there is nothing."""
    folder = LayerS3Layout(s3dir_lambda).get_s3dir_layer_version(number)
    with aws_call("s3:ListBucket", folder.uri):
        answer = tools.s3.list_objects_v2(Bucket=folder.bucket, Prefix=f"{folder.key}/")
    objects = (S3Location(folder.bucket, item["Key"]) for item in answer.get("Contents", []))
    return Beside(folder, tuple(objects))


def list_published(tools: Tools, layer_name: str, s3dir_lambda: S3Location) -> list[PublishedVersion]:
    """All live versions, the newest first."""
    live = list_live_versions(tools, layer_name)
    users = functions_by_layer(tools) if live else {}
    found = []
    for version in live:
        beside = list_beside(tools, s3dir_lambda, version.number)
        record = read_record(tools, beside.manifest) if beside.manifest else None
        found.append(
            PublishedVersion(
                version,
                beside,
                record if record and record.describes(version) else None,
                None if users is None else tuple(sorted(users.get(version.arn, ()))),
            )
        )
    return found


def read_details(tools: Tools, version: LiveVersion) -> VersionDetails:
    """Ask Lambda for one version."""
    with aws_call("lambda:GetLayerVersion", version.arn):
        answer = tools.lambda_.get_layer_version(LayerName=version.layer_name, VersionNumber=version.number)
    content = answer["Content"]
    return VersionDetails(answer["CreatedDate"], content["CodeSize"], content.get("CodeSha256", ""))


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
        for location in version.beside.objects:
            try:
                delete_object(tools, location)
            except AwsError as error:
                tools.log(f"object left over: {error}")


def _owner(version: PublishedVersion) -> str:
    return version.live.mark or (version.record.owner[:16] if version.record else "")
