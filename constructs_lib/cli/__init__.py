"""The command line, `constructs-lib`: the same steps as from a script, for daily use next to `cdk`."""

from __future__ import annotations

import sys

from constructs_lib.core.errors import ToolError, render


def main() -> None:
    """Run a command and leave with its exit code."""
    try:
        from constructs_lib.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        text = f"the command line needs {error.name}: pip install 'constructs-lib[cli]'"
        sys.exit(render(ToolError("cli-missing", text)))
    app(prog_name="constructs-lib")
