"""`constructs-lib sam-template`: what `sam local` needs to run a function of a CDK app with its layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.local_template import write_local_templates
from constructs_lib.cli.options import as_json

if TYPE_CHECKING:
    from constructs_lib.cli.screen import Screen


@click.command("sam-template")
@click.argument("assembly", type=click.Path(path_type=Path, file_okay=False), default=Path("cdk.out"))
@as_json
@click.pass_obj
def sam_template(screen: Screen, assembly: Path, *, as_json: bool) -> None:
    """Write templates for `sam local` into cdk.out.

    ASSEMBLY is the output of `cdk synth`, by default `cdk.out`.

    In STACK.sam.json the layers of this library are layer versions with a folder of this machine, so that SAM finds a
    function's code and its layers: sam local invoke -t cdk.out/STACK.sam.json
    """
    written = [str(path) for path in write_local_templates(assembly)]
    screen.show({"templates": written}, lambda: "\n".join(written), as_json=as_json)
