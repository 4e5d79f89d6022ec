"""All four steps with any builder: what is published, and when nothing is."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core import LayerDeploymentWorkflow
from constructs_lib.core.errors import InspectionError, ProjectError, PublishError
from tests.support.aws.world import LAYER, PREFIX, World
from tests.support.scripts import OwnBuilder, make_locked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pyproject(tmp_path: Path) -> Path:
    return make_locked(tmp_path / "shop")


def workflow(world: World, builder: OwnBuilder, **changes: Any) -> LayerDeploymentWorkflow:
    path_manifest = builder.path_pyproject_toml.parent / "uv.lock"
    made = LayerDeploymentWorkflow(
        builder,
        path_manifest,
        PREFIX,
        LAYER,
        world.services.s3,
        world.services.lambda_,
        printer=world.lines.append,
    )
    return replace(made, **changes)


def names(pyproject: Path) -> list[str]:
    with zipfile.ZipFile(pyproject.parent / "build" / "lambda" / "layer" / "layer.zip") as archive:
        return sorted({name.split("/")[1] for name in archive.namelist()})


def test_it_builds_zips_uploads_and_publishes(world: World, pyproject: Path) -> None:
    done = workflow(world, OwnBuilder(pyproject)).run()
    assert (done.layer_version, done.is_new) == (1, True)
    keys = [
        f"{PREFIX.key}/layer/{name}"
        for name in ("000001/uv.lock", "answers/any", "last-uv.lock", "layer.zip")
    ]
    assert world.object_keys() == keys
    assert names(pyproject) == ["cart", "cart-1.0.dist-info"]


def test_unchanged_nothing_is_uploaded_or_published(world: World, pyproject: Path) -> None:
    """The same version is the answer, `is_new` is False."""
    builder = OwnBuilder(pyproject)
    first = workflow(world, builder).run()
    world.forget_calls()
    assert workflow(world, builder).run() == replace(first, is_new=False)
    assert world.writes == []
    assert builder.runs == 2


def test_what_the_layer_holds_decides_not_what_the_lock_says_beside_it(world: World, pyproject: Path) -> None:
    """Another lock with the same packages is the same layer; the same lock with other packages is not."""
    workflow(world, OwnBuilder(pyproject)).run()
    (pyproject.parent / "uv.lock").write_text("lock of one, and a dev group\n")
    assert not workflow(world, OwnBuilder(pyproject)).run().is_new
    assert workflow(world, OwnBuilder(pyproject, b"NAME = 'path dependency'\n")).run().layer_version == 2


def test_the_ignore_list_replaces_the_default_one(world: World, pyproject: Path) -> None:
    """None is the default, an empty list leaves out nothing."""
    for ignored, kept in ((None, ["cart"]), ([], ["boto3", "cart"]), (["cart"], ["boto3"])):
        workflow(world, OwnBuilder(pyproject), ignore_package_list=ignored).run()
        assert [name for name in names(pyproject) if "." not in name] == kept
    assert world.live() == [1, 2, 3]


def test_packages_left_in_a_virtual_environment_are_moved(world: World, pyproject: Path) -> None:
    """As a builder of a tool that installs into one may leave them."""
    workflow(world, OwnBuilder(pyproject, in_venv=True)).run()
    assert names(pyproject) == ["cart", "cart-1.0.dist-info"]


def test_a_lock_that_changes_meanwhile_stops_everything(world: World, pyproject: Path) -> None:
    """Nobody can say which of the two the zip was built from."""
    builder = OwnBuilder(pyproject)
    builder.meanwhile = lambda: (pyproject.parent / "uv.lock").write_text("lock of two\n")
    with pytest.raises(ProjectError, match=r"uv.lock changed while the layer was built from it: run again$"):
        workflow(world, builder).run()
    assert world.writes == []


def test_what_the_layer_is_said_to_be_for_is_checked(world: World, pyproject: Path) -> None:
    """One runtime and one CPU: packages of another Python are refused, not published."""
    kwargs = {"CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["arm64"]}
    builder = OwnBuilder(pyproject, tags=("cp312-cp312-manylinux_2_17_aarch64",))
    with pytest.raises(InspectionError, match=r"Python 3\.13"):
        workflow(world, builder, publish_layer_version_kwargs=kwargs).run()
    kwargs["CompatibleRuntimes"] = ["python3.12"]
    assert workflow(world, builder, publish_layer_version_kwargs=kwargs).run().is_new


def test_a_smoke_test_wants_to_know_for_which_python_before_the_build(world: World, pyproject: Path) -> None:
    """Afterwards would be minutes too late."""
    builder = OwnBuilder(pyproject)
    with pytest.raises(ProjectError, match=r"^smoke_test needs one of CompatibleRuntimes"):
        workflow(world, builder, smoke_test=True).run()
    assert builder.runs == 0


def test_another_compression_is_another_version(world: World, pyproject: Path) -> None:
    """What this route publishes is known by its bytes."""
    irregular = random.Random(0)  # noqa: S311 - no secret
    words = " ".join(irregular.choices(["which", "may", "be", "said", "in", "fewer", "bytes"], k=3000))
    builder = OwnBuilder(pyproject, f"WORDS = {words!r}\n".encode())
    workflow(world, builder).run()
    assert workflow(world, builder, compression="smallest").run().layer_version == 2


def test_wrong_keywords_are_refused_before_the_build(world: World, pyproject: Path) -> None:
    builder = OwnBuilder(pyproject)
    with pytest.raises(PublishError, match="has LayerName"):
        workflow(world, builder, publish_layer_version_kwargs={"LayerName": "x"}).run()
    with pytest.raises(ProjectError, match="does not exist"):
        workflow(world, builder, path_manifest=pyproject.parent / "poetry.lock").run()
    assert builder.runs == 0


def test_two_layers_under_one_prefix_are_refused(world: World, pyproject: Path) -> None:
    """Their records would be in one place. What Lambda has published stays: another delivery may have answered with it."""
    workflow(world, OwnBuilder(pyproject)).run()
    with pytest.raises(PublishError, match="prefix shared with another account, region or layer"):
        workflow(world, OwnBuilder(pyproject), layer_name="other").run()
    assert world.live("other") == [1]
