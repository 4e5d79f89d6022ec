"""The values that options make: a project to build, a layer in AWS, clients."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from constructs_lib.cli.aws import Clients
from constructs_lib.cli.option_table import ATTRIBUTES, BUILD
from constructs_lib.cli.parsed import place_of
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from constructs_lib.cli.screen import Screen
    from constructs_lib.core.function.function_options import FunctionOptions
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class Build:
    """The project to build, the target and the options."""

    entry: Path
    python: str | None
    arch: str
    options: LayerOptions
    note: Callable[[str], None] = field(repr=False)
    """Shows that a default was chosen."""

    @cached_property
    def target(self) -> Target:
        """The target; the project decides about a Python that no option names."""
        from constructs_lib.core.project.default_python import default_python
        from constructs_lib.core.project.pyproject import Project
        from constructs_lib.core.target import Target

        if self.python is not None:
            return Target(self.python, self.arch)
        choice = default_python(Project.at(self.entry))
        self.note(f"Python {choice.version}, {choice.reason}; --python chooses another")
        return Target(choice.version, self.arch)

    def function_options(self, include: Sequence[str], exclude: Sequence[str]) -> FunctionOptions:
        """Return the options of a function, with patterns of the project's own files."""
        from constructs_lib.core.function.function_options import FunctionOptions

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
        from constructs_lib.core.deploy.clients import script_services

        return script_services(self.clients.s3, self.clients.lambda_, lambda: self.clients.cloudformation)


def gathered(ctx: click.Context, screen: Screen) -> dict[str, Any]:
    """Return the parameters of a command; those of a build, a layer and the like are one value each."""
    values = dict(ctx.params)
    if "python" in values:
        values["build"] = _build(ctx, values, screen)
    if "profile" in values:
        values["clients"] = Clients(values.pop("profile"), values.pop("region"))
    if "layer_name" in values:
        values["layer"] = _layer(ctx, values)
    if "license_info" in values:
        values["attributes"] = {name: values.pop(name) for name in _names(ATTRIBUTES)}
    return values


def _names(parameters: Sequence[click.Parameter]) -> list[str]:
    return [parameter.name or "" for parameter in parameters]


def _build(ctx: click.Context, values: dict[str, Any], screen: Screen) -> Build:
    given = {name: values.pop(name) for name in _names(BUILD)}
    entry: Path = given["entry"]
    lock = LockOptions(
        given["tool"],
        given["extra"],
        given["group"],
        given["only_group"],
        given["allow_extra_index_url"],
    )
    options = LayerOptions(
        lock=lock,
        ignore_package_list=() if _ignores_nothing(ctx, given) else given["ignore"] or None,
        container=given["container"],
        credentials=credentials_of(entry, given["credentials"]),
        smoke_test=given["smoke_test"],
        compression=given["compression"],
        compile_bytecode=given["compile_bytecode"],
        acknowledge=given["acknowledge"],
        exclude_files=given["exclude_files"],
    )
    return Build(entry, given["python"], given["arch"], options, screen.note)


def _ignores_nothing(ctx: click.Context, given: dict[str, Any]) -> bool:
    """Return whether `ignore_nothing` counts: a more explicit `--ignore` overrides it."""
    is_overridden = place_of(ctx, "ignore") < place_of(ctx, "ignore_nothing")
    return bool(given["ignore_nothing"]) and not is_overridden


def credentials_of(entry: Path, names: Sequence[str]) -> tuple[Credentials, ...]:
    """Return the credentials of indexes, from the environment, by `NAME` or `NAME=URL`."""
    if not names:
        return ()
    # 30 ms that only private indexes cost.
    from constructs_lib.core.index.declared import named_credentials
    from constructs_lib.core.project.pyproject import Project

    project = Project.at(entry)
    return tuple(named_credentials(project, *name.partition("=")[::2]) for name in names)


def _layer(ctx: click.Context, values: dict[str, Any]) -> Layer:
    name, location = values.pop("layer_name"), values.pop("s3")
    owner, clients = values.pop("bucket_owner"), values.pop("clients")
    stack, construct = values.pop("stack", None), values.pop("construct", None)
    _refuse_contradiction(ctx)
    if stack is not None and not _is_overridden(ctx):
        # A CDK app's layer: boto3 alone costs more.
        from constructs_lib.core.deploy.deployed_layer import find_deployed_layer

        deployed = find_deployed_layer(clients.cloudformation, stack, construct or "")
        name, location = deployed.layer_name, deployed.s3dir_lambda
    if name is None or location is None:
        raise click.UsageError("give --layer-name and --s3, or --stack", ctx)
    return Layer(name, replace(location, owner=owner or location.owner), clients)


def _refuse_contradiction(ctx: click.Context) -> None:
    """Raise for options of the command line of which one would have no effect."""
    typed = {
        name
        for name in ("layer_name", "s3", "stack", "construct")
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if "stack" in typed and typed & {"layer_name", "s3"}:
        raise click.UsageError("--stack stands instead of --layer-name and --s3: leave it or those out", ctx)
    if "construct" in typed and (typed & {"layer_name", "s3"} or ctx.params["stack"] is None):
        raise click.UsageError("--construct means nothing without --stack: leave it out", ctx)


def _is_overridden(ctx: click.Context) -> bool:
    """Return whether name and place are more explicit than the stack, which a file may name."""
    name, s3, stack = (place_of(ctx, option) for option in ("layer_name", "s3", "stack"))
    return max(name, s3) < stack
