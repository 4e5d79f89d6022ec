"""Options that an environment variable and pyproject.toml can give too, and the checks of their values."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from constructs_lib.core.aws_facts import LAYER_NAME_PATTERN, LAYER_NAME_RULE

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.publish.layout import S3Location

VARIABLES = "CONSTRUCTS_LIB"
"""The beginning of the environment variables that options are read from."""


class Setting(click.Option):
    """An option that an environment variable and a key of `[tool.constructs-lib]` can give too."""

    @property
    def key(self) -> str:
        """The key in pyproject.toml: the long name without its dashes."""
        return max(self.opts, key=len).removeprefix("--")

    @property
    def variable(self) -> str:
        """The environment variable: `CONSTRUCTS_LIB_ONLY_GROUP` for `--only-group`."""
        return f"{VARIABLES}_{self.key.replace('-', '_').upper()}"


class PathType(click.Path):
    """A path, as `pathlib` has it; the module is imported for a value only, since it takes as long as half the help."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401
        """Check the text and return the path; an empty one would be the current folder, and a dash a file of that name."""
        if value == "" or (value == "-" and not self.allow_dash):
            self.fail(f"{value!r} is no {self.name}: name one", param, ctx)
        from pathlib import Path

        return Path(os.fsdecode(super().convert(value, param, ctx)))


def option(*names: str, help: str, **settings: Any) -> Setting:  # noqa: A002 - click's word
    """Make an option with its environment variable."""
    setting = Setting(list(names), help=help, **settings)
    setting.envvar = setting.variable
    return setting


def s3_location(_context: click.Context, _option: click.Parameter, value: str | None) -> S3Location | None:
    """Read the address of an artifact's folder."""
    if value is None:
        return None
    # 20 ms, and the help of a command has no address.
    from constructs_lib.core.errors import PublishError
    from constructs_lib.core.publish.prefix import parse_artifact_folder
    from constructs_lib.core.system.secrets import redact

    try:
        return parse_artifact_folder(value)
    except PublishError as error:
        raise click.BadParameter(redact(str(error))) from None


def layer_name(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Refuse a name that Lambda would refuse."""
    if value is not None and not re.fullmatch(LAYER_NAME_PATTERN, value):
        raise click.BadParameter(f"{value!r} is not a layer name: use {LAYER_NAME_RULE}")
    return value


def account(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse what is no account's number."""
    if value and not re.fullmatch(r"[0-9]{12}", value):
        raise click.BadParameter(f"{value!r} is not an account: give its 12 digits")
    return value


def image(_context: click.Context, _option: click.Parameter, value: str | None) -> str | bool | None:
    """Return True for the SAM image, or the name of another one."""
    if value is None or value.lower() in {"0", "false", "no"}:
        return None
    if value.lower() in {"", "1", "true", "yes"}:
        return True
    if os.path.isfile(os.path.join(value, "pyproject.toml")):  # noqa: PTH113, PTH118 - as above
        raise click.BadParameter(
            f"{value!r} is a project, and was read as the image's name: write PROJECT before --container"
        )
    return value


VARIABLE_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


def variables(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read `NAME=VALUE` texts."""
    read = {}
    for number, value in enumerate(values, 1):
        name, equals, text = value.partition("=")
        if not equals or not re.fullmatch(VARIABLE_NAME, name):
            # Not quoted: in a variable, which is split at spaces, it may be a part of a password.
            raise click.BadParameter(f"value {number} is no NAME=VALUE: write --env STAGE=test for instance")
        read[name] = text
    return read


def headers(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Read `Name: value` texts."""
    read = []
    for value in values:
        name, colon, text = value.partition(":")
        if not colon:
            raise click.BadParameter("a header has a colon: write --header 'Accept: text/html' for instance")
        read.append((name.strip(), text.strip()))
    return tuple(read)


SECRET = frozenset({"env", "header"})
"""Keys of options whose values may be passwords."""
