"""The wheel route without CDK: deploy, and plan what a deployment would do."""

from __future__ import annotations

import hashlib
import inspect
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core import (
    LayerDeployment,
    Progress,
    Target,
    build_layer,
    deploy_layer,
    deploy_source,
    plan_layer,
)
from constructs_lib.core.errors import ProjectError, PublishError
from constructs_lib.core.publish import LayerAttributes, ensure_layer, ensure_source
from constructs_lib.core.workflow.deploy import BuildOptions
from constructs_lib.core.workflow.plan import read_lock
from tests.support.aws import ARTIFACTS, LAYER, OTHER, PREFIX, World
from tests.support.projects import lock, make_project, write_cart

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core import Plan

TARGET = Target("3.13", "arm64")
FOLDER = f"{PREFIX.key}/layer"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def arguments(world: World, **changes: Any) -> dict[str, Any]:
    clients = {"s3_client": world.tools.s3, "lambda_client": world.tools.lambda_}
    return {"s3dir_lambda": PREFIX.uri, "layer_name": LAYER, **clients, **changes}


def deploy(world: World, shop: Path, target: Target = TARGET, **changes: Any) -> LayerDeployment:
    return deploy_layer(shop, target, **arguments(world, **changes))


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


def test_one_call_publishes_a_project_with_all_that_belongs_to_it(world: World, shop: Path) -> None:
    """Attributes, record and SBOM are those that the construct makes too."""
    done = deploy(world, shop, description="for shop", license_info="MIT")
    live = world.tools.lambda_.get_layer_version(LayerName=LAYER, VersionNumber=1)
    assert (done.layer_version, done.is_new) == (1, True)
    assert live["CompatibleRuntimes"] == ["python3.13"]
    assert live["CompatibleArchitectures"] == ["arm64"]
    assert (live["Description"], live["LicenseInfo"]) == ("for shop", "MIT")
    names = ["000001/sbom.cdx.json", "000001/uv.lock", "last-uv.lock", "layer.zip"]
    assert world.object_keys() == [f"{FOLDER}/{name}" for name in names]
    record = world.tools.s3.head_object(Bucket=ARTIFACTS, Key=f"{FOLDER}/000001/uv.lock")["Metadata"]
    assert (len(record["fingerprint"]), record["owner"]) == (64, "")
    assert record["manifest_md5"] == hashlib.md5((shop / "uv.lock").read_bytes()).hexdigest()  # noqa: S324
    sbom = world.tools.s3.get_object(Bucket=ARTIFACTS, Key=f"{FOLDER}/000001/sbom.cdx.json")["Body"].read()
    assert [each["name"] for each in json.loads(sbom)["components"]] == ["cart"]


def test_unchanged_nothing_is_written(world: World, shop: Path) -> None:
    first = deploy(world, shop)
    world.forget_calls()
    assert deploy(world, shop) == replace(first, is_new=False)
    assert world.writes == []


def test_the_steps_are_told_as_they_end(world: World, shop: Path) -> None:
    """To whoever gave a progress; by default to nobody."""
    stream = io.StringIO()
    deploy(world, shop, progress=Progress(prefix="deps: ", stream=stream))
    lines = stream.getvalue().splitlines()
    assert all(line.startswith("deps: ") for line in lines)
    assert any("published arn:" in line for line in lines)


def test_every_option_of_a_build_is_one_of_a_deployment() -> None:
    """The type checker knows them by a list of its own."""
    keywords = {
        name: each
        for name, each in inspect.signature(build_layer).parameters.items()
        if each.kind is each.KEYWORD_ONLY
    }
    assert set(BuildOptions.__annotations__) == set(keywords)


def test_nothing_is_asked_of_aws_where_the_build_fails(world: World, shop: Path) -> None:
    world.forget_calls()
    (shop / "uv.lock").unlink()
    with pytest.raises(ProjectError):
        deploy(world, shop)
    with pytest.raises(PublishError, match="is not a layer name"):
        deploy(world, shop, layer_name="a b")
    assert world.calls == []


# --- plans -----------------------------------------------------------------------------------------------


def test_a_plan_of_the_same_names_the_version_that_stays(world: World, shop: Path) -> None:
    done = deploy(world, shop)
    found = plan(world, shop)
    assert found.unchanged
    assert found.deployment == replace(done, is_new=False)
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
        "licence: '' → 'MIT' (since version 1)",
    )


def test_another_wheel_of_the_same_version_is_named(world: World, shop: Path) -> None:
    deploy(world, shop)
    change_cart(shop)
    assert plan(world, shop).reasons == ("cart 1.0 comes from another wheel (since version 1)",)


def published_before(world: World, shop: Path, old: str, new: str, name: str = "sbom.cdx.json") -> None:
    """Publish another zip whose document said `new` where ours says `old`."""
    deploy(world, shop)
    key = f"{FOLDER}/000001/{name}"
    head = world.tools.s3.head_object(Bucket=ARTIFACTS, Key=key)
    body = world.tools.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read().decode()
    assert old in body
    world.tools.s3.put_object(
        Bucket=ARTIFACTS, Key=key, Body=body.replace(old, new).encode(), Metadata=head["Metadata"]
    )
    change_cart(shop)


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ('"version": "1.0"', '"version": "0.9"', ("cart: 0.9 → 1.0",)),
        ('"name": "cart"', '"name": "bag"', ("bag 1.0 is removed", "cart 1.0 is added")),
        ("{", "", ("cart 1.0 is added",)),
    ],
    ids=["version", "name", "unreadable"],
)
def test_distributions_are_compared_by_the_sbom_of_the_version(
    old: str, new: str, reasons: tuple[str, ...], world: World, shop: Path
) -> None:
    published_before(world, shop, old, new)
    assert plan(world, shop).reasons == tuple(f"{reason} (since version 1)" for reason in reasons)


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
    world.tools.s3.delete_object(Bucket=ARTIFACTS, Key=f"{FOLDER}/000001/sbom.cdx.json")
    found = plan(world, shop).reasons
    assert len(found) == len(reasons)
    assert all(line.startswith(reason) for line, reason in zip(found, reasons, strict=True))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("uv.lock", b'[[package]]\nname = "A_b"\nversion = "1"\n[[package]]\nname = "me"\n', {"a-b": "1"}),
        ("pylock.toml", b'[[packages]]\nname = "a"\nversion = "2"\n', {"a": "2"}),
        (
            "requirements.txt",
            b"# a==0\nA.b==1.0 ; x\nc[d]>=2\n  e == 3\\\n --hash=sha256:0\n",
            {"a-b": "1.0", "e": "3"},
        ),
        ("uv.lock", b"[[package", {}),
        ("uv.lock", b"package = 3", {}),
    ],
    ids=["uv", "pylock", "requirements", "broken", "odd"],
)
def test_any_lock_file_is_read_for_names_and_versions(
    name: str, content: bytes, found: dict[str, str]
) -> None:
    """An unreadable one names nothing: a plan must not fail over an old file."""
    assert {each: version for each, (version, _) in read_lock(name, content).items()} == found


def test_versions_of_others_are_no_measure(world: World, shop: Path) -> None:
    """Published by hand, they have no record to compare with."""
    world.publish_by_hand(world.layer())
    [reason] = plan(world, shop).reasons
    assert reason.startswith(f"none of the 1 versions of {LAYER} has a record in {PREFIX.uri} for uv.lock")


def test_the_same_by_hand_is_planned_to_be_taken_over(world: World, shop: Path) -> None:
    """`deploy_layer` will write its record; the plan does not."""
    deploy(world, shop)
    for key in world.object_keys():
        world.tools.s3.delete_object(Bucket=ARTIFACTS, Key=key)
    assert plan(world, shop).unchanged
    assert not deploy(world, shop).is_new
    assert f"{FOLDER}/000001/uv.lock" in world.object_keys()


def test_a_version_that_a_stack_may_delete_is_not_relied_on(world: World, shop: Path) -> None:
    deploy(world, shop)
    place = f"{FOLDER}/000001/uv.lock"
    found = world.tools.s3.get_object(Bucket=ARTIFACTS, Key=place)
    theirs = {**found["Metadata"], "owner": OTHER, "removal_policy": "destroy"}
    world.tools.s3.put_object(Bucket=ARTIFACTS, Key=place, Body=found["Body"].read(), Metadata=theirs)
    assert plan(world, shop).reasons == (
        "version 1 is the same, but a stack may delete it (since version 1)",
    )
    assert deploy(world, shop).layer_version == 2


def test_what_the_construct_published_is_the_same_for_a_script(
    world: World, shop: Path, tmp_path: Path
) -> None:
    """One record, whoever writes it: with `owner`, as CloudFormation has one, and without."""
    artifact = build_layer(shop, tmp_path / "layer.zip", TARGET)
    asset = world.put(PREFIX / "asset.zip", artifact.archive.path.read_bytes())
    wanted = replace(
        world.layer(),
        zip_asset=asset,
        layer_sha256=artifact.archive.sha256,
        manifest=artifact.manifest.content,
        manifest_md5=artifact.manifest_md5,
        fingerprint=artifact.fingerprint,
        attributes=LayerAttributes(("python3.13",), ("arm64",)),
    )
    first = ensure_layer(world.tools, wanted)
    assert deploy(world, shop) == replace(first, is_new=False)


# --- sources ---------------------------------------------------------------------------------------------


def test_a_source_is_laid_out_once(world: World, shop: Path) -> None:
    """Its key names its content, so the second time there is nothing to do."""
    first = deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.tools.s3)
    expected = PREFIX / "source" / "1.2.3" / first.source_sha256 / "source.zip"
    assert (first.s3path_source_zip, first.source_version, first.is_new) == (expected, "1.2.3", True)
    body = world.tools.s3.get_object(Bucket=ARTIFACTS, Key=expected.key)["Body"].read()
    assert hashlib.sha256(body).hexdigest() == first.source_sha256
    world.forget_calls()
    assert deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.tools.s3) == replace(first, is_new=False)
    assert world.writes == []


def test_a_source_that_a_stack_may_delete_becomes_nobodys(world: World, shop: Path) -> None:
    first = deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.tools.s3)
    place = first.s3path_source_zip
    body = world.tools.s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    world.tools.s3.delete_object(Bucket=place.bucket, Key=place.key)
    theirs = replace(
        world.source(), source_sha256=first.source_sha256, source_version="1.2.3", removal_policy="destroy"
    )
    assert ensure_source(world.tools, replace(theirs, asset=world.put(theirs.asset, body))) == place
    again = deploy_source(shop, s3dir_lambda=PREFIX, s3_client=world.tools.s3)
    assert again == first
    assert "removal_policy" not in world.tools.s3.head_object(Bucket=ARTIFACTS, Key=place.key)["Metadata"]
