"""A run: warnings that fail it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.cli.commands import LAYER_OPTIONS, run
from tests.support.files.projects import PYPROJECT, lock
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.aws.world import World


def make_warning(shop: Path) -> None:
    """Let the layer have a file whose code Lambda would run at its start."""
    make_wheel(shop / "vendor", "cart", files={"cart.py": b"", "sitecustomize.py": b"import cart\n"})
    (shop / "pyproject.toml").write_text(PYPROJECT)
    (shop / "uv.lock").unlink()
    lock(shop)


def test_a_warning_fails_a_strict_build(shop: Path) -> None:
    """The files are there, and the exit code is 1."""
    make_warning(shop)
    out = ("--out", shop.parent / "out")
    assert run("build", shop, *out).exit_code == 0
    done = run("build", shop, *out, "--strict")
    assert done.exit_code == 1
    assert "error[warnings-refused]: 1 warning, and --strict makes it a failure: " in done.stderr
    assert (shop.parent / "out" / "layer.zip").is_file()


def test_a_strict_publication_publishes_nothing_with_a_warning(world: World, shop: Path) -> None:
    """A version cannot be taken back."""
    make_warning(shop)
    for command in (
        ("publish", shop, *LAYER_OPTIONS),
        ("publish-function", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock"),
    ):
        done = run(*command, "--strict")
        assert (done.exit_code, "error[warnings-refused]" in done.stderr) == (1, True)
    assert world.writes == []
    assert run("publish", shop, *LAYER_OPTIONS).exit_code == 0


def test_twice_verbose_shows_where_each_file_came_from(shop: Path) -> None:
    """The lock file, the commands, and what the store had; `-v` and a plain run do not."""
    out = ("--out", shop.parent / "out")
    first, second = run("build", shop, *out, "-vv").stderr, run("build", shop, *out, "-vv").stderr
    wheel = "cart-1.0-py3-none-any.whl"
    assert f"the lock file of {shop} is {shop / 'uv.lock'}\n" in first
    assert re.search(r"ran in .*uv export --frozen .*: exit code 0, \d+\.\d\d s\n", first)
    assert f"missing in the store: {wheel}, sha256 " in first
    assert f"\nfetched {wheel} " in first
    assert f"\nin the store: {wheel}, sha256 " in second
    assert f"fetched {wheel}" not in second
    assert "in the store" not in run("build", shop, *out, "-v").stderr
