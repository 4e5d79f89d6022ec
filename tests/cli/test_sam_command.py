"""`sam-template`: the command around the templates for `sam local`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

from constructs_lib import PythonSourceArtifact
from constructs_lib.cli.app import app
from tests.support.click_runner import CliRunner
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path


def test_it_prints_what_sam_takes(tmp_path: Path) -> None:
    """The templates of stacks, one a line."""
    synthesized = cdk.App(outdir=str(tmp_path / "cdk.out"))
    PythonSourceArtifact(cdk.Stack(synthesized, "Shop"), "Code", entry=make_project(tmp_path / "shop"))
    synthesized.synth()
    written = str(tmp_path / "cdk.out" / "Shop.sam.json")
    command = ["sam-template", str(tmp_path / "cdk.out")]
    assert CliRunner().invoke(app, command).stdout == f"{written}\n"
    assert json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout) == {
        "schema": 1,
        "templates": [written],
    }


def test_a_folder_without_an_app_is_one_line(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["sam-template", str(tmp_path)])
    assert answer.exit_code == 1
    assert answer.stderr.startswith("error[not-an-assembly]: ")
