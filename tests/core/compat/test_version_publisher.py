"""Step 4 for an uploaded zip: the three checks in their order, and what is published."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from constructs_lib.core import LambdaLayerVersionPublisher, LayerDeployment, upload_layer_zip_to_s3
from constructs_lib.core.errors import PublishError
from tests.support.aws.faults import lose_response
from tests.support.aws.world import LAYER, PREFIX, World
from tests.support.files.wheels import Member, zip_bytes
from tests.support.scripts import built_zip, make_locked

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

RUNTIME = {"CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["x86_64"]}


class Session(NamedTuple):
    """A session manager."""

    s3_client: S3Client


@pytest.fixture
def pyproject(tmp_path: Path) -> Path:
    return make_locked(tmp_path / "shop")


def publisher(world: World, pyproject: Path, **changes: Any) -> LambdaLayerVersionPublisher:
    made = LambdaLayerVersionPublisher(
        pyproject,
        PREFIX.uri,
        pyproject.parent / "uv.lock",
        world.services.s3,
        LAYER,
        world.services.lambda_,
        RUNTIME,
        printer=world.lines.append,
    )
    return replace(made, **changes)


def upload(world: World, pyproject: Path, content: bytes = b"one") -> None:
    built_zip(pyproject, content)
    upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, pyproject.parent / "uv.lock", verbose=False)


def test_a_zip_is_published_and_its_manifest_stored_beside_the_version(world: World, pyproject: Path) -> None:
    upload(world, pyproject)
    done = publisher(world, pyproject).run()
    place = PREFIX / "layer" / "000001" / "uv.lock"
    sha256 = hashlib.sha256((pyproject.parent / "build/lambda/layer/layer.zip").read_bytes()).hexdigest()
    arn = f"arn:aws:lambda:eu-west-1:123456789012:layer:{LAYER}:1"
    assert done == LayerDeployment(LAYER, 1, arn, place, is_new=True, layer_sha256=sha256)
    stored = world.services.s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    assert stored == b"lock of one\n"
    live = world.services.lambda_.get_layer_version(LayerName=LAYER, VersionNumber=1)
    assert live["CompatibleRuntimes"] == ["python3.13"]
    last = PREFIX / "layer" / "last-uv.lock"
    assert world.services.s3.get_object(Bucket=last.bucket, Key=last.key)["Body"].read() == b"lock of one\n"


def test_first_of_all_the_zip_has_to_exist(world: World, pyproject: Path) -> None:
    """Even where the layer has the same version already."""
    upload(world, pyproject)
    publisher(world, pyproject).run()
    world.services.s3.delete_object(Bucket=PREFIX.bucket, Key=f"{PREFIX.key}/layer/layer.zip")
    with pytest.raises(PublishError, match=r"layer/layer.zip does not exist: upload the layer's zip first"):
        publisher(world, pyproject).run()


def test_then_it_has_to_belong_to_the_lock(world: World, pyproject: Path) -> None:
    """An edit between build and upload is caught, also where that lock's layer is published already."""
    upload(world, pyproject)
    publisher(world, pyproject).run()
    lock = pyproject.parent / "uv.lock"
    lock.write_text("lock of two\n")
    upload(world, pyproject, b"two")
    lock.write_text("lock of one\n")
    world.forget_calls()
    with pytest.raises(
        PublishError, match=r"is inconsistent with .*uv.lock: .* build, zip and upload again$"
    ):
        publisher(world, pyproject).run()
    assert world.writes == []


def test_a_zip_of_unknown_origin_is_inconsistent(world: World, pyproject: Path) -> None:
    world.put(PREFIX / "layer" / "layer.zip", b"zip")
    with pytest.raises(PublishError, match=r"inconsistent with .* it was built from MD5 unknown"):
        publisher(world, pyproject).run()


def test_last_it_has_to_be_new_or_the_live_version_is_the_answer(world: World, pyproject: Path) -> None:
    """A result, not an error; and nothing is written."""
    upload(world, pyproject)
    first = publisher(world, pyproject).run()
    world.forget_calls()
    assert publisher(world, pyproject).run() == replace(first, is_new=False)
    assert world.writes == []


def test_the_manifest_beside_any_live_version_decides(world: World, pyproject: Path) -> None:
    """Not the newest alone, nor the `last-` file: going back finds the old version."""
    lock = pyproject.parent / "uv.lock"
    upload(world, pyproject)
    first = publisher(world, pyproject).run()
    lock.write_text("lock of two\n")
    upload(world, pyproject, b"two")
    assert publisher(world, pyproject).run().layer_version == 2
    lock.write_text("lock of one\n")
    upload(world, pyproject)
    assert publisher(world, pyproject).run() == replace(first, is_new=False)


def test_other_attributes_make_a_new_version(world: World, pyproject: Path) -> None:
    upload(world, pyproject)
    publisher(world, pyproject).run()
    described = publisher(world, pyproject, publish_layer_version_kwargs={**RUNTIME, "Description": "new"})
    assert described.run().layer_version == 2


def test_a_zip_that_another_program_uploaded_is_read_for_its_hash(world: World, pyproject: Path) -> None:
    """All that has to be right is the metadata `manifest_md5`."""
    md5 = hashlib.md5(b"lock of one\n").hexdigest()  # noqa: S324
    content = zip_bytes([("python/cart.py", Member(b"one"))])
    world.put(PREFIX / "layer" / "layer.zip", content, manifest_md5=md5)
    done = publisher(world, pyproject).run()
    assert done.layer_sha256 == hashlib.sha256(content).hexdigest()


def test_a_lost_answer_makes_no_second_version(world: World, pyproject: Path) -> None:
    """Though the given client repeats its calls, this one is sent once, and then looked for."""
    upload(world, pyproject)
    world.next("lambda.PublishLayerVersion", lose_response)
    assert publisher(world, pyproject).run().layer_version == 1
    assert world.calls.count("lambda.PublishLayerVersion") == 1
    assert world.live() == [1]


def test_wrong_keywords_are_refused_before_anything_is_asked(world: World, pyproject: Path) -> None:
    world.forget_calls()
    with pytest.raises(PublishError, match="publish_layer_version_kwargs has Content"):
        publisher(world, pyproject, publish_layer_version_kwargs={"Content": {}}).run()
    assert world.calls == []


# --- the steps of the released packages -----------------------------------------------------------------------


def test_the_first_two_checks_one_by_one(world: World, pyproject: Path) -> None:
    """Their errors are a FileNotFoundError and a ValueError too, as in the released packages."""
    made = publisher(world, pyproject)
    assert (made.is_layer_zip_exists(), made.is_layer_zip_consistent()) == (False, False)
    with pytest.raises(FileNotFoundError, match="does not exist") as missing:
        made.step_1_preflight_check()
    assert isinstance(missing.value, PublishError)
    assert missing.value.id == "layer-zip-missing"
    upload(world, pyproject)
    assert (made.is_layer_zip_exists(), made.is_layer_zip_consistent()) == (True, True)
    made.step_1_preflight_check()
    (pyproject.parent / "uv.lock").write_text("lock of two\n")
    assert (made.is_layer_zip_exists(), made.is_layer_zip_consistent()) == (True, False)
    with pytest.raises(ValueError, match="inconsistent") as inconsistent:
        made.step_1_preflight_check()
    assert isinstance(inconsistent.value, PublishError)


def test_the_third_check_raises_only_by_itself(world: World, pyproject: Path) -> None:
    """It writes nothing; `step_1_preflight_check` and step 2 take an unchanged layer as it is."""
    upload(world, pyproject)
    made = publisher(world, pyproject)
    assert made.has_dependency_manifest_changed()
    made.step_1_3_ensure_dependencies_have_changed()
    first = made.step_2_publish_layer_version()
    world.forget_calls()
    assert not made.has_dependency_manifest_changed()
    with pytest.raises(ValueError, match=r"layer .* is unchanged") as caught:
        made.step_1_3_ensure_dependencies_have_changed()
    assert isinstance(caught.value, PublishError)
    made.step_1_preflight_check()
    assert made.step_2_publish_layer_version() == replace(first, is_new=False)
    assert world.writes == []


def test_the_build_tool_stands_for_the_manifest(world: World, pyproject: Path) -> None:
    """Also with a session manager in place of the S3 client."""
    upload(world, pyproject)
    made = LambdaLayerVersionPublisher(
        path_pyproject_toml=pyproject,
        s3dir_lambda=PREFIX.uri,
        layer_build_tool="uv",
        s3_client=Session(world.services.s3),
        layer_name=LAYER,
        lambda_client=world.services.lambda_,
        verbose=False,
    )
    assert made.path_manifest == pyproject.parent / "uv.lock"
    assert made.manifest_md5 == hashlib.md5(b"lock of one\n").hexdigest()  # noqa: S324
    assert made.run().layer_version == 1
    with pytest.raises(
        TypeError, match="missing the required arguments 's3_client', 'layer_name', 'lambda_cl"
    ):
        LambdaLayerVersionPublisher(pyproject, PREFIX.uri, layer_build_tool="uv")
