"""A function's own code and its dependencies in one zip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from constructs_lib.cdk.answers import path_of
from constructs_lib.cdk.arguments import typed
from constructs_lib.cdk.built_once import BuiltOnce, Request
from constructs_lib.cdk.code_artifact import CodeArtifact
from constructs_lib.cdk.layer_assets import stage_documents, write_report
from constructs_lib.cdk.runtime import cdk_runtime, resolve_target
from constructs_lib.cdk.stage_checks import versions
from constructs_lib.cdk.synth import annotate, build_at_synth, file_asset, scratch_folder, staged_file
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.inspect.function_checks import UsedCode
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.publish.layout import NOT_BUILT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.function.artifact import FunctionArtifact
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.wheels.container import Container

RESOURCE_TYPE = "Custom::PythonFunctionArtifact"


class PythonFunctionArtifact(CodeArtifact):
    """The project in `entry` with its locked dependencies in one zip, built at synth and laid out in S3 on deploy.

    `code` goes into `Function(code=…)`, with `runtime` and `architecture`; `laid_out_code` is the copy in the artifact
    bucket.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        entry: str | Path,
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        build_tool: str | None = None,
        extras: Sequence[str] = (),
        groups: Sequence[str] = (),
        only_groups: Sequence[str] = (),
        allow_extra_index_url: bool = False,
        ignore_package_list: Sequence[str] | None = None,
        exclude_files: Sequence[str] = (),
        container: Container | bool | str | None = None,
        compression: Compression = "standard",
        compile_bytecode: bool = False,
        smoke_test: bool = False,
        credentials: Sequence[Credentials] = (),
        bucket: s3.IBucket | None = None,
        prefix: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        report: str | Path | None = None,
        acknowledge: Sequence[str] = (),
    ) -> None:
        """Build the zip, and make the resource that lays it out.

        :param entry: folder of the project, with a lock file; a relative path is relative to the working directory,
            which under the CDK CLI is the folder of `cdk.json`.
        :param runtime: the functions' Python. Default: the newest Lambda runtime that `requires-python` allows.
        :param architecture: the functions' CPU. Default: x86_64.
        :param include: `.gitignore` patterns of the project's files to take. Default: all.
        :param exclude: patterns of files to leave out; they win over `include`. Default: none. Folders of tools
            (`.git`, `.venv`, …), files for secrets (`.env`, `.netrc`, …) and what git ignores are left out.
        :param build_tool: whose lock file decides: `uv`, `poetry`, `pdm`, `pipenv`, `pip` or `pylock`. Default:
            the one that is in `entry`; two of them are an error.
        :param extras: extras of the project to add. Default: none.
        :param groups: dependency groups to add, `dev` for instance. Default: none.
        :param only_groups: dependency groups to take instead of the main dependencies. Default: none.
        :param allow_extra_index_url: accept `--extra-index-url` in a `requirements.txt`. Default: refuse it.
        :param ignore_package_list: distributions to leave out. Default: `default_ignore_package_list`, what
            Lambda's runtime has and tools for building and testing.
        :param exclude_files: `.gitignore` patterns of files of the wheels to leave out, `tests/` or `*.pyi` for instance;
            `.dist-info` folders always stay. With `smoke_test` every module that imported before still does, or
            the build stops. Default: none.
        :param container: where wheels are built that the index lacks for the target: True for the SAM build
            image of runtime and architecture, or an image's name, best with its digest (`…@sha256:…`). Needs
            Docker the first time. Default: none, and a package without a fitting wheel is an error.
        :param compression: `smallest` makes the zip about 5 % smaller, and takes several seconds the first time
            that a wheel is seen. It publishes no new version by itself. Default: `standard`.
        :param compile_bytecode: add bytecode, for shorter cold starts and a larger zip. Needs a Python of the
            runtime's version on this machine, or `container`. Default: False.
        :param smoke_test: import what was built, with a Python of the runtime's version on this machine, and warn of
            what fails; runs the packages' code. Default: False.
        :param credentials: for private indexes; used while the app synthesizes and in no output. Default: those in
            environment, netrc and keyring.
        :param bucket: where the zip is laid out. Default: one private, versioned bucket for each stack.
        :param prefix: folder in the bucket, for this function alone. Default: `lambda/` and the construct's path.
        :param removal_policy: of zips that are no longer used: RETAIN (the default) keeps them, so that a
            rollback finds its code; DESTROY deletes those that this construct laid out;
            RETAIN_ON_UPDATE_OR_DELETE deletes one only if the deployment that first made it fails.
        :param report: file for an HTML page of the zip's contents, `build/function.html` for instance, written
            when the function is built; needs the extra `report`. Default: none.
        :param acknowledge: findings to accept, each for one distribution: with `wrong-cpu:demo` that error does not
            stop the build, and the construct gets an info instead. Default: none.
        """
        super().__init__(scope, construct_id, entry, (bucket, prefix), removal_policy)
        self._target = resolve_target(self, entry, runtime, architecture)
        self.runtime = runtime or cdk_runtime(self._target)
        """The Python that the zip is for."""
        self.architecture = architecture or lambda_.Architecture.X86_64
        """The CPU that the zip is for."""
        options = FunctionOptions(
            lock=LockOptions(
                build_tool, tuple(extras), tuple(groups), tuple(only_groups), allow_extra_index_url
            ),
            ignore_package_list=ignore_package_list,
            exclude_files=exclude_files,
            container=container,
            credentials=credentials,
            smoke_test=smoke_test,
            compression=compression,
            compile_bytecode=compile_bytecode,
            acknowledge=acknowledge,
            include=include,
            exclude=exclude,
        )
        self._build(entry, options, report)

    def _build(self, entry: str | Path, options: FunctionOptions, report: str | Path | None) -> None:
        """Build, if the stack needs it, stage the files, and make the resource."""
        once, request = BuiltOnce.of(self), Request(Path(entry).absolute(), self._target, options)
        with scratch_folder() as folder:

            def build_zip(progress: Progress) -> FunctionArtifact:
                # 80 ms, which pass while Node makes constructs.
                from constructs_lib.core.function.build_function import build_function

                path = folder / "function.zip"
                return build_function(entry, path, self._target, options, progress=progress)

            def build(progress: Progress) -> FunctionArtifact:
                artifact = once.build(request, build_zip, progress)
                if report is not None:
                    write_report(artifact, Path(report), progress)
                return artifact

            artifact = build_at_synth(self, build, meanwhile=self._make_surroundings)
            self.function_version = artifact.version if artifact else NOT_BUILT
            self.function_sha256 = artifact.archive.sha256 if artifact else NOT_BUILT
            properties = {"FunctionSha256": self.function_sha256, "FunctionVersion": self.function_version}
            assets: list[s3_assets.Asset] = []
            used = None
            if artifact is not None:
                annotate(self, artifact)
                zip_asset = file_asset(self, "FunctionZip", artifact.archive.path, self.function_sha256)
                documents, document_assets = stage_documents(self, artifact, folder)
                assets = [zip_asset, *document_assets]
                once.keep(request, artifact, staged_file(zip_asset), path_of(self))
                properties |= {"AssetBucket": zip_asset.s3_bucket_name, "AssetKey": zip_asset.s3_object_key}
                properties |= documents
                used = _used(self, artifact)
        self._lay_out(RESOURCE_TYPE, properties, assets, self.function_sha256, used)


def _used(scope: Construct, artifact: FunctionArtifact) -> UsedCode:
    return UsedCode(
        path_of(scope),
        artifact.archive.unzipped,
        artifact.target,
        versions(artifact.distributions),
        versions(artifact.ignored),
        artifact.native,
    )
