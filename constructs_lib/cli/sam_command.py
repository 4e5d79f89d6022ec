"""`constructs-lib sam-template`: what `sam local` needs to run a function of a CDK app with its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.cli.local_template import write_local_templates

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.cli.screen import Screen


def sam_template(screen: Screen, assembly: Path, *, as_json: bool) -> None:
    """Write templates for `sam local` beside those of an assembly."""
    written = [str(path) for path in write_local_templates(assembly)]
    screen.show({"templates": written}, lambda: "\n".join(written), as_json=as_json)
