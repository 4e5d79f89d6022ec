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


def test_what_publish_answers_with_is_never_deleted(world: World, shop: Path) -> None:
    """Going back to an old version makes it the one in use: for plan, publish and a later prune."""
    first, second, again = (("--description", text, "--keep", 1) for text in ("one", "two", "one"))
    arn = document(run("publish", shop, *LAYER_OPTIONS, *first, "--json"))["layer_version_arn"]
    kept = document(run("publish", shop, *LAYER_OPTIONS, *second[:2], "--json"))["layer_version_arn"]
    assert document(run("plan", shop, *LAYER_OPTIONS, *again, "--json"))["deletes"] == []
    done = document(run("publish", shop, *LAYER_OPTIONS, *again, "--json"))
    assert (done["layer_version_arn"], done["is_new"], done["deleted"]) == (arn, False, [])
    assert run("prune", *LAYER_OPTIONS, "--keep", 1).stdout == "nothing to delete\n"
    # The next answer lets it go, and the plan says so.
    assert document(run("plan", shop, *LAYER_OPTIONS, *second, "--json"))["deletes"] == [arn]
    done = document(run("publish", shop, *LAYER_OPTIONS, *second, "--json"))
    assert (done["layer_version_arn"], done["deleted"]) == (kept, [arn])


def test_another_cpu_under_the_same_name_counts_apart(world: World, shop: Path) -> None:
    """Its only version is in use by functions of that CPU, whatever its number."""
    for cpu in ("arm64", "x86_64"):
        done = document(run("publish", shop, *LAYER_OPTIONS, "--arch", cpu, "--keep", 1, "--json"))
        assert done["deleted"] == []
    assert world.live() == [1, 2]


def test_an_address_without_a_prefix_is_refused(world: World, shop: Path) -> None:
    """The root of a bucket is no artifact's own folder."""
    commands = ("publish", "plan", "publish-source", "publish-function")
    for command in ([name, shop] for name in commands):
        options = ("--layer-name", "deps") if command[0] in commands[:2] else ()
        done = run(*command, *options, "--s3", "s3://artifacts")
        assert done.exit_code == 2
        assert "the prefix is empty: name a folder of the bucket" in done.stderr
    assert world.writes == []


def test_a_bucket_of_another_account_is_refused(world: World, shop: Path) -> None:
    """The expected owner goes with every call of S3 to that bucket."""
    run("publish", shop, *LAYER_OPTIONS, "--bucket-owner", "123456789012")
    source = ("publish-source", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock")
    run(*source, "--bucket-owner", "123456789012")
    run("publish-function", shop, *LAYER_OPTIONS[2:], "--bucket-owner", "123456789012")
    calls = [params for name, sent in world.sent.items() if name.startswith("s3.") for params in sent]
    assert len(calls) > 5
    assert {params["ExpectedBucketOwner"] for params in calls if params["Bucket"] == "artifacts"} == {
        "123456789012"
    }


def test_a_source_is_uploaded_to_a_place_of_its_content(world: World, shop: Path) -> None:
    done = run("publish-source", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock", "--json")
    source = document(done)
    assert source["s3_uri"].endswith(f"/source/1.2.3/{source['source_sha256']}/source.zip")
    assert (
        run("publish-source", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock").stdout
        == f"{source['s3_uri']}\n"
    )


def test_a_function_is_uploaded_to_a_place_of_its_content(world: World, shop: Path) -> None:
    """With lock file and SBOM; the second time nothing is written."""
    command = ("publish-function", shop, *LAYER_OPTIONS[2:], "--exclude", "uv.lock")
    first = document(run(*command, "--json"))
    folder = f"/function/1.2.3/{first['function_sha256']}"
    assert first["s3_uri"].endswith(f"{folder}/function.zip")
    assert (first["manifest"][-8:], first["sbom"][-14:]) == ("/uv.lock", "/sbom.cdx.json")
    world.forget_calls()
    second = run(*command)
    assert second.stdout == f"{first['s3_uri']}\n"
    assert world.writes == []
