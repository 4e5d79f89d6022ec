"""`plan`, `publish` and `publish-source`, with moto as AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.cli.publish_commands import SOMETHING_TO_DO
from tests.cli.commands import LAYER_OPTIONS, document, run
from tests.support.files.projects import require_boto3

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.aws.world import World


def test_a_plan_comes_true(world: World, shop: Path) -> None:
    """First there is a new version to publish, then nothing to do."""
    plan = document(run("plan", shop, *LAYER_OPTIONS, "--json"))
    assert (plan["unchanged"], plan["layer_version_arn"]) == (False, None)
    assert run("plan", shop, *LAYER_OPTIONS, "--exit-code").exit_code == SOMETHING_TO_DO
    published = document(run("publish", shop, *LAYER_OPTIONS, "--json"))
    assert (published["layer_version"], published["is_new"]) == (1, True)
    done = run("plan", shop, *LAYER_OPTIONS, "--exit-code")
    assert done.stdout == f"nothing to do: {published['layer_version_arn']} is the same\n"
    assert run("publish", shop, *LAYER_OPTIONS).stdout == f"{published['layer_version_arn']}\n"
    assert world.writes


def test_notes_on_the_layer_are_shown_once(world: World, shop: Path) -> None:
    """On stderr, because the result is an ARN; `--quiet` leaves them out."""
    require_boto3(shop)
    assert run("publish", shop, *LAYER_OPTIONS).stderr.count("note: boto3==1.0 is left out") == 1
    assert run("--quiet", "plan", shop, *LAYER_OPTIONS).stderr == ""


def test_old_versions_go_if_asked_for(world: World, shop: Path) -> None:
    """The plan names them; publishing keeps the newest."""
    for description in ("one", "two"):
        run("publish", shop, *LAYER_OPTIONS, "--description", description)
    keep = ("--description", "two", "--keep", 1)
    [arn] = document(run("plan", shop, *LAYER_OPTIONS, *keep, "--json"))["deletes"]
    assert f"would delete {arn}" in run("plan", shop, *LAYER_OPTIONS, *keep).stdout
    assert document(run("publish", shop, *LAYER_OPTIONS, *keep, "--json"))["deleted"] == [arn]


def test_a_source_is_uploaded_to_a_place_of_its_content(world: World, shop: Path) -> None:
    done = run("publish-source", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock", "--json")
    source = document(done)
    assert source["s3_uri"].endswith(f"/source/1.2.3/{source['source_sha256']}/source.zip")
    assert (
        run("publish-source", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock").stdout
        == f"{source['s3_uri']}\n"
    )
