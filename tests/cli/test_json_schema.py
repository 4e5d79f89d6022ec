"""The published JSON Schema: every command's document is valid against its part, and errors are too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from constructs_lib.cli.app import app
from constructs_lib.cli.screen import SCHEMA
from tests.cli.commands import LAYER_OPTIONS, document, run
from tests.cli.test_command_table import lazy
from tests.cli.test_version_commands import publish_two
from tests.support.files.projects import require_boto3

if TYPE_CHECKING:
    from click.testing import Result

    from tests.support.aws.world import World

SCHEMAS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "command-line.schema.json").read_text()
)


def check(name: str, found: dict[str, Any]) -> None:
    """Validate a document against one definition, and against the whole schema."""
    validator = jsonschema.Draft202012Validator(SCHEMAS)
    validator.evolve(schema={"$defs": SCHEMAS["$defs"], "$ref": f"#/$defs/{name}"}).validate(found)
    validator.validate(found)


def test_the_schema_is_one_and_has_every_command() -> None:
    """A command that is new gets a definition; the number is the one that documents have."""
    jsonschema.Draft202012Validator.check_schema(SCHEMAS)
    told = " ".join(str(definition.get("description")) for definition in SCHEMAS["$defs"].values())
    names = {command.name for command in app.commands.values()} - {"store", "completion", "invoke"}
    stores = {f"store {command.name}" for command in lazy([app.commands["store"]])}
    assert {name for name in names | stores if f"`{name}`" not in told} == set()
    numbers = {
        definition["properties"]["schema"]["const"]
        for definition in SCHEMAS["$defs"].values()
        if "schema" in definition["properties"]
    }
    assert numbers == {SCHEMA}


def test_documents_about_a_project_are_valid(shop: Path, tmp_path: Path) -> None:
    """With findings, with files left out, and with changes."""
    require_boto3(shop)
    out = ("--out", tmp_path / "out")
    check("build", document(run("build", shop, *out, "--exclude-files", "*.txt", "--json")))
    check("build-source", document(run("build", shop, *out, "--source", "--json")))
    check("build-function", document(run("build", shop, *out, "--function", "--json")))
    against = ("--against", tmp_path / "out" / "sbom.cdx.json", "--ignore-nothing")
    inspected = document(run("inspect", shop, *against, "--json"))
    assert inspected["changes"] != []
    check("inspect", inspected)
    check("config", document(run("config", shop, "--json")))
    check("store-dir", document(run("store", "dir", "--json")))
    for command in ("size", "prune", "clear"):
        check("store-size", document(run("store", command, "--json")))


def test_documents_about_aws_are_valid(world: World, shop: Path) -> None:
    check("plan", document(run("plan", shop, *LAYER_OPTIONS, "--json")))
    publish_two(shop)
    check("plan", document(run("plan", shop, *LAYER_OPTIONS, "--keep", 1, "--json")))
    check("publish", document(run("publish", shop, *LAYER_OPTIONS, "--json")))
    check("publish-source", document(run("publish-source", shop, *LAYER_OPTIONS[2:], "--json")))
    check("publish-function", document(run("publish-function", shop, *LAYER_OPTIONS[2:], "--json")))
    check("versions", document(run("versions", *LAYER_OPTIONS, "--json")))
    check("diff", document(run("diff", 1, 2, *LAYER_OPTIONS, "--json")))
    for options in ((), ("--dry-run",)):
        check("prune", document(run("prune", *LAYER_OPTIONS, "--keep", 1, *options, "--json")))


def test_the_templates_of_sam_are_valid(tmp_path: Path) -> None:
    (tmp_path / "a.template.json").write_text("{}")
    check("sam-template", document(run("sam-template", tmp_path, "--json")))


@pytest.mark.parametrize(
    "done",
    [
        run("build", "nowhere", "--json"),
        run("build", "--json", "--python", "2.7"),
        run("biuld", "--json"),
        run("prune", "--json"),
        run("versions", "--json", "--layer-name", "a:1"),
    ],
)
def test_errors_are_valid(done: Result) -> None:
    """One document on stdout; the line for people is on stderr, and has the same text."""
    found = json.loads(done.stdout)
    check("error", found)
    assert found["error"]["exit_code"] == done.exit_code
    assert found["error"]["text"] in done.stderr


def test_a_hash_is_also_written_as_lambda_does(shop: Path, tmp_path: Path) -> None:
    """Base64, for Terraform's `source_code_hash`."""
    import base64

    built = document(run("build", shop, "--out", tmp_path, "--json"))
    assert base64.b64decode(built["sha256_base64"]).hex() == built["sha256"]
