"""The options that commands share, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from constructs_lib.cli.options import Build, Layer, aws_options, build_options, layer_options
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.target import Target
from tests.support.click_runner import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.cli.aws import Clients


def build_of(folder: Path, *arguments: str) -> Build:
    builds: list[Build] = []

    @click.command()
    @build_options
    def command(build: Build) -> None:
        builds.append(build)

    (folder / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = "<3.13"\n')
    done = CliRunner().invoke(command, [str(folder), *arguments])
    assert done.exit_code == 0, done.output
    return builds[0]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((), LayerOptions()),
        (("--ignore-nothing",), LayerOptions(ignore_package_list=())),
        (("--ignore", "a", "--ignore", "b"), LayerOptions(ignore_package_list=("a", "b"))),
        (("--container",), LayerOptions(container=True)),
        (("--container", "it:1"), LayerOptions(container="it:1")),
        (
            ("--tool", "uv", "--extra", "e", "--group", "g", "--only-group", "o"),
            LayerOptions(LockOptions("uv", ("e",), ("g",), ("o",))),
        ),
        (
            ("--acknowledge", "wrong-cpu:demo", "--acknowledge", "musl:cart"),
            LayerOptions(acknowledge=("wrong-cpu:demo", "musl:cart")),
        ),
        (
            ("--compression", "smallest", "--compile-bytecode", "--smoke-test"),
            LayerOptions(compression="smallest", compile_bytecode=True, smoke_test=True),
        ),
    ],
)
def test_the_options_of_a_build_are_one_value(
    tmp_path: Path, arguments: tuple[str, ...], options: LayerOptions
) -> None:
    """The one that scripts and constructs make."""
    assert build_of(tmp_path, *arguments).options == options


def test_the_target_is_the_newest_that_the_project_allows(tmp_path: Path) -> None:
    assert build_of(tmp_path).target == Target("3.12", "x86_64")
    assert build_of(tmp_path, "--python", "3.10", "--arch", "arm64").target == Target("3.10", "arm64")


def test_a_layer_has_a_name_a_place_and_clients() -> None:
    layers: list[Layer] = []

    @click.command()
    @layer_options
    def command(layer: Layer) -> None:
        layers.append(layer)

    arguments = ["--layer-name", "deps", "--s3", "s3://bucket/deps", "--region", "eu-west-1"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert (layers[0].name, layers[0].s3dir_lambda) == ("deps", S3Location("bucket", "deps"))
    assert layers[0].clients.region == "eu-west-1"
    for wrong in (["--s3", "bucket"], ["--s3", "s3://bucket/deps", "--bucket-owner", "me"]):
        refused = CliRunner().invoke(command, ["--layer-name", "deps", *wrong])
        assert (refused.exit_code, f"'{wrong[-2]}'" in refused.stderr) == (2, True)


def test_profile_and_region_are_handed_to_the_clients() -> None:
    found: list[Clients] = []

    @click.command()
    @aws_options
    def command(clients: Clients) -> None:
        found.append(clients)

    CliRunner().invoke(command, ["--profile", "dev", "--region", "eu-west-1"])
    assert (found[0].profile, found[0].region) == ("dev", "eu-west-1")
