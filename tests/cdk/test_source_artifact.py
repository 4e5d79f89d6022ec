from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import aws_cdk as cdk

from constructs_lib import PythonSourceArtifact
from tests.support.files.projects import make_project
from tests.support.files.templates import actions, errors, infos, of_type, one, staged, template

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "Custom::PythonSourceArtifact"


def test_version_and_sha256_are_known_at_synth(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """They are the project's version and the hash of the staged zip, in construct and template alike."""
    artifact = PythonSourceArtifact(stack, "Code", entry=shop)
    properties = one(template(stack), SOURCE)["Properties"]
    zipped = staged(app, properties["AssetKey"])
    assert (
        artifact.source_sha256
        == properties["SourceSha256"]
        == hashlib.sha256(zipped.read_bytes()).hexdigest()
    )
    assert artifact.source_version == properties["SourceVersion"] == "1.2.3"
    with zipfile.ZipFile(zipped) as archive:
        assert "shop/__init__.py" in archive.namelist()
        assert not any(name.startswith("cart") for name in archive.namelist())


def test_patterns_choose_the_files(app: cdk.App, stack: cdk.Stack, tmp_path: Path) -> None:
    """`exclude` leaves files out before the build, so they are in no zip."""
    project = make_project(tmp_path / "patterns")
    (project / "src" / "shop" / "secret_notes.txt").write_text("x")
    PythonSourceArtifact(stack, "Code", entry=project, exclude=["*.txt"])
    with zipfile.ZipFile(staged(app, one(template(stack), SOURCE)["Properties"]["AssetKey"])) as archive:
        assert not any(name.endswith("notes.txt") for name in archive.namelist())


def test_it_needs_no_layer_permissions(stack: cdk.Stack, shop: Path) -> None:
    """A stack with source artifacts only cannot publish or delete layers."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    assert not any(action.startswith("lambda:") for action in actions(template(stack)))


def test_old_code_is_kept_unless_asked_otherwise(stack: cdk.Stack, shop: Path) -> None:
    """A rollback must find its code: RETAIN is the default."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    PythonSourceArtifact(stack, "Temporary", entry=shop, removal_policy=cdk.RemovalPolicy.DESTROY)
    kept, gone = of_type(template(stack), SOURCE)
    assert (kept["DeletionPolicy"], kept["Properties"]["RemovalPolicy"]) == ("Retain", "retain")
    assert (gone["DeletionPolicy"], gone["Properties"]["RemovalPolicy"]) == ("Delete", "destroy")


def test_a_broken_project_is_one_line(stack: cdk.Stack, tmp_path: Path) -> None:
    """A project that cannot be built is an error annotation, not a traceback."""
    project = make_project(tmp_path / "broken")
    (project / "pyproject.toml").write_text("[project\n")
    PythonSourceArtifact(stack, "Code", entry=project)
    [(path, text)] = errors(stack)
    assert path == "/Shop/Code"
    assert text.startswith(f"{project / 'pyproject.toml'} is not valid TOML: ")
    assert "line 1" in text
    assert "\n" not in text


def test_files_that_stay_out_are_notes_of_each_build(stack: cdk.Stack, tmp_path: Path) -> None:
    """Also of one that was kept: nothing is built the second time."""
    project = make_project(tmp_path / "shop")
    (project / "src" / "shop" / ".npmrc").write_text("token")
    for construct_id in ("First", "Second"):
        PythonSourceArtifact(stack, construct_id, entry=project)
    text = "shop: left out are shop/.npmrc: they may hold secrets"
    assert [entry.partition(" [ack")[0] for _, entry in infos(stack)] == [text, text]


def test_a_source_that_lambda_refuses_is_an_error_at_synth(stack: cdk.Stack, tmp_path: Path) -> None:
    """Its largest folders are named; the files are not read."""
    project = make_project(tmp_path / "shop", '[project]\nname = "shop"\nversion = "1.0"\n')
    (project / "models").mkdir()
    with (project / "models" / "large.bin").open("wb") as file:
        file.truncate(300_000_000)
    PythonSourceArtifact(stack, "Code", entry=project)
    [(_, text)] = errors(stack)
    assert text.startswith("the source has 300.0 MB (300 00")
    assert "exclude one of the largest: models/ 300.0 MB" in text
