"""The values that a command's options make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from constructs_lib.cli.app import app
from constructs_lib.cli.screen import Screen
from constructs_lib.cli.values import gathered
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.target import Target
from tests.cli.commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.cli.values import Build

LAYER = ("--layer-name", "deps", "--s3", "s3://bucket/deps")


def values_of(name: str, *arguments: str) -> dict[str, Any]:
    """Parse a command line and return the values of its body."""
    context = app.make_context("constructs-lib", [name, *arguments])
    command = app.commands[name]
    with context, command.make_context(name, [*arguments], parent=context) as inner:
        return gathered(inner, Screen())


def build_of(folder: Path, *arguments: str, more: str = "") -> Build:
    (folder / "pyproject.toml").write_text(f'[project]\nname = "a"\nrequires-python = "<3.13"\n{more}')
    build: Build = values_of("build", str(folder), *arguments)["build"]
    return build


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((), LayerOptions()),
        (
            ("--exclude-files", "tests/", "--exclude-files", "*.pyi"),
            LayerOptions(exclude_files=("tests/", "*.pyi")),
        ),
        (("--ignore-nothing",), LayerOptions(ignore_package_list=())),
        (("--ignore", "a", "--ignore", "b"), LayerOptions(ignore_package_list=("a", "b"))),
        (("--container",), LayerOptions(container=True)),
        (("--container", "it:1"), LayerOptions(container="it:1")),
        (
            ("--tool", "uv", "--extra", "e", "--group", "g", "--only-group", "o"),
            LayerOptions(LockOptions("uv", ("e",), ("g",), ("o",))),
        ),
        (("--allow-extra-index-url",), LayerOptions(LockOptions(allow_extra_index_url=True))),
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


def test_the_target_is_the_newest_that_the_project_allows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That a default was chosen is said, and only then."""
    assert build_of(tmp_path, "--python", "3.10", "--arch", "arm64").target == Target("3.10", "arm64")
    assert capsys.readouterr().err == ""
    assert build_of(tmp_path).target == Target("3.12", "x86_64")
    told = "note: Python 3.12, the newest that the project allows; --python chooses another\n"
    assert capsys.readouterr().err == told


def test_what_the_command_line_leaves_out_overrides_the_file(tmp_path: Path) -> None:
    """A file that ignores nothing does not make `--ignore` useless."""
    more = "[tool.constructs-lib]\nignore-nothing = true\n"
    assert build_of(tmp_path, more=more).options.ignore_package_list == ()
    assert build_of(tmp_path, "--ignore", "a", more=more).options.ignore_package_list == ("a",)


def test_credentials_come_from_the_environment_by_the_name_of_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an index that pyproject.toml declares, or of one whose address is given; a missing variable is an error."""
    more = '[[tool.uv.index]]\nname = "corp"\nurl = "https://index.example/corp/simple"\n'
    with pytest.raises(ProjectError, match="UV_INDEX_CORP_USERNAME is not set"):
        build_of(tmp_path, "--credentials", "corp", more=more)
    for name in ("CORP", "OTHER"):
        monkeypatch.setenv(f"UV_INDEX_{name}_USERNAME", "me")
        monkeypatch.setenv(f"UV_INDEX_{name}_PASSWORD", "s3cret")
    names = ("--credentials", "corp", "--credentials", "other=https://index.example/other")
    build = build_of(tmp_path, *names, more=more)
    assert build.options.credentials == (
        Credentials("corp", "https://index.example/corp/simple", "me", "s3cret"),
        Credentials("other", "https://index.example/other", "me", "s3cret"),
    )
    assert "s3cret" not in repr(build)
    with pytest.raises(ProjectError, match="declares no index 'elsewhere', but corp"):
        build_of(tmp_path, "--credentials", "elsewhere", more=more)


def test_a_layer_has_a_name_a_place_and_clients() -> None:
    layer = values_of("versions", *LAYER, "--region", "eu-west-1", "--profile", "dev")["layer"]
    assert (layer.name, layer.s3dir_lambda) == ("deps", S3Location("bucket", "deps"))
    assert (layer.clients.region, layer.clients.profile) == ("eu-west-1", "dev")
    with pytest.raises(click.UsageError, match="give --layer-name and --s3, or --stack"):
        values_of("versions", "--layer-name", "deps")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--layer-name", "deps", "--s3", "bucket"),
        ("--layer-name", "deps", "--s3", "s3://bucket"),
        (*LAYER, "--bucket-owner", "me"),
        ("--s3", "s3://bucket/deps", "--layer-name", "deps:1"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "publish", "versions", "prune", "diff"])
def test_names_and_places_are_checked_alike_by_every_command(command: str, wrong: tuple[str, ...]) -> None:
    """Before anything is built or asked: wrong usage, with the option."""
    more = {"prune": ("--keep", "1"), "diff": ("1", "2")}.get(command, ())
    refused = run(command, *more, *wrong)
    assert (refused.exit_code, f"'{wrong[-2]}'" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "address", ["https://me:hidden@host/a", "s3://me:hidden@bucket/a?b", "s3://bucket/a?b=hidden"]
)
def test_a_secret_in_the_address_is_not_shown(address: str) -> None:
    """The line may be in a log of CI."""
    refused = run("plan", "--layer-name", "deps", "--s3", address)
    assert (refused.exit_code, "****" in refused.stderr) == (2, True)
    assert "hidden" not in refused.output
