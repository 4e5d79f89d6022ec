"""What a deployment would do, and why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.layout import SBOM_NAME
from constructs_lib.core.project import parse_toml
from constructs_lib.core.publish import AssetUnavailableError
from constructs_lib.core.publish.live import list_live_versions
from constructs_lib.core.publish.objects import read_asset
from constructs_lib.core.publish.records import read_record
from constructs_lib.core.publish.reuse import find_same, record_location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_lib.core.layout import S3Location
    from constructs_lib.core.package import LayerArtifact
    from constructs_lib.core.publish import LayerAttributes, LayerDeployment, Tools, WantedLayer
    from constructs_lib.core.publish.live import LiveVersion
    from constructs_lib.core.publish.records import Record

_PINNED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([^\s;\\#]+)", re.MULTILINE)
Contents = dict[str, tuple[str, str]]
"""Name → version and, where it is known, sha256 of the wheel."""


@dataclass(frozen=True)
class Plan:
    """What `deploy_layer` would do. Published versions are never deleted by it."""

    layer_name: str
    deployment: LayerDeployment | None
    """The live version that would be kept; None where a new one would be published."""
    reasons: tuple[str, ...]
    """Why a new one: one line each, against the newest version of this layer with a record. Empty if none."""

    @property
    def unchanged(self) -> bool:
        return self.deployment is not None


def make_plan(tools: Tools, wanted: WantedLayer, artifact: LayerArtifact) -> Plan:
    """Look, and write nothing."""
    live = list_live_versions(tools, wanted.layer_name)
    same = find_same(tools, wanted, live, only_look=True)
    reasons = () if same else tuple(_reasons(tools, wanted, live, artifact))
    return Plan(wanted.layer_name, same, reasons)


def _reasons(
    tools: Tools, wanted: WantedLayer, live: Sequence[LiveVersion], artifact: LayerArtifact
) -> Iterator[str]:
    if not live:
        yield f"layer {wanted.layer_name} has no version"
        return
    found = _newest_recorded(tools, wanted, live)
    if found is None:
        yield (
            f"none of the {len(live)} versions of {wanted.layer_name} has a record in {wanted.s3dir_lambda.uri} "
            f"for {wanted.manifest_name}, or the same bytes and attributes"
        )
        return
    version, record = found
    reasons = [*_attribute_changes(version.attributes, wanted.attributes)]
    if record.is_same(wanted):
        reasons.append(f"version {version.number} is the same, but a stack may delete it")
    elif not _has_same_content(record, wanted):
        reasons += _content_changes(tools, wanted, version, artifact)
    for reason in reasons:
        yield f"{reason} (since version {version.number})"


def _newest_recorded(
    tools: Tools, wanted: WantedLayer, live: Sequence[LiveVersion]
) -> tuple[LiveVersion, Record] | None:
    for version in live:
        record = read_record(tools, record_location(wanted, version.number))
        if record is not None and record.describes(version):
            return version, record
    return None


def _has_same_content(record: Record, wanted: WantedLayer) -> bool:
    return record.fingerprint == wanted.fingerprint or record.layer_sha256 == wanted.layer_sha256


def _attribute_changes(old: LayerAttributes, new: LayerAttributes) -> Iterator[str]:
    for what, before, after in (
        ("runtimes", sorted(old.compatible_runtimes), sorted(new.compatible_runtimes)),
        ("architectures", sorted(old.compatible_architectures), sorted(new.compatible_architectures)),
    ):
        if before != after:
            yield f"{what}: {', '.join(before) or 'none'} → {', '.join(after) or 'none'}"
    for what, one, other in (
        ("description", old.description, new.description),
        ("licence", old.license_info, new.license_info),
    ):
        if one != other:
            yield f"{what}: {one!r} → {other!r}"


def _content_changes(
    tools: Tools, wanted: WantedLayer, version: LiveVersion, artifact: LayerArtifact
) -> list[str]:
    """Which distributions differ: by the documents (SBOM) of both, or else by the lock files."""
    folder = wanted.layout.get_s3dir_layer_version(version.number)
    new = read_sbom(artifact.sbom)
    sbom = _read(tools, folder / SBOM_NAME)
    if sbom is not None:
        old = read_sbom(sbom)
    else:
        manifest = _read(tools, folder / wanted.manifest_name) or b""
        old, locked = (
            read_lock(wanted.manifest_name, each) for each in (manifest, artifact.manifest.content)
        )
        # A lock also names what is not in a layer: other groups, other platforms, what is ignored.
        old = {name: each for name, each in old.items() if name in new or name not in locked}
    changes = list(_differences(old, new, wheels_known=sbom is not None))
    return changes or [
        "the same distributions, other content: files of a path dependency, options, or this library's own version"
    ]


def _differences(old: Contents, new: Contents, *, wheels_known: bool) -> Iterator[str]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before is None and after is not None:
            yield f"{name} {after[0]} is added"
        elif after is None and before is not None:
            yield f"{name} {before[0]} is removed"
        elif before and after and before[0] != after[0]:
            yield f"{name}: {before[0]} → {after[0]}"
        elif wheels_known and before and after and before[1] != after[1]:
            yield f"{name} {after[0]} comes from another wheel"


def read_sbom(document: bytes) -> Contents:
    """The distributions of a CycloneDX document; none where it cannot be read."""
    try:
        components = json.loads(document)["components"]
        return {
            each["name"]: (each["version"], next((hash_["content"] for hash_ in each.get("hashes", ())), ""))
            for each in components
        }
    except (ValueError, KeyError, TypeError):
        return {}


def read_lock(name: str, content: bytes) -> Contents:
    """All distributions that a lock file names with a version; none where it cannot be read."""
    text = content.decode("utf-8", "replace")
    if not name.endswith((".lock", ".toml")):
        return {canonicalize_name(found): (version, "") for found, version in _PINNED.findall(text)}
    try:
        document: Mapping[str, Any] = parse_toml(text, Path(name))
        packages = document.get("package") or document.get("packages") or []
        return {
            canonicalize_name(each["name"]): (each["version"], "") for each in packages if "version" in each
        }
    except (ProjectError, KeyError, TypeError, AttributeError):
        return {}


def _read(tools: Tools, location: S3Location) -> bytes | None:
    try:
        return read_asset(tools, location)
    except AssetUnavailableError:
        return None
