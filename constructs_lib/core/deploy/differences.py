"""The differences of a published version of a layer from another one or from a build."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.aws.s3_objects import read_asset
from constructs_lib.core.publish.inventory import list_version_folder
from constructs_lib.core.publish.layers.live_versions import list_live_versions
from constructs_lib.core.publish.layers.version_records import read_record
from constructs_lib.core.report.changes import compare_contents
from constructs_lib.core.sbom.reading import Content, read_lock, read_sbom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.inventory import VersionFolder
    from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.report.changes import Changes
    from constructs_lib.core.sbom.reading import Contents


_FREE_TEXTS = ("description", "license")


class AttributeChange(NamedTuple):
    """An attribute of a layer version that another one has with another value; None is no value."""

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.name}: {self._shown(self.before)} → {self._shown(self.after)}"

    def _shown(self, value: str | None) -> str:
        if value is None:
            return "none"
        return repr(value) if self.name in _FREE_TEXTS else value


def compare_attributes(
    services: AwsServices, layer_name: str, old: int, new: int
) -> tuple[AttributeChange, ...] | None:
    """Compare what Lambda knows of two versions; None where it has not both."""
    live = {version.number: version for version in list_live_versions(services, layer_name)}
    if old not in live or new not in live:
        return None
    return tuple(attribute_changes(live[old].attributes, live[new].attributes))


def attribute_changes(old: LayerAttributes, new: LayerAttributes) -> Iterator[AttributeChange]:
    """Yield the attributes that differ."""
    for name, before, after in (
        ("runtimes", _joined(old.compatible_runtimes), _joined(new.compatible_runtimes)),
        ("architectures", _joined(old.compatible_architectures), _joined(new.compatible_architectures)),
        ("description", old.description, new.description),
        ("license", old.license_info, new.license_info),
    ):
        if before != after:
            yield AttributeChange(name, before or None, after or None)


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def compare_versions(
    services: AwsServices, layer_name: str, s3dir_lambda: S3Location, old: int, new: int
) -> Changes:
    """Compare two versions by their SBOMs; where one of them has none that can be read, by their lock files.

    Only S3 is asked, so a deleted version can be compared as long as its objects remain. Raises a PublishError where a
    version has no objects, or those of another layer.
    """
    old_folder, new_folder = (
        _open_folder(services, layer_name, s3dir_lambda, number) for number in (old, new)
    )
    before, after = _read_sbom(services, old_folder), _read_sbom(services, new_folder)
    if before is None or after is None:
        before, after = _read_lock(services, old_folder), _read_lock(services, new_folder)
    return compare_contents(before, after)


def compare_with_build(services: AwsServices, old: VersionFolder, artifact: LayerArtifact) -> Changes:
    """Compare a version with a build in the same way."""
    after = read_sbom(artifact.sbom) or {}
    before = _read_sbom(services, old)
    if before is not None:
        return compare_contents(before, after)
    locked = read_lock(artifact.manifest.name, artifact.manifest.content)
    # A lock also names what no layer contains: other groups, other platforms, ignored distributions.
    before = {
        name: content
        for name, content in _read_lock(services, old).items()
        if name in after or name not in locked
    }
    return compare_contents(before, {name: Content(content.version) for name, content in after.items()})


def _open_folder(
    services: AwsServices, layer_name: str, s3dir_lambda: S3Location, number: int
) -> VersionFolder:
    """List a version's objects; refuse an empty folder and that of another layer."""
    folder = list_version_folder(services, s3dir_lambda, number)
    if not folder.objects:
        raise _empty(folder)
    record = read_record(services, folder.manifest) if folder.manifest else None
    arn = LayerVersionArn.parse(record.layer_version_arn) if record else None
    if arn is not None and arn.layer_name != layer_name:
        raise PublishError(
            "version-of-another-layer",
            f"{folder.location.uri} belongs to layer {arn.layer_name}, not to {layer_name}: give that layer's prefix",
        )
    return folder


def _empty(folder: VersionFolder) -> PublishError:
    return PublishError(
        "version-folder-empty",
        f"{folder.location.uri} holds nothing to compare: "
        f"is there such a version, and was it published from there?",
    )


def _read_sbom(services: AwsServices, folder: VersionFolder) -> Contents | None:
    return read_sbom(read_asset(services, folder.sbom)) if folder.sbom else None


def _read_lock(services: AwsServices, folder: VersionFolder) -> Contents:
    if folder.manifest is None:
        raise _empty(folder)
    return read_lock(folder.manifest.name, read_asset(services, folder.manifest))
