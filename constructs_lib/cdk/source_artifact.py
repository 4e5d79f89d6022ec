"""A function's own code from a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from constructs_lib.cdk import policy
from constructs_lib.cdk.arguments import check_entry, claim_prefix, removal, s3_prefix, typed, unique_name
from constructs_lib.cdk.bucket import bucket_properties, check_bucket, default_bucket
from constructs_lib.cdk.code import LaidOutCode, StagedCode, UnbuiltCode
from constructs_lib.cdk.publisher import Publisher
from constructs_lib.cdk.reference import refer
from constructs_lib.cdk.synth import annotate, build_at_synth, file_asset, scratch_folder
from constructs_lib.core.inspect.function_checks import UsedSource
from constructs_lib.core.publish.layout import NOT_BUILT
from constructs_lib.core.source.source_options import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_assets as s3_assets

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.source.build_source import SourceArtifact

RESOURCE_TYPE = "Custom::PythonSourceArtifact"


class PythonSourceArtifact(Construct):
    """The project in `entry`, built at synth without its dependencies, and laid out in S3 on deploy.

    `code` goes into `Function(code=…)`; `laid_out_code` is the copy in the artifact bucket.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        entry: str | Path,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        credentials: Sequence[Credentials] = (),
        bucket: s3.IBucket | None = None,
        prefix: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        """Build the source zip, and make the resource that lays it out.

        :param entry: folder of the function, with or without `pyproject.toml`; a relative path is relative to the working directory,
            which under the CDK CLI is the folder of `cdk.json`.
        :param include: `.gitignore` patterns of the project's files to take. Default: all.
        :param exclude: patterns of files to leave out; they win over `include`. Default: none. Folders of tools
            (`.git`, `.venv`, …), files for secrets (`.env`, `.netrc`, …) and what git ignores are left out.
        :param credentials: for the private index that the build backend comes from; used while the app
            synthesizes and in no output. Default: those in environment, netrc and keyring.
        :param bucket: where the zip is laid out. Default: one private, versioned bucket for each stack.
        :param prefix: folder in the bucket, for this source alone. Default: `lambda/` and the construct's path.
        :param removal_policy: of zips that are no longer used: RETAIN (the default) keeps them, so that a
            rollback finds its code; DESTROY deletes those that this construct laid out;
            RETAIN_ON_UPDATE_OR_DELETE deletes one only if the deployment that first made it fails.
        """
        super().__init__(scope, construct_id)
        check_entry(self, entry)
        options = SourceOptions(include, exclude, credentials)
        removal_word = removal(self, removal_policy)
        check_bucket(self, bucket)
        self.prefix = s3_prefix(self, prefix, unique_name(self))
        self.source_version, self.source_sha256, self._asset = self._build(entry, options, bucket)
        self._resource = self.publisher.custom_resource(
            self,
            RESOURCE_TYPE,
            properties={
                "SchemaVersion": "1",
                **bucket_properties(self, self.bucket),
                "Prefix": self.prefix,
                "AssetBucket": self._asset.s3_bucket_name if self._asset else NOT_BUILT,
                "AssetKey": self._asset.s3_object_key if self._asset else NOT_BUILT,
                "SourceSha256": self.source_sha256,
                "SourceVersion": self.source_version,
                "RemovalPolicy": removal_word,
            },
            rights=[
                *policy.read_assets([self._asset] if self._asset else []),
                *policy.lay_out(
                    self, self.bucket, self.prefix, destroy=removal_word != "retain", layer=False
                ),
            ],
            removal_policy=removal_policy,
        )

    @property
    def code(self) -> lambda_.Code:
        """The zip as a staged asset, for `Function(code=…)`."""
        if self._asset is None:
            return UnbuiltCode()
        return StagedCode(self._asset, self.source_sha256, self._used)

    @property
    def laid_out_code(self) -> lambda_.Code:
        """The zip that was laid out in `bucket`, for functions that must run from there.

        It is known when the stack is deployed, so `cdk deploy --hotswap`, `cdk watch` and SAM cannot follow it.
        """
        bucket_name = self._resource.get_att_string("Bucket")
        return LaidOutCode(bucket_name, refer(self._resource, "Key", self.source_sha256), self._used)

    @property
    def s3_uri(self) -> str:
        """The zip's address: `s3://{bucket}/{prefix}/source/{version}/{sha256}/source.zip`."""
        return self._resource.get_att_string("S3Uri")

    def _make_surroundings(self, bucket: s3.IBucket | None) -> None:
        self.bucket = bucket or default_bucket(self)
        claim_prefix(self, self.bucket, self.prefix)
        self.publisher = Publisher.of(self)
        self.publisher.follow(self.bucket)

    def _build(
        self, entry: str | Path, options: SourceOptions, bucket: s3.IBucket | None
    ) -> tuple[str, str, s3_assets.Asset | None]:
        """Build, if the stack needs it, and return version, sha256 and the staged zip."""
        with scratch_folder() as folder:

            def build(progress: Progress) -> SourceArtifact:
                # 80 ms, which pass while Node makes constructs.
                from constructs_lib.core.source.build_source import build_source

                return build_source(entry, folder / "source.zip", options, progress=progress)

            artifact = build_at_synth(self, build, meanwhile=lambda: self._make_surroundings(bucket))
            self._used = None
            if artifact is None:
                return NOT_BUILT, NOT_BUILT, None
            annotate(self, artifact)
            sha256 = artifact.archive.sha256
            self._used = UsedSource(self.node.path, artifact.archive.unzipped)
            return artifact.version, sha256, file_asset(self, "SourceZip", artifact.archive.path, sha256)
