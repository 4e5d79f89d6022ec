"""A run: warnings that fail it."""

from __future__ import annotations

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
