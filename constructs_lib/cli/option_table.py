"""The options of all commands, as data: `config`, the settings in pyproject.toml and the reference are made from it.

Nothing here imports the pipeline: the help and the completion of a shell need the options alone.
"""

from __future__ import annotations

import click

from constructs_lib.cli.setting import (
    PathType,
    Setting,
    account,
    headers,
    image,
    layer_name,
    option,
    s3_location,
    variables,
)
from constructs_lib.core.aws_facts import (
    DEFAULT_MEMORY,
    DEFAULT_TIMEOUT,
    LONGEST_TIMEOUT,
    MOST_MEMORY,
    RUNTIMES,
)


def _file(*, exists: bool = False) -> PathType:
    return PathType(dir_okay=False, exists=exists)


# --- everywhere ----------------------------------------------------------------------------------------------

PROJECT = click.Argument(["entry"], type=PathType(), default=".", metavar="[PROJECT]")
JSON = option("--json", "as_json", is_flag=True, help="The result, or the error, as JSON on stdout.")
YES = option("-y", "--yes", is_flag=True, help="Delete without asking, also on a terminal.")
GLOBAL = (
    option("-q", "--quiet", is_flag=True, help="No progress and notes; results, warnings and errors only."),
    option(
        "-v",
        "--verbose",
        count=True,
        help="Details, and the traceback of a failure that nothing expects; -vv: each command, request and hit of "
        "the store, and the traceback of every failure.",
    ),
    option("--no-color", is_flag=True, help="No colors; the environment variable NO_COLOR does the same."),
    option(
        "--strict",
        is_flag=True,
        help="Warnings are failures: exit code 1, and what has one is not published.",
    ),
    option(
        "--store",
        type=PathType(file_okay=False),
        metavar="FOLDER",
        help="The folder of the wheel store.",
    ),
)
"""The options that stand before or after the command."""

# --- a build -------------------------------------------------------------------------------------------------

CREDENTIALS = option(
    "--credentials",
    multiple=True,
    metavar="NAME[=URL]",
    help="An index of pyproject.toml, or one at URL, whose user name and password are in the environment: "
    "UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD; repeatable.",
)
FILES = (
    option(
        "--include",
        multiple=True,
        help="A .gitignore pattern of the project's files to take; repeatable. Default: all files.",
    ),
    option("--exclude", multiple=True, help="A .gitignore pattern of its files to leave out; repeatable."),
)
BUILD = (
    PROJECT,
    option(
        "--python",
        type=click.Choice(list(RUNTIMES)),
        help="Lambda's Python. Default: that of .python-version, else the newest that requires-python allows.",
    ),
    option(
        "--arch",
        type=click.Choice(["x86_64", "arm64"]),
        default="x86_64",
        show_default=True,
        help="Lambda's CPU.",
    ),
    option(
        "--tool",
        type=click.Choice(["uv", "poetry", "pdm", "pipenv", "pip", "pylock"]),
        help="The tool whose lock file decides, where there are several.",
    ),
    option("--extra", multiple=True, help="An extra to add; repeatable."),
    option("--group", multiple=True, help="A dependency group to add; repeatable."),
    option(
        "--only-group", multiple=True, help="A group to take instead of the main dependencies; repeatable."
    ),
    option(
        "--allow-extra-index-url",
        is_flag=True,
        help="Let a requirements.txt name a second index, which could offer a higher version of a private name.",
    ),
    CREDENTIALS,
    option(
        "--ignore",
        multiple=True,
        help="A distribution to leave out, instead of boto3 and the others that Lambda has; repeatable.",
    ),
    option(
        "--exclude-files",
        multiple=True,
        metavar="PATTERN",
        help="A .gitignore pattern of the wheels' files to leave out, tests/ for instance; repeatable.",
    ),
    option("--ignore-nothing", is_flag=True, help="Leave out nothing, not even boto3."),
    option(
        "--container",
        is_flag=False,
        flag_value="",
        callback=image,
        metavar="[IMAGE]",
        help="Build wheels that the index lacks in the SAM image, or in IMAGE. PROJECT stands before it.",
    ),
    option(
        "--acknowledge",
        multiple=True,
        metavar="ID:DISTRIBUTION",
        help="A finding to accept for one distribution, foreign-cpu:selenium for instance; repeatable.",
    ),
    option(
        "--compression",
        type=click.Choice(["standard", "smallest"]),
        default="standard",
        show_default=True,
        help="How hard to compress.",
    ),
    option("--compile-bytecode", is_flag=True, help="Add bytecode: a larger layer, faster cold starts."),
    option(
        "--smoke-test",
        is_flag=True,
        help="Import the packages, with a Python of that version on this machine.",
    ),
)
OUTPUT = (
    option(
        "--out",
        type=PathType(file_okay=False),
        default="build/lambda",
        show_default=True,
        help="The folder for the result.",
    ),
    option(
        "--source",
        is_flag=True,
        help="Build source.zip instead: the project itself, without its dependencies.",
    ),
    option(
        "--function",
        is_flag=True,
        help="Build function.zip instead: the project and its dependencies in one zip.",
    ),
    option("--report", type=_file(), help="Write a page with the layer's contents to this file too."),
)
INSPECTION = (
    option("--html", type=_file(), help="Write a page with a treemap to this file instead of the table."),
    option(
        "--against",
        type=_file(exists=True),
        metavar="SBOM",
        help="The sbom.cdx.json of an earlier build, to compare with.",
    ),
)

# --- AWS -----------------------------------------------------------------------------------------------------

_REGION = (
    option("--profile", help="A profile of the AWS configuration. Default: AWS_PROFILE."),
    option("--region", help="The AWS region. Default: AWS_REGION, or the profile's."),
)


def _layer_name(*, required: bool) -> Setting:
    return option("--layer-name", required=required, callback=layer_name, help="The layer's name in AWS.")


def _s3(*, required: bool) -> Setting:
    return option(
        "--s3",
        required=required,
        callback=s3_location,
        metavar="S3://BUCKET/PREFIX",
        help="The folder of its artifacts; a prefix for this artifact alone.",
    )


_BUCKET_OWNER = option(
    "--bucket-owner",
    default="",
    callback=account,
    metavar="ACCOUNT",
    help="The account of the bucket; S3 refuses any other. Default: not checked.",
)
UPLOAD = (_s3(required=True), _BUCKET_OWNER, *_REGION)
LAYER = (_layer_name(required=True), *UPLOAD)
PUBLISHED = (
    _layer_name(required=False),
    _s3(required=False),
    option(
        "--stack",
        help="The CloudFormation stack whose template has the layer's name and folder, instead of these two options.",
    ),
    option(
        "--construct",
        metavar="PATH",
        help="The layer's construct in that stack, where it has several: its path or id, Deps for instance.",
    ),
    _BUCKET_OWNER,
    *_REGION,
)
ATTRIBUTES = (
    option("--description", default="", help="The version's description, up to 231 characters."),
    option("--license", "license_info", default="", help="The license of its content, up to 512 characters."),
)
KEEP = option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Afterwards delete old versions, all but the newest N and those in use; see prune.",
)
EXIT_CODE = option("--exit-code", is_flag=True, help="Leave with 3 if there is something to do.")
PRUNE = (
    option(
        "--keep",
        type=click.IntRange(min=1),
        required=True,
        metavar="N",
        help="How many of the newest stay.",
    ),
    option("--dry-run", is_flag=True, help="Name the versions that would go, and delete nothing."),
    YES,
)
UNUSED_FOR = option(
    "--unused-for",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Remove what no build has read or written for so long.",
)

# --- an invocation -------------------------------------------------------------------------------------------

INVOCATION = (
    option(
        "--handler", metavar="PKG.MOD.FUNCTION", help="The handler, as the function's configuration has it."
    ),
    option(
        "--event",
        type=PathType(allow_dash=True),
        metavar="FILE",
        help="Its event, JSON; - is stdin. Default: {}.",
    ),
    option("--asgi", metavar="PKG.MOD:APP", help="An ASGI app to send one request to, instead of a handler."),
    option("--wsgi", metavar="PKG.MOD:APP", help="A WSGI app, likewise."),
    option("--path", help="The request's path, with its query. Default: /."),
    option("--method", help="Its method. Default: GET."),
    option("--header", multiple=True, callback=headers, help="A header, 'Name: value'; repeatable."),
    option(
        "--body", type=PathType(allow_dash=True), metavar="FILE", help="The file with its body; - is stdin."
    ),
    option(
        "--env",
        multiple=True,
        callback=variables,
        metavar="NAME=VALUE",
        help="An environment variable; repeatable.",
    ),
    option(
        "--timeout",
        type=click.FloatRange(0, LONGEST_TIMEOUT, min_open=True),
        default=DEFAULT_TIMEOUT,
        show_default=True,
        help="Seconds for the invocation.",
    ),
    option(
        "--memory",
        type=click.IntRange(DEFAULT_MEMORY, MOST_MEMORY),
        default=DEFAULT_MEMORY,
        show_default=True,
        help="MB for its processes.",
    ),
    option("--function", is_flag=True, help="Build code and dependencies in one zip."),
)
