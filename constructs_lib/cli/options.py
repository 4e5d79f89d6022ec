"""Options that several commands share."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constructs_lib.cli.aws import Clients
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.deploy.clients import script_services
from constructs_lib.core.errors import PublishError
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.project.pyproject import Project, newest_python
from constructs_lib.core.publish.prefix import parse_artifact_folder
from constructs_lib.core.target import MACHINES, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location

    Command = Callable[..., None]

as_json = click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")
entry = click.argument("entry", type=click.Path(path_type=Path), default=Path(), metavar="[PROJECT]")


@dataclass(frozen=True)
class Build:
    """The project to build, the target and the options."""

    entry: Path
    target: Target
    options: LayerOptions

    def function_options(self, include: Sequence[str], exclude: Sequence[str]) -> FunctionOptions:
        """Return the options of a function, with patterns of the project's own files."""
        values = {field.name: getattr(self.options, field.name) for field in fields(LayerOptions)}
        return FunctionOptions(**values, include=include or None, exclude=exclude or None)


@dataclass(frozen=True)
class Layer:
    """A layer in AWS, its folder in S3, and the clients."""

    name: str
    s3dir_lambda: S3Location
    clients: Clients

    @property
    def keywords(self) -> dict[str, Any]:
        """Keywords of `deploy_layer`."""
        return {
            "layer_name": self.name,
            "s3dir_lambda": self.s3dir_lambda,
            "s3_client": self.clients.s3,
            "lambda_client": self.clients.lambda_,
        }

    def services(self) -> AbstractContextManager[AwsServices]:
        return script_services(self.clients.s3, self.clients.lambda_, lambda: self.clients.cloudformation)


_FILES = (
    click.option(
        "--include",
        multiple=True,
        help="A .gitignore pattern of the project's files to take; repeatable. Default: all files.",
    ),
    click.option(
        "--exclude", multiple=True, help="A .gitignore pattern of its files to leave out; repeatable."
    ),
)

_BUILD = (
    entry,
    click.option(
        "--python",
        type=click.Choice(list(RUNTIMES)),
        help="Lambda's Python. Default: the newest that requires-python allows.",
    ),
    click.option(
        "--arch", type=click.Choice(list(MACHINES)), default="x86_64", show_default=True, help="Lambda's CPU."
    ),
    click.option(
        "--tool",
        type=click.Choice(["uv", "poetry", "pdm", "pipenv", "pip", "pylock"]),
        help="The tool whose lock file decides, where there are several.",
    ),
    click.option("--extra", multiple=True, help="An extra to add; repeatable."),
    click.option("--group", multiple=True, help="A dependency group to add; repeatable."),
    click.option(
        "--only-group", multiple=True, help="A group to take instead of the main dependencies; repeatable."
    ),
    click.option(
        "--ignore",
        multiple=True,
        help="A distribution to leave out, instead of boto3 and the others that Lambda has; repeatable.",
    ),
    click.option("--ignore-nothing", is_flag=True, help="Leave out nothing, not even boto3."),
    click.option(
        "--container",
        is_flag=False,
        flag_value="",
        metavar="[IMAGE]",
        help="Build wheels that the index lacks in the SAM image, or in IMAGE. PROJECT stands before it.",
    ),
    click.option(
        "--acknowledge",
        multiple=True,
        metavar="ID:DISTRIBUTION",
        help="A finding to accept for one distribution, foreign-cpu:selenium for instance; repeatable.",
    ),
    click.option(
        "--compression",
        type=click.Choice(["standard", "smallest"]),
        default="standard",
        show_default=True,
        help="How hard to compress.",
    ),
    click.option(
        "--compile-bytecode", is_flag=True, help="Add bytecode: a larger layer, faster cold starts."
    ),
    click.option(
        "--smoke-test",
        is_flag=True,
        help="Import the packages, with a Python of that version on this machine.",
    ),
)

_AWS = (
    click.option("--profile", help="A profile of the AWS configuration. Default: AWS_PROFILE."),
    click.option("--region", help="The AWS region. Default: AWS_REGION, or the profile's."),
)


def _location(_context: click.Context, _option: click.Parameter, value: str) -> S3Location:
    try:
        return parse_artifact_folder(value)
    except PublishError as error:
        raise click.BadParameter(str(error)) from None


s3_option = click.option(
    "--s3",
    required=True,
    callback=_location,
    metavar="S3://BUCKET/PREFIX",
    help="The folder of its artifacts; a prefix for this artifact alone.",
)


def _account(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value and not re.fullmatch(r"[0-9]{12}", value):
        raise click.BadParameter(f"{value!r} is not an account: give its 12 digits")
    return value


bucket_owner_option = click.option(
    "--bucket-owner",
    default="",
    callback=_account,
    metavar="ACCOUNT",
    help="The account of the bucket; S3 refuses any other. Default: not checked.",
)

_LAYER = (
    click.option("--layer-name", required=True, help="The layer's name in AWS."),
    s3_option,
    bucket_owner_option,
)

_ATTRIBUTES = (
    click.option("--description", default="", help="The version's description, up to 231 characters."),
    click.option(
        "--license", "license_info", default="", help="The license of its content, up to 512 characters."
    ),
)


def build_options(command: Command) -> Command:
    """Give the command a `build`, made of the options of a build."""

    @wraps(command)
    def gathered(
        *args: object,
        entry: Path,
        python: str | None,
        arch: str,
        tool: str | None,
        extra: tuple[str, ...],
        group: tuple[str, ...],
        only_group: tuple[str, ...],
        ignore: tuple[str, ...],
        ignore_nothing: bool,
        container: str | None,
        acknowledge: tuple[str, ...],
        compression: Compression,
        compile_bytecode: bool,
        smoke_test: bool,
        **others: object,
    ) -> None:
        options = LayerOptions(
            lock=LockOptions(tool, extra, group, only_group),
            ignore_package_list=() if ignore_nothing else ignore or None,
            container=True if container == "" else container,
            smoke_test=smoke_test,
            compression=compression,
            compile_bytecode=compile_bytecode,
            acknowledge=acknowledge,
        )
        target = Target(python or newest_python(Project.at(entry)), arch)
        command(*args, build=Build(entry, target, options), **others)

    return _with(gathered, _BUILD)


def file_options(command: Command) -> Command:
    """Give the command `include` and `exclude`, patterns of the project's own files."""
    return _with(command, _FILES)


def aws_options(command: Command) -> Command:
    """Give the command the AWS `clients`."""

    @wraps(command)
    def gathered(*args: object, profile: str | None, region: str | None, **others: object) -> None:
        command(*args, clients=Clients(profile, region), **others)

    return _with(gathered, _AWS)


def layer_options(command: Command) -> Command:
    """Give the command a `layer`."""

    @wraps(command)
    def gathered(
        *args: object, layer_name: str, s3: S3Location, bucket_owner: str, clients: Clients, **others: object
    ) -> None:
        command(*args, layer=Layer(layer_name, replace(s3, owner=bucket_owner), clients), **others)

    return _with(aws_options(gathered), _LAYER)


def attribute_options(command: Command) -> Command:
    """Give the command the `attributes` of a layer version, as keywords of `deploy_layer`."""

    @wraps(command)
    def gathered(*args: object, description: str, license_info: str, **others: object) -> None:
        attributes = {"description": description, "license_info": license_info}
        command(*args, attributes=attributes, **others)

    return _with(gathered, _ATTRIBUTES)


def _with(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
