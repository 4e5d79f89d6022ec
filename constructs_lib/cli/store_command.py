"""`constructs-lib store`: the wheel store of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from constructs_lib.cli.options import as_json
from constructs_lib.core.progress import readable
from constructs_lib.core.store.wheel_store import WheelStore

if TYPE_CHECKING:
    from constructs_lib.cli.screen import Screen


@click.group()
def store() -> None:
    """Measure or empty this machine's wheel store.

    It is the library's only cache. CONSTRUCTS_LIB_STORE names its folder.
    """


@store.command()
@as_json
@click.pass_obj
def size(screen: Screen, *, as_json: bool) -> None:
    """Show how many bytes and files it holds."""
    wheels = WheelStore.default()
    used = wheels.usage()
    document = {"path": str(wheels.root), "files": used.files, "bytes": used.size}
    screen.show(
        document, lambda: f"{wheels.root}: {readable(used.size)} in {used.files} files", as_json=as_json
    )


@store.command()
@as_json
@click.pass_obj
def clear(screen: Screen, *, as_json: bool) -> None:
    """Remove everything in it; the next build fetches its wheels again."""
    wheels = WheelStore.default()
    used = wheels.clear()
    document = {"path": str(wheels.root), "files": used.files, "bytes": used.size}
    screen.show(
        document,
        lambda: f"{wheels.root}: removed {readable(used.size)} in {used.files} files",
        as_json=as_json,
    )
