"""Shell completion."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a shell's completion script.

    To use it in this shell: eval "$(constructs-lib completion bash)"
    """
    from click.shell_completion import get_completion_class  # no other command needs it

    from constructs_lib.cli.stdout import writing_stdout

    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"no completion for {shell}")
    root = ctx.find_root()
    with writing_stdout():
        click.echo(kind(root.command, {}, "constructs-lib", "_CONSTRUCTS_LIB_COMPLETE").source())
