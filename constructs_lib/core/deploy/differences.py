"""What a published version of a layer holds, against another one or against a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.arn import LayerVersionArn
from constructs_lib.core.publish.objects import read_asset
from constructs_lib.core.publish.records import read_record
from constructs_lib.core.publish.survey import list_beside
from constructs_lib.core.report.changes import compare_contents
from constructs_lib.core.sbom.reading import Content, read_lock, read_sbom

if TYPE_CHECKING:
    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.survey import Beside
    from constructs_lib.core.publish.tools import Tools
    from constructs_lib.core.report.changes import Changes
    from constructs_lib.core.sbom.reading import Contents


def compare_versions(tools: Tools, layer_name: str, s3dir_lambda: S3Location, old: int, new: int) -> Changes:
    """By the SBOMs that lie beside the two; where one has none that can be read, by the lock files.

    Only S3 is asked, so a version that was deleted can be compared as long as these objects are kept. A
    PublishError where nothing lies there, or what belongs to another layer.
    """
    one, other = (_find(tools, layer_name, s3dir_lambda, number) for number in (old, new))
    before, after = _by_sbom(tools, one), _by_sbom(tools, other)
    if before is None or after is None:
        before, after = _by_lock(tools, one), _by_lock(tools, other)
    return compare_contents(before, after)


def compare_with_build(tools: Tools, old: Beside, artifact: LayerArtifact) -> Changes:
    """What `artifact` would change, by the same measure."""
    after = read_sbom(artifact.sbom) or {}
    before = _by_sbom(tools, old)
    if before is not None:
        return compare_contents(before, after)
    locked = read_lock(artifact.manifest.name, artifact.manifest.content)
    # A lock also names what is not in a layer: other groups, other platforms, what is ignored.
    before = {
        name: each for name, each in _by_lock(tools, old).items() if name in after or name not in locked
    }
    return compare_contents(before, {name: Content(each.version) for name, each in after.items()})


def _find(tools: Tools, layer_name: str, s3dir_lambda: S3Location, number: int) -> Beside:
    beside = list_beside(tools, s3dir_lambda, number)
    if not beside.objects:
        raise _missing(beside)
    record = read_record(tools, beside.manifest) if beside.manifest else None
    arn = LayerVersionArn.parse(record.layer_version_arn) if record else None
    if arn is not None and arn.layer_name != layer_name:
        msg = f"{beside.folder.uri} belongs to layer {arn.layer_name}, not to {layer_name}: give that layer's prefix"
        raise PublishError(msg)
    return beside


def _missing(beside: Beside) -> PublishError:
    return PublishError(
        f"{beside.folder.uri} holds nothing to compare: is there such a version, and was it published from there?"
    )


def _by_sbom(tools: Tools, beside: Beside) -> Contents | None:
    return read_sbom(read_asset(tools, beside.sbom)) if beside.sbom else None


def _by_lock(tools: Tools, beside: Beside) -> Contents:
    if beside.manifest is None:
        raise _missing(beside)
    return read_lock(beside.manifest.name, read_asset(tools, beside.manifest))
