from __future__ import annotations

from pathlib import Path

from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, Manifest


def test_locked_things_name_themselves() -> None:
    """In lines about them, and their file's kind by its suffix."""
    wheel = LockedFile("aa", "1.0", "aa-1.0-py3-none-any.whl", "0", "https://host/aa")
    sdist = LockedFile("aa", "1.0", "aa-1.0.tar.gz", "0", "https://host/aa")
    assert (str(wheel), wheel.suffix, wheel.is_wheel) == ("aa==1.0", ".whl", True)
    assert (sdist.suffix, sdist.is_wheel) == (".gz", False)
    assert str(LockedDirectory("lib", Path("/lib"))) == "lib from /lib"
    assert Manifest(Path("/shop/uv.lock"), b"").name == "uv.lock"
