"""`versions`, `diff` and `prune`, with moto as AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.commands import LAYER_OPTIONS, document, run
from tests.support.files.projects import lock, write_cart

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.aws.world import World


def publish_two(shop: Path) -> None:
    for total in (1, 2):
        write_cart(shop, total)
        (shop / "uv.lock").unlink(missing_ok=True)
        lock(shop)
        assert run("publish", shop, *LAYER_OPTIONS).exit_code == 0


def test_versions_are_listed_newest_first(world: World, shop: Path) -> None:
    """With what is beside them; a layer without versions is no error."""
    assert run("versions", *LAYER_OPTIONS).stdout.endswith("has no version\n")
    publish_two(shop)
    rows = document(run("versions", *LAYER_OPTIONS, "--json"))["versions"]
    assert [row["version"] for row in rows] == [2, 1]
    assert rows[0]["manifest"].endswith("/000002/uv.lock")
    assert rows[0]["sbom"].endswith("/000002/sbom.cdx.json")
    table = run("versions", *LAYER_OPTIONS).stdout
    assert "used by" in table
    assert "uv.lock" in table


def test_the_difference_of_two_versions_is_shown(world: World, shop: Path) -> None:
    publish_two(shop)
    [change] = document(run("diff", 1, 2, *LAYER_OPTIONS, "--json"))["changes"]
    assert (change["name"], change["other_wheel"]) == ("cart", True)
    assert "cart" in run("diff", 1, 2, *LAYER_OPTIONS).stdout


def test_old_versions_are_deleted(world: World, shop: Path) -> None:
    """A dry run deletes none."""
    publish_two(shop)
    dry = document(run("prune", *LAYER_OPTIONS, "--keep", 1, "--dry-run", "--json"))
    assert len(dry["would_delete"]) == 1
    assert document(run("prune", *LAYER_OPTIONS, "--keep", 1, "--json"))["deleted"] == dry["would_delete"]
    assert run("prune", *LAYER_OPTIONS, "--keep", 1).stdout == "nothing to delete\n"
