"""A function's own code from a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from constructs_lib.cdk.answers import path_of
from constructs_lib.cdk.arguments import typed
from constructs_lib.cdk.code_artifact import CodeArtifact
from constructs_lib.cdk.synth import annotate, build_at_synth, file_asset, scratch_folder
from constructs_lib.core.inspect.function_checks import UsedCode
from constructs_lib.core.publish.layout import NOT_BUILT
from constructs_lib.core.source.source_options import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.source.build_source import SourceArtifact

RESOURCE_TYPE = "Custom::PythonSourceArtifact"


class PythonSourceArtifact(CodeArtifact):
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
        super().__init__(scope, construct_id, entry, (bucket, prefix), removal_policy)
        self._build(entry, SourceOptions(include, exclude, credentials))

    def _build(self, entry: str | Path, options: SourceOptions) -> None:
        """Build, if the stack needs it, stage the zip, and make the resource."""
        with scratch_folder() as folder:

            def build(progress: Progress) -> SourceArtifact:
                # 80 ms, which pass while Node makes constructs.
                from constructs_lib.core.source.build_source import build_source

                return build_source(entry, folder / "source.zip", options, progress=progress)

            artifact = build_at_synth(self, build, meanwhile=self._make_surroundings)
            self.source_version = artifact.version if artifact else NOT_BUILT
            self.source_sha256 = artifact.archive.sha256 if artifact else NOT_BUILT
            assets, used = [], None
            if artifact is not None:
                annotate(self, artifact)
                assets = [file_asset(self, "SourceZip", artifact.archive.path, self.source_sha256)]
                used = UsedCode(path_of(self), artifact.archive.unzipped)
        properties = {
            "AssetBucket": assets[0].s3_bucket_name if assets else NOT_BUILT,
            "AssetKey": assets[0].s3_object_key if assets else NOT_BUILT,
            "SourceSha256": self.source_sha256,
            "SourceVersion": self.source_version,
        }
        self._lay_out(RESOURCE_TYPE, properties, assets, self.source_sha256, used)
