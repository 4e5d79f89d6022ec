"""The command line, `constructs-lib`: the same steps as from a script, for daily use next to `cdk`."""

from __future__ import annotations

import sys

from constructs_lib.core.errors import ArtifactError, ToolError, render


def main() -> None:
    """Run a command and leave with its exit code."""
    try:
        from constructs_lib.cli.app import app
    except KeyboardInterrupt:  # before there is a command that could be interrupted
        sys.exit(130)
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        from constructs_lib.core.extras import install_command

        text = f"the command line needs {error.name}, which is not installed: {install_command('cli')}"
        sys.exit(render(ToolError("cli-missing", text)))
    from constructs_lib.cli.stdout import writing_stdout

    try:
        with writing_stdout():  # the help and the version, which click prints
            app(prog_name="constructs-lib")
    except ArtifactError as error:
        sys.exit(render(error))
