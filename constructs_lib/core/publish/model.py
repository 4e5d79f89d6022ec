"""What is wanted of a layer, and what came of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from constructs_lib.core.publish.layout import LayerS3Layout

if TYPE_CHECKING:
    from constructs_lib.core.publish.arn import LayerVersionArn
    from constructs_lib.core.publish.layout import S3Location

RemovalPolicy = Literal["retain", "destroy", "retain-except-on-create"]
"""With the last one CloudFormation asks to delete only what a failed operation made."""

OWNER_MARK_LENGTH = 25
"""What a destroyable version needs of the 256 characters of its description."""

_OWNER_MARK = re.compile(r" \[owner:([0-9a-f]{16})\]$")


@dataclass(frozen=True, slots=True)
class LayerAttributes:
    """What AWS stores beside a version's bytes; the order of the two tuples means nothing."""

    compatible_runtimes: tuple[str, ...] = ()
    compatible_architectures: tuple[str, ...] = ()
    description: str = ""
    license_info: str = ""

    @property
    def digest(self) -> str:
        """A sha256 that is equal exactly when the attributes are."""
        canonical = [
            sorted(self.compatible_runtimes),
            sorted(self.compatible_architectures),
            self.description,
            self.license_info,
        ]
        return hashlib.sha256(json.dumps(canonical).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WantedLayer:
    """The layer that should be live.

    `zip_asset` is copied to the layered layout; None means that `layer/layer.zip` lies there already.
    `manifest` is where the manifest's bytes are, or the bytes. `owner` is "" outside CloudFormation.
    Hashes are hexadecimal.
    """

    layer_name: str
    s3dir_lambda: S3Location
    zip_asset: S3Location | None
    layer_sha256: str
    manifest_name: str
    manifest: S3Location | bytes
    manifest_md5: str
    fingerprint: str
    attributes: LayerAttributes = LayerAttributes()
    owner: str = ""
    removal_policy: RemovalPolicy = "retain"
    sbom: S3Location | bytes | None = None
    """Where the CycloneDX document is, or its bytes; None where a build made none."""

    @property
    def layout(self) -> LayerS3Layout:
        """Where this layer's objects lie."""
        return LayerS3Layout(self.s3dir_lambda)

    @property
    def mark(self) -> str:
        """The owner's mark in the description; "" where nobody may ever delete the version."""
        return "" if self.removal_policy == "retain" else owner_mark(self.owner)

    def may_adopt(self, mark: str) -> bool:
        """A version with this mark and no record may be taken over.

        Its owner may delete a marked version; in destroy mode an unmarked one is not ours to delete.
        """
        ours = self.owner != "" and mark == owner_mark(self.owner)
        return ours or (mark == "" and self.removal_policy != "destroy")


@dataclass(frozen=True, slots=True)
class LayerDeployment:
    """A live layer version that is what was wanted; `is_new` when it was published for this request."""

    layer_name: str
    layer_version: int
    layer_version_arn: str
    s3path_manifest: S3Location
    is_new: bool = True
    layer_sha256: str = ""


@dataclass(frozen=True, slots=True)
class LayerRemoval:
    """A version that its owner, in destroy mode, no longer wants.

    `keep_versions` counts the one in use: with 3, two more stay behind it. 0 keeps none, 1 is refused.
    `request_id` tells a Delete that comes again from another one.
    """

    arn: LayerVersionArn
    s3dir_lambda: S3Location
    manifest_name: str
    owner: str
    keep_versions: int = 0
    request_id: str = ""

    def __post_init__(self) -> None:
        if self.keep_versions == 1 or self.keep_versions < 0:
            raise ValueError(f"keep_versions is {self.keep_versions}: at least 2, so that a rollback works")

    def version_folder(self, number: int) -> S3Location:
        """Where the objects of one version of this layer lie."""
        return LayerS3Layout(self.s3dir_lambda).get_s3dir_layer_version(number)

    def record_location(self, number: int) -> S3Location:
        """Where the record of one version of this layer lies."""
        return self.version_folder(number) / self.manifest_name


def owner_mark(owner: str) -> str:
    """The part of an owner that goes into a description."""
    return owner[:16]


def sign_description(description: str, mark: str) -> str:
    """Put the owner's mark behind the description.

    The mark comes into being together with the version, so a version whose record was never written
    (a crash, or a record under another prefix) still says who may delete it.
    """
    return f"{description} [owner:{mark}]" if mark else description


def read_description(text: str) -> tuple[str, str]:
    """Split a stored description into the user's own text and the mark ("" without one)."""
    found = _OWNER_MARK.search(text)
    return (text[: found.start()], found[1]) if found else (text, "")


def code_sha256(hexadecimal: str) -> str:
    """The spelling Lambda uses for a sha256: base64."""
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
