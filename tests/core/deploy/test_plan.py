"""What a plan says of a deployment that has not been."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core import LayerOptions, Target, build_layer, deploy_layer, plan_layer
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
from tests.core.deploy.test_deployment import FOLDER, TARGET, arguments, deploy
from tests.support.aws.world import ARTIFACTS, LAYER, PREFIX, World
from tests.support.files.projects import lock, make_project, write_cart

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core import LayerDeployment, Plan


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def plan(world: World, shop: Path, target: Target = TARGET, **changes: Any) -> Plan:
    """Look twice: the first changes nothing for the second, nor for anybody else."""
    world.forget_calls()
    found = plan_layer(shop, target, **arguments(world, **changes))
    assert found == plan_layer(shop, target, **arguments(world, **changes))
    assert world.writes == []
    return found


def change_cart(shop: Path) -> None:
    """Uv keeps the hash of a path dependency that it knows, so the lock is made anew."""
    write_cart(shop, total=2)
    (shop / "uv.lock").unlink()
    lock(shop)


def test_a_plan_of_the_same_names_the_version_that_stays(world: World, shop: Path) -> None:
    done = deploy(world, shop)
    found = plan(world, shop)
    assert found.unchanged
    assert found.deployment == replace(done, is_new=False, s3path_sbom=None)
    assert found.reasons == ()


def test_a_first_version_is_planned_as_such(world: World, shop: Path) -> None:
    found = plan(world, shop)
    assert (found.unchanged, found.deployment) == (False, None)
    assert found.reasons == (f"layer {LAYER} has no version",)


def test_changed_attributes_are_named(world: World, shop: Path) -> None:
    """The content is the same: that is not a reason."""
    deploy(world, shop, description="old")
    assert plan(world, shop, Target("3.12"), description="new", license_info="MIT").reasons == (
        "runtimes: python3.13 → python3.12 (since version 1)",
        "architectures: arm64 → x86_64 (since version 1)",
        "description: 'old' → 'new' (since version 1)",
        "license: none → 'MIT' (since version 1)",
    )


def test_a_bucket_that_is_not_there_is_no_plan(world: World, shop: Path) -> None:
    """The publication would fail, also where a live version is the same."""
    deploy(world, shop)
    for action in (plan_layer, deploy_layer):
        with pytest.raises(PublishError, match="no-such-bucket"):
            action(shop, TARGET, **arguments(world, s3dir_lambda="s3://no-such-bucket/x"))


def test_another_wheel_of_the_same_version_is_named(world: World, shop: Path) -> None:
    deploy(world, shop)
    change_cart(shop)
    assert plan(world, shop).reasons == ("cart 1.0 comes from another wheel (since version 1)",)


def published_before(world: World, shop: Path, old: str, new: str, name: str = "sbom.cdx.json") -> None:
    """Publish another zip whose document said `new` where ours says `old`."""
    deploy(world, shop)
    key = f"{FOLDER}/000001/{name}"
    head = world.services.s3.head_object(Bucket=ARTIFACTS, Key=key)
    body = world.services.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read().decode()
    assert old in body
    world.services.s3.put_object(
        Bucket=ARTIFACTS, Key=key, Body=body.replace(old, new).encode(), Metadata=head["Metadata"]
    )
    change_cart(shop)


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ('"version": "1.0"', '"version": "0.9"', ("cart: 0.9 → 1.0",)),
        ('"name": "cart"', '"name": "bag"', ("bag 1.0 is removed", "cart 1.0 is added")),
    ],
    ids=["version", "name"],
)
def test_distributions_are_compared_by_the_sbom_of_the_version(
    old: str, new: str, reasons: tuple[str, ...], world: World, shop: Path
) -> None:
    published_before(world, shop, old, new)
    assert plan(world, shop).reasons == tuple(f"{reason} (since version 1)" for reason in reasons)


def test_other_files_of_the_same_wheel_are_named(world: World, shop: Path) -> None:
    """Bytecode, for instance: the wheel is the same, the layer is not."""
    deploy(world, shop)
    [reason] = plan(world, shop, Target("3.13", "arm64"), options=LayerOptions(compile_bytecode=True)).reasons
    assert re.fullmatch(r"cart 1\.0 has other files, \+0\.\d kB unzipped \(since version 1\)", reason)


def test_an_sbom_that_cannot_be_read_is_none(world: World, shop: Path) -> None:
    """The lock files say more than that all is new."""
    published_before(world, shop, "{", "")
    [reason] = plan(world, shop).reasons
    assert reason.startswith("the same distributions, other content")


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ('version = "1.0"', 'version = "0.9"', ("cart: 0.9 → 1.0",)),
        ("hash", "size", ("the same distributions, other content",)),
        ('name = "shop"', 'name = "gone"\nversion = "3"\n[[package]]\nname = "shop"', ("gone 3 is removed",)),
    ],
    ids=["version", "content", "removed"],
)
def test_without_an_sbom_the_lock_files_are_compared(
    old: str, new: str, reasons: tuple[str, ...], world: World, shop: Path
) -> None:
    """As for versions that were published before there were SBOMs. The project itself is in no layer."""
    published_before(world, shop, old, new, "uv.lock")
    world.services.s3.delete_object(Bucket=ARTIFACTS, Key=f"{FOLDER}/000001/sbom.cdx.json")
    found = plan(world, shop).reasons
    assert len(found) == len(reasons)
    assert all(line.startswith(reason) for line, reason in zip(found, reasons, strict=True))


def test_versions_of_others_are_no_measure(world: World, shop: Path) -> None:
    """Published by hand, they have no record to compare with."""
    world.publish_by_hand(world.layer())
    [reason] = plan(world, shop).reasons
    assert reason.startswith(f"none of the 1 versions of {LAYER} has a record in {PREFIX.uri} for uv.lock")


def test_the_same_by_hand_is_planned_to_be_taken_over(world: World, shop: Path) -> None:
    """`deploy_layer` will write its record; the plan does not."""
    deploy(world, shop)
    for key in world.object_keys():
        world.services.s3.delete_object(Bucket=ARTIFACTS, Key=key)
    assert plan(world, shop).unchanged
    assert not deploy(world, shop).is_new
    assert f"{FOLDER}/000001/uv.lock" in world.object_keys()


def deploy_by_stack(world: World, shop: Path, folder: Path, **changes: Any) -> LayerDeployment:
    """Publish the shop's layer as a construct does."""
    artifact = build_layer(shop, folder / "layer.zip", TARGET)
    asset = world.put(PREFIX / "asset.zip", artifact.archive.path.read_bytes())
    wanted = replace(
        world.layer(),
        zip_asset=asset,
        layer_sha256=artifact.archive.sha256,
        manifest=artifact.manifest.content,
        manifest_md5=artifact.manifest_md5,
        manifest_sha256="",
        fingerprint=artifact.fingerprint,
        attributes=LayerAttributes(("python3.13",), ("arm64",)),
        **changes,
    )
    return ensure_layer(world.services, wanted)


def test_a_version_that_a_stack_may_delete_is_not_relied_on(world: World, shop: Path, tmp_path: Path) -> None:
    """Its mark names the owner, and only Lambda's API can write that."""
    deploy_by_stack(world, shop, tmp_path, removal_policy="destroy")
    assert plan(world, shop).reasons == (
        "version 1 is the same, but a stack may delete it (since version 1)",
    )
    assert deploy(world, shop).layer_version == 2


def test_a_record_that_contradicts_lambda_is_named(world: World, shop: Path) -> None:
    """A version with other bytes under the same mark counts only with a record that agrees."""
    artifact = deploy(world, shop)
    record = world.services.s3.head_object(**artifact.s3path_manifest.params)["Metadata"]
    by_hand = replace(world.layer("other"), fingerprint=record["fingerprint"])
    by_hand = replace(by_hand, attributes=LayerAttributes(("python3.13",), ("arm64",)))
    world.services.lambda_.delete_layer_version(LayerName=LAYER, VersionNumber=1)
    done = ensure_layer(world.services, by_hand)
    forged = {**record, "layer_version_arn": done.layer_version_arn}
    world.put(done.s3path_manifest, b"lock", **forged)
    assert plan(world, shop).reasons == (
        "version 2 has other bytes, and its record does not agree with Lambda (since version 2)",
    )


def test_what_the_construct_published_is_the_same_for_a_script(
    world: World, shop: Path, tmp_path: Path
) -> None:
    """One record, whoever writes it: with `owner`, as CloudFormation has one, and without."""
    first = deploy_by_stack(world, shop, tmp_path)
    done = deploy(world, shop)
    assert done == replace(first, is_new=False, s3path_sbom=done.s3path_sbom)
