"""The layer that should be live."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.publish.layout import LayerS3Layout
from constructs_lib.core.publish.ownership import Mark, owner_mark

if TYPE_CHECKING:
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.ownership import RemovalPolicy

Compatibility = tuple[tuple[str, ...], tuple[str, ...]]
"""Runtimes and architectures, each sorted."""


@dataclass(frozen=True, slots=True)
class LayerAttributes:
    """The fields that AWS stores with a version's bytes; the order of the two tuples means nothing."""

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

    @property
    def target(self) -> Compatibility:
        """The runtimes and architectures: versions for different targets do not replace each other."""
        return tuple(sorted(self.compatible_runtimes)), tuple(sorted(self.compatible_architectures))


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """The layer that should be live.

    `zip_asset` is copied to the layered layout; None means that `layer/layer.zip` is there already. `manifest` is the
    location of the manifest's bytes, or the bytes. `owner` is "" outside CloudFormation. Hashes are hexadecimal.
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
    """The location of the CycloneDX document, or its bytes; None where a build made none."""
    manifest_sha256: str = ""
    """Of the manifest; "" in templates of earlier releases."""
    sbom_sha256: str = ""
    """Of the CycloneDX document; "" in templates of earlier releases."""

    @property
    def layout(self) -> LayerS3Layout:
        """The layout of this layer's objects."""
        return LayerS3Layout(self.s3dir_lambda)

    @property
    def code_sha256(self) -> str:
        """The sha256 of the zip as Lambda writes it."""
        return code_sha256(self.layer_sha256)

    @property
    def mark(self) -> Mark:
        """The mark of a version that is published for this specification."""
        owner = "" if self.removal_policy == "retain" else self.owner
        return Mark.of(self.fingerprint or self.layer_sha256, owner)

    def record_location(self, number: int) -> S3Location:
        """Return the place of the record of one version."""
        return self.layout.get_s3path_layer_manifest(number, self.manifest_name)

    def is_owned(self, mark: Mark) -> bool:
        """Return whether the mark names this owner."""
        return self.owner != "" and mark.owner == owner_mark(self.owner)

    def may_use(self, mark: Mark, *, is_current: bool) -> bool:
        """Return whether a version with this mark can stand for the layer.

        A version that another owner may delete cannot. In destroy mode the owner has versions of its own: one that
        nobody may delete stays in use only where it is the current one.
        """
        return self.is_owned(mark) or (mark.owner == "" and (is_current or self.removal_policy != "destroy"))


def code_sha256(hexadecimal: str) -> str:
    """Return a sha256 as Lambda writes it, in base64."""
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def hexadecimal(code_sha256: str) -> str:
    """Return a sha256 from Lambda's or S3's spelling as hexadecimal digits; "" where there is none."""
    return base64.b64decode(code_sha256).hex()
