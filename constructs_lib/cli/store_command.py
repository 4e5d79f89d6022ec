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

    It is the one cache there is. CONSTRUCTS_LIB_STORE names its folder.
    """


@store.command()
@as_json
@click.pass_obj
def size(screen: Screen, *, as_json: bool) -> None:
    """How many bytes and files it holds."""
    found = WheelStore.default()
    used = found.usage()
    document = {"path": str(found.root), "files": used.files, "bytes": used.size}
    screen.show(
        document, lambda: f"{found.root}: {readable(used.size)} in {used.files} files", as_json=as_json
    )


@store.command()
@as_json
@click.pass_obj
def clear(screen: Screen, *, as_json: bool) -> None:
    """Remove everything in it; the next build fetches its wheels again."""
    found = WheelStore.default()
    used = found.clear()
    document = {"path": str(found.root), "files": used.files, "bytes": used.size}
    screen.show(
        document,
        lambda: f"{found.root}: removed {readable(used.size)} in {used.files} files",
        as_json=as_json,
    )
