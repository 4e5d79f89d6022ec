"""Running a command in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_lib.cli.app import app
from tests.support.aws.world import LAYER, PREFIX
from tests.support.click_runner import CliRunner

if TYPE_CHECKING:
    from click.testing import Result

LAYER_OPTIONS = ("--layer-name", LAYER, "--s3", PREFIX.uri)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(done: Result) -> dict[str, Any]:
    """Return the JSON on stdout."""
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found
