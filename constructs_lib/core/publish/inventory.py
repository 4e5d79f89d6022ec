"""The published versions of a layer, and the choice of those that may be deleted: for people, not for CloudFormation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.aws.s3_objects import delete_object, list_keys
from constructs_lib.core.publish.aws.usage import functions_by_layer, stack_resources
from constructs_lib.core.publish.layers.live_versions import LiveVersion, delete_version, list_live_versions
from constructs_lib.core.publish.layers.reader_files import read_answers
from constructs_lib.core.publish.layers.version_records import Record, read_record
from constructs_lib.core.publish.layout import RELEASED, SBOM_NAME, LayerS3Layout, S3Location
from constructs_lib.core.publish.ownership import owner_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import Compatibility


_NO_MANIFEST = frozenset({SBOM_NAME, RELEASED})


@dataclass(frozen=True, slots=True)
class VersionFolder:
    """The S3 folder of one version and the objects in it."""

    location: S3Location
    objects: tuple[S3Location, ...] = ()

    @property
    def manifest(self) -> S3Location | None:
        """The lock file; its metadata is the version's record."""
        return next((location for location in self.objects if location.name not in _NO_MANIFEST), None)

    @property
    def sbom(self) -> S3Location | None:
        """The CycloneDX document."""
        return next((location for location in self.objects if location.name == SBOM_NAME), None)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A live version, its folder in S3, and its users."""

    live: LiveVersion
    folder: VersionFolder
    record: Record | None
    used_by: tuple[str, ...] | None
    """Functions of this account and region; None where they may not be listed."""

    @property
    def number(self) -> int:
        """The version's number."""
        return self.live.number

    @property
    def owner(self) -> str:
        """The mark of the stack's resource that published it; "" where there is none."""
        return self.live.mark.owner or (owner_mark(self.record.owner) if self.record else "")


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """Details of a version that no list has; each takes a call of Lambda."""

    created: str
    """ISO 8601, as Lambda writes it."""
    size: int
    """Bytes of the zip."""
    code_sha256: str
    """Base64, as Lambda writes it."""


def list_version_folder(services: AwsServices, s3dir_lambda: S3Location, number: int) -> VersionFolder:
    """List the objects of a version, live or deleted; an absent folder has none."""
    location = LayerS3Layout(s3dir_lambda).get_s3dir_layer_version(number)
    objects = (replace(location, key=key) for key in list_keys(services, location / ""))
    return VersionFolder(location, tuple(objects))


def list_published(
    services: AwsServices, layer_name: str, s3dir_lambda: S3Location
) -> list[PublishedVersion]:
    """Return all live versions, the newest first."""
    live = list_live_versions(services, layer_name)
    users = functions_by_layer(services) if live else {}
    published = []
    for version in live:
        folder = list_version_folder(services, s3dir_lambda, version.number)
        record = read_record(services, folder.manifest) if folder.manifest else None
        published.append(
            PublishedVersion(
                version,
                folder,
                record if record and record.describes(version) else None,
                None if users is None else tuple(sorted(users.get(version.arn, ()))),
            )
        )
    return published


def read_details(services: AwsServices, version: LiveVersion) -> VersionDetails:
    """Ask Lambda for the details of one version."""
    with aws_call("lambda:GetLayerVersion", version.arn):
        answer = services.lambda_.get_layer_version(
            LayerName=version.layer_name, VersionNumber=version.number
        )
    content = answer["Content"]
    return VersionDetails(answer["CreatedDate"], content["CodeSize"], content.get("CodeSha256", ""))


def find_surplus(
    services: AwsServices,
    layer_name: str,
    s3dir_lambda: S3Location,
    keep: int,
    *,
    answer: str = "",
    planned: Compatibility | None = None,
) -> list[PublishedVersion]:
    """Find the versions that may be deleted: what is in use stays, whatever its number.

    In use is what a function uses, what a stack of this account and region refers to, what a script was answered with
    last, and `answer`, an ARN. `planned` is the target of a publication to come: `answer` will be the last one for it
    then, or, where that is "", a new version. Raises a PublishError where functions or stacks may not be listed.
    """
    published = list_published(services, layer_name, s3dir_lambda)
    targets = {version.live.attributes.target for version in published} - {planned}
    answers = read_answers(services, LayerS3Layout(s3dir_lambda), targets) | {answer}
    coming = None if answer else planned
    surplus = choose_surplus(published, keep, answers=answers, coming=coming)
    if not surplus:
        return []
    referred = stack_resources(services)
    if referred is None:
        raise PublishError(
            "stacks-unknown",
            f"which stacks refer to {layer_name} is unknown: allow cloudformation:ListStacks and "
            f"cloudformation:ListStackResources to these credentials",
        )
    return [version for version in surplus if version.live.arn not in referred]


def choose_surplus(
    versions: Sequence[PublishedVersion],
    keep: int,
    *,
    answers: Collection[str] = (),
    coming: Compatibility | None = None,
) -> list[PublishedVersion]:
    """Choose from `versions`, given the newest first, those that are neither among the newest nor known to be in use.

    Of each target, runtimes and architectures, the newest `keep` stay, counting the `coming` one; so do the versions
    that functions use, those in `answers`, and the newest one of every stack.
    """
    if keep < 1:
        raise PublishError(
            "keep-invalid", f"keep is {keep}; it must be at least 1, so that a version remains"
        )
    unknown = next((version for version in versions if version.used_by is None), None)
    if unknown is not None:
        raise PublishError(
            "users-unknown",
            f"which functions use {unknown.live.layer_name} is unknown: allow lambda:ListFunctions to these credentials",
        )
    newer = Counter([] if coming is None else [coming])
    owners: set[tuple[str, Compatibility]] = set()
    surplus = []
    for version in versions:
        target = version.live.attributes.target
        newest_of_owner = version.owner != "" and (version.owner, target) not in owners
        owners.add((version.owner, target))
        in_use = version.used_by or newest_of_owner or version.live.arn in answers
        if newer[target] >= keep and not in_use:
            surplus.append(version)
        newer[target] += 1
    return surplus


def remove_published(services: AwsServices, versions: Iterable[PublishedVersion]) -> None:
    """Delete each version, then its objects; objects that S3 refuses to delete stay, with a warning.

    What was deleted is the caller's result to show.
    """
    for version in versions:
        delete_version(services, version.live.layer_name, version.number)
        log.debug("deleted %s", version.live.arn)
        for location in version.folder.objects:
            try:
                delete_object(services, location)
            except AwsError as error:
                log.warning("object left over: %s", error)
