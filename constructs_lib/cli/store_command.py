"""`constructs-lib store`: the wheel store of this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from constructs_lib.core.progress import counted, readable
from constructs_lib.core.store.wheel_store import Usage, WheelStore

if TYPE_CHECKING:
    from constructs_lib.cli.screen import Screen

_DAY = 24 * 3600
_NOTHING = Usage(0, 0)


def dir(screen: Screen, *, as_json: bool) -> None:  # noqa: A001 - the command's name
    """Show the folder."""
    root = str(_store(screen).root)
    screen.show({"path": root}, lambda: root, as_json=as_json)


def size(screen: Screen, *, as_json: bool) -> None:
    """Show how much it holds."""
    wheels = _store(screen)
    _show(screen, wheels, "", wheels.usage(), as_json=as_json)


def prune(screen: Screen, unused_for: int, *, as_json: bool) -> None:
    """Remove what was not used for some days."""
    wheels = _store(screen)
    question = f"Remove what was not used for {unused_for} days from {wheels.root}?"
    used = wheels.prune(time.time() - unused_for * _DAY) if screen.confirm(question) else _NOTHING
    _show(screen, wheels, "removed ", used, as_json=as_json)


def clear(screen: Screen, *, as_json: bool) -> None:
    """Remove everything."""
    wheels = _store(screen)
    used = wheels.clear() if screen.confirm(f"Remove everything in {wheels.root}?") else _NOTHING
    _show(screen, wheels, "removed ", used, as_json=as_json)


def _store(screen: Screen) -> WheelStore:
    return screen.store or WheelStore.default()


def _show(screen: Screen, wheels: WheelStore, verb: str, used: Usage, *, as_json: bool) -> None:
    remote = wheels.remote.address if wheels.remote else None
    document = {"path": str(wheels.root), "files": used.files, "bytes": used.size, "remote": remote}
    text = f"{wheels.root}: {verb}{readable(used.size)} in {counted(used.files, 'file')}"
    text += f"; behind it {remote}, which is left as it is" if remote else ""
    screen.show(document, lambda: text, as_json=as_json)
