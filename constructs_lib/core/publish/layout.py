"""The layered layout of published artifacts in S3: locations, keys and the names of metadata.

Every name of an object or of its metadata is written here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol, TypedDict

PREFIX_LENGTH = 700
"""Characters of the prefix of an artifact: an object key has 1024 bytes, and the layout appends names to it."""
NOT_BUILT = "not-built"
"""The template's value where nothing was built: the stack is not deployed, or its errors stop it."""
SBOM_NAME = "sbom.cdx.json"
"""The file name by which CycloneDX's conventions and scanners recognize an SBOM."""
RELEASED = "released"
"""Name of the empty object in a version's folder that marks it as no longer referred to by its stack."""
ZFILL = 6
"""Layer versions are written with at least this many digits; a larger number is never cut."""


class S3MetadataKeyEnum(str, Enum):
    """Names of metadata on objects in S3."""

    manifest_md5 = "manifest_md5"
    """Hex MD5 of the lock file a layer was built from."""
    manifest_sha256 = "manifest_sha256"
    """Hex SHA-256 of the same lock file."""
    layer_sha256 = "layer_sha256"
    """Hex SHA-256 of a layer's zip."""
    source_version = "source_version"
    source_sha256 = "source_sha256"
    layer_version_arn = "layer_version_arn"
    """The version that a record describes."""
    fingerprint = "fingerprint"
    """Hash of everything that a layer was built from."""
    attributes = "attributes"
    """Hash of runtimes, architectures, description and license."""
    owner = "owner"
    """Hash of stack and resource; empty outside CloudFormation."""
    removal_policy = "removal_policy"
    released_by = "released_by"
    """The request that released a version."""
    taken_back = "taken_back"
    """Present where a released version is in use again."""


class HasUri(Protocol):
    """Anything with an `s3://` address, s3pathlib's `S3Path` for example."""

    @property
    def uri(self) -> str: ...


class _Place(TypedDict):
    Bucket: str
    Key: str


class ObjectParams(_Place, total=False):
    """Parameters that name an object in a call of S3."""

    ExpectedBucketOwner: str


@dataclass(frozen=True, slots=True)
class S3Location:
    """An object, or a folder-like prefix, in S3. `key` has no leading and no trailing slash."""

    bucket: str
    """The bucket's name."""
    key: str
    """The object's key, without a slash at its beginning."""
    owner: str = field(default="", compare=False, repr=False)
    """The account that the bucket has to belong to; "" where any may."""

    @classmethod
    def parse(cls, value: str | HasUri) -> S3Location:
        """Read `s3://bucket/key`, with or without a trailing slash; ValueError for anything else."""
        if isinstance(value, S3Location):
            return replace(value, key=value.key.strip("/"))
        uri = value if isinstance(value, str) else value.uri
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if not uri.startswith("s3://") or not bucket:
            raise ValueError(f"{uri!r} is not an S3 location: write s3://bucket/prefix")
        return cls(bucket, key.strip("/"))

    @property
    def uri(self) -> str:
        """The address, without a trailing slash."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def params(self) -> ObjectParams:
        """The parameters that name the object in a call of S3, which refuses another owner's bucket."""
        if self.owner:
            return {"Bucket": self.bucket, "Key": self.key, "ExpectedBucketOwner": self.owner}
        return {"Bucket": self.bucket, "Key": self.key}

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def basename(self) -> str:
        """The same as `name`, which s3pathlib's `S3Path` calls so."""
        return self.name

    def __truediv__(self, name: str) -> S3Location:
        return replace(self, key=f"{self.key}/{name}" if self.key else name)


@dataclass(frozen=True, slots=True)
class LayerS3Layout:
    """The layered layout of one layer below `s3dir_lambda`."""

    s3dir_lambda: str | HasUri

    @property
    def _root(self) -> S3Location:
        return S3Location.parse(self.s3dir_lambda) / "layer"

    @property
    def s3path_temp_layer_zip(self) -> S3Location:
        """The zip to publish the next version from."""
        return self._root / "layer.zip"

    def get_s3dir_layer_version(self, layer_version: int) -> S3Location:
        """Return the folder of one published version."""
        return self._root / str(layer_version).zfill(ZFILL)

    def get_s3path_layer_manifest(self, layer_version: int, manifest_filename: str) -> S3Location:
        """Return the place of the manifest a version was built from; its metadata is the version's record."""
        return self.get_s3dir_layer_version(layer_version) / manifest_filename

    def get_s3path_layer_requirements_txt(self, layer_version: int) -> S3Location:
        return self.get_s3path_layer_manifest(layer_version, "requirements.txt")

    def get_s3path_layer_poetry_lock(self, layer_version: int) -> S3Location:
        return self.get_s3path_layer_manifest(layer_version, "poetry.lock")

    def get_s3path_layer_uv_lock(self, layer_version: int) -> S3Location:
        return self.get_s3path_layer_manifest(layer_version, "uv.lock")

    def get_s3path_released(self, layer_version: int) -> S3Location:
        """Return the place of the object that marks a version as released."""
        return self.get_s3dir_layer_version(layer_version) / RELEASED

    def get_s3path_layer_sbom(self, layer_version: int) -> S3Location:
        """Return the place of a version's CycloneDX document."""
        return self.get_s3dir_layer_version(layer_version) / SBOM_NAME

    def get_s3path_last_answer(self, target: str) -> S3Location:
        """Return the place of a note: the version that was the last answer to a script, for one target."""
        return self.s3dir_answers / target

    @property
    def s3dir_answers(self) -> S3Location:
        """The folder of the notes about answers to scripts."""
        return self._root / "answers"

    def get_s3path_last_manifest(self, manifest_name: str) -> S3Location:
        """Return the place of a copy of the newest version's manifest, for readers."""
        return self._root / f"last-{manifest_name}"

    @property
    def s3path_last_requirements_txt(self) -> S3Location:
        return self.get_s3path_last_manifest("requirements.txt")

    @property
    def s3path_last_poetry_lock(self) -> S3Location:
        return self.get_s3path_last_manifest("poetry.lock")

    @property
    def s3path_last_uv_lock(self) -> S3Location:
        return self.get_s3path_last_manifest("uv.lock")


@dataclass(frozen=True, slots=True)
class SourceS3Layout:
    """The layout of source artifacts: one object per version and content, never overwritten."""

    dir_root: str | HasUri
    """The folder of all source artifacts, `{s3dir_lambda}/source`."""

    @classmethod
    def from_s3dir_lambda(cls, s3dir_lambda: str | HasUri) -> SourceS3Layout:
        return cls(S3Location.parse(s3dir_lambda) / "source")

    def get_s3path_source_zip(self, source_version: str, source_sha256: str) -> S3Location:
        return S3Location.parse(self.dir_root) / source_version / source_sha256 / "source.zip"


@dataclass(frozen=True, slots=True)
class FunctionS3Layout:
    """The layout of functions in one zip: a folder for each version and content, never overwritten."""

    dir_root: str | HasUri
    """The folder of all of them, `{s3dir_lambda}/function`."""

    @classmethod
    def from_s3dir_lambda(cls, s3dir_lambda: str | HasUri) -> FunctionS3Layout:
        return cls(S3Location.parse(s3dir_lambda) / "function")

    def get_s3dir_function(self, function_version: str, function_sha256: str) -> S3Location:
        """Return the folder of one zip: in it are the lock file it was built from and its SBOM, too."""
        return S3Location.parse(self.dir_root) / function_version / function_sha256

    def get_s3path_function_zip(self, function_version: str, function_sha256: str) -> S3Location:
        return self.get_s3dir_function(function_version, function_sha256) / "function.zip"
