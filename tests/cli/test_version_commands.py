"""`versions`, `diff` and `prune`, with moto as AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.app import app
from constructs_lib.cli.aws import Clients
from tests.cli.commands import LAYER_OPTIONS, document, run
from tests.core.deploy.test_deployed_layer import FakeCloudFormation, layer, template
from tests.support.aws.faults import refuse
from tests.support.aws.world import LAYER, PREFIX
from tests.support.click_runner import CliRunner
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


def test_the_difference_has_what_lambda_knows_of_both(world: World, shop: Path) -> None:
    """Python, CPU and description; of a version that was deleted only its files are left."""
    other = ("--arch", "arm64", "--description", "second")
    for options in (("--python", "3.12"), ("--python", "3.13", *other)):
        assert run("publish", shop, *LAYER_OPTIONS, *options).exit_code == 0
    assert document(run("diff", 1, 2, *LAYER_OPTIONS, "--json"))["attributes"] == [
        {"name": "runtimes", "before": "python3.12", "after": "python3.13"},
        {"name": "architectures", "before": "x86_64", "after": "arm64"},
        {"name": "description", "before": None, "after": "second"},
    ]
    lines = run("diff", 1, 2, *LAYER_OPTIONS).stdout.splitlines()
    assert lines[:3] == [
        "runtimes: python3.12 → python3.13",
        "architectures: x86_64 → arm64",
        "description: none → 'second'",
    ]
    assert lines[3] == "Nothing has changed in the distributions."
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    done = run("diff", 1, 2, *LAYER_OPTIONS, "--json")
    assert document(done)["attributes"] is None
    assert (
        "note: Python, CPU and description are not compared: Lambda has not both versions any more\n"
        in done.stderr
    )


def test_the_difference_needs_no_right_to_list_versions(world: World, shop: Path) -> None:
    """The files are compared all the same."""
    publish_two(shop)
    world.next("lambda.ListLayerVersions", refuse(403, "AccessDeniedException"))
    done = run("diff", 1, 2, *LAYER_OPTIONS, "--json")
    assert (len(document(done)["changes"]), document(done)["attributes"]) == (1, None)
    assert "note: Python, CPU and description are not compared: lambda:ListLayerVersions" in done.stderr


def test_each_deletion_is_one_line(world: World, shop: Path) -> None:
    """It is the result of `prune`, and a note beside the result of `publish`."""
    publish_two(shop)
    pruned = run("prune", *LAYER_OPTIONS, "--keep", 1)
    [line] = pruned.stdout.splitlines()
    assert line.startswith("deleted arn:")
    assert line not in pruned.stderr
    write_cart(shop, 3)
    (shop / "uv.lock").unlink()
    lock(shop)
    assert run("publish", shop, *LAYER_OPTIONS, "--keep", 1).stderr.count("note: deleted arn:") == 1


def test_old_versions_are_deleted(world: World, shop: Path) -> None:
    """A dry run deletes none."""
    publish_two(shop)
    dry = document(run("prune", *LAYER_OPTIONS, "--keep", 1, "--dry-run", "--json"))
    assert len(dry["would_delete"]) == 1
    assert document(run("prune", *LAYER_OPTIONS, "--keep", 1, "--json"))["deleted"] == dry["would_delete"]
    assert run("prune", *LAYER_OPTIONS, "--keep", 1).stdout == "nothing to delete\n"


def test_a_stack_names_its_layer(world: World, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of name and place; those on the command line override a stack of the settings."""
    publish_two(shop)
    listed = document(run("versions", *LAYER_OPTIONS, "--json"))
    assert len(listed["versions"]) == 2
    stack = template(Deps=layer(LayerName=LAYER, Bucket=PREFIX.bucket, Prefix=PREFIX.key))
    monkeypatch.setattr(Clients, "cloudformation", FakeCloudFormation(stack))
    assert document(run("versions", "--stack", "Shop", "--json")) == listed
    changes = document(run("diff", 1, 2, "--stack", "Shop", "--construct", "Deps", "--json"))["changes"]
    assert [change["name"] for change in changes] == ["cart"]
    assert (
        "has no layer of construct 'Other'" in run("versions", "--stack", "S", "--construct", "Other").stderr
    )
    monkeypatch.setenv("CONSTRUCTS_LIB_STACK", "Shop")
    other = ("--layer-name", "other", *LAYER_OPTIONS[2:], "--json")
    assert document(run("versions", *other))["layer_name"] == "other"


def test_a_deletion_that_was_declined_is_told(
    world: World, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There was something to delete."""
    publish_two(shop)
    monkeypatch.setattr("constructs_lib.cli.screen.is_terminal", lambda: True)
    done = CliRunner().invoke(app, ["prune", *LAYER_OPTIONS, "--keep", "1"], input="n\n")
    assert (done.stdout, world.live()) == ("nothing was deleted\n", [1, 2])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((*LAYER_OPTIONS, "--stack", "Shop"), "--stack stands instead of --layer-name and --s3"),
        (("--layer-name", LAYER, "--stack", "Shop"), "--stack stands instead of --layer-name and --s3"),
        ((*LAYER_OPTIONS, "--construct", "Deps"), "--construct means nothing without --stack"),
    ],
)
def test_two_layers_are_not_named_at_once(options: tuple[str, ...], told: str) -> None:
    """Which one `prune` deletes versions of must not be a guess."""
    done = run("prune", *options, "--keep", 1)
    assert (done.exit_code, told in done.stderr) == (2, True)


@pytest.mark.parametrize(("answer", "left"), [("n\n", [1, 2]), ("y\n", [2])])
def test_a_person_is_asked_before_versions_are_deleted(
    world: World, shop: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: list[int]
) -> None:
    """By `prune` and by `publish --keep`; a deleted version cannot be brought back."""
    publish_two(shop)
    monkeypatch.setattr("constructs_lib.cli.screen.is_terminal", lambda: True)
    for command in (("prune", *LAYER_OPTIONS), ("publish", shop, *LAYER_OPTIONS)):
        arguments = [*map(str, command), "--keep", "1", "--json"]
        done = CliRunner().invoke(app, arguments, input=answer)
        assert done.exit_code == 0, done.output
        assert ("Delete arn:" in done.stderr) is (command[0] == "prune" or left == [1, 2])
        assert bool(json.loads(done.stdout)["deleted"]) is (left == [2] and command[0] == "prune")
        assert world.live() == left
