"""`cdk import` and `cdk refactor` with the real cdk command line: a kept bucket comes back, and which moves are accepted."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from constructs_lib import PythonLayerArtifact
from tests.support.aws.deployments import Account, Cli
from tests.support.aws.shop_stacks import PYTHON, Lab, shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("import")
    with closing(Cli(folder, aws)) as cli:
        yield Lab(folder, cli, Account(aws))


def bucket_mapping(lab: Lab, assembly: Path, stack: str, bucket: str) -> str:
    """Write the file of `--resource-mapping` for the stack's bucket; return its path.

    On AWS the bucket's policy belongs into it too. MiniStack cannot import a policy: its change set fails, and the
    command line reports "ChangeSet [...] is in UNAVAILABLE status".
    """
    template = json.loads((assembly / f"{stack}.template.json").read_text())
    resources = template["Resources"].items()
    [logical_id] = [name for name, resource in resources if resource["Type"] == "AWS::S3::Bucket"]
    path = lab.folder / "mapping.json"
    path.write_text(json.dumps({logical_id: {"BucketName": bucket}}))
    return str(path)


def test_a_kept_bucket_is_imported(lab: Lab) -> None:
    """The next deployment finds the layer version in it again, and makes no second bucket."""
    name = "Imported"

    def assembly() -> Path:
        return lab.synth(lambda app: shop(app, name, lab.project(1)))

    lab.cli.deploy(assembly(), name)
    bucket, layer = lab.account.output(name, "Bucket"), lab.account.live(name)
    keys = lab.account.keys(bucket)
    lab.cli.destroy(assembly(), name)
    assert lab.account.keys(bucket) == keys != []

    out = assembly()
    mapping = bucket_mapping(lab, out, name, bucket)
    said = lab.cli.run("import", name, "--resource-mapping", mapping, "--app", str(out))
    assert f"importing using BucketName={bucket}" in said
    assert "Some resources were skipped. Run another cdk import or a cdk deploy" in said
    assert lab.account.status(name) == "IMPORT_COMPLETE"

    lab.cli.deploy(out, name)
    assert lab.account.output(name, "Bucket") == bucket
    assert lab.account.live(name) == layer
    assert lab.account.keys(bucket) == keys


def test_artifacts_cannot_be_imported(lab: Lab) -> None:
    """The command line skips a custom resource, and an import of nothing changes no stack."""
    name = "Nothing"
    out = lab.synth(lambda app: shop(app, name, lab.project(1)))
    mapping = lab.folder / "empty.json"
    mapping.write_text("{}")
    said = lab.cli.run("import", name, "--resource-mapping", str(mapping), "--app", str(out))
    assert re.search(r"DepsPublished\w+: skipping", said)
    assert "No resources selected for import." in said
    stacks = lab.account.cloudformation.list_stacks()["StackSummaries"]
    assert name not in {stack["StackName"] for stack in stacks}


def move(lab: Lab, name: str, *, moved: bool, **options: Any) -> Path:
    """Synthesize a stack with a layer, which stands in another construct where it has moved."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, name)
        scope = Construct(stack, "Inner") if moved else stack
        layer = PythonLayerArtifact(scope, "Deps", entry=lab.project(1), runtime=PYTHON, **options)
        cdk.CfnOutput(stack, "LayerArn", value=layer.layer_version_arn)

    return lab.synth(fill)


def refactored(lab: Lab, name: str, **options: Any) -> str:
    """Deploy a layer, move it into another construct, and return what `cdk refactor` reports about the move."""
    lab.cli.deploy(move(lab, name, moved=False, **options), name)
    after = str(move(lab, name, moved=True, **options))
    return lab.cli.run("refactor", "--unstable=refactor", "--dry-run", "--app", after)


@pytest.mark.parametrize(
    ("removal_policy", "versions"),
    [(cdk.RemovalPolicy.RETAIN, [1]), (cdk.RemovalPolicy.DESTROY, [2])],
    ids=["retain", "destroy"],
)
def test_a_moved_artifact(lab: Lab, removal_policy: cdk.RemovalPolicy, versions: list[int]) -> None:
    """An ordinary deployment moves it: the version is found again, or under DESTROY published anew and the old one deleted."""
    name = f"Moving-{removal_policy.name.lower()}"
    options = {"layer_version_name": name, "removal_policy": removal_policy}
    lab.cli.deploy(move(lab, name, moved=False, **options), name)
    assert lab.account.versions(name) == [1]
    lab.cli.deploy(move(lab, name, moved=True, **options), name)
    assert lab.account.status(name) == "UPDATE_COMPLETE"
    assert lab.account.versions(name) == versions
    assert lab.account.output(name, "LayerArn").endswith(f":{name}:{versions[0]}")


def test_a_refactoring_is_refused_where_names_follow_the_path(lab: Lab) -> None:
    """The move changes the prefix, so it is no mere move for CloudFormation."""
    assert "cannot add, remove or update resources" in refactored(lab, "Moved")


def test_a_refactoring_with_fixed_names(lab: Lab) -> None:
    """With prefix and layer name of its own the artifact is a mere move."""
    said = refactored(lab, "Fixed", prefix="deps", layer_version_name="fixed")
    assert "The following resources were moved or renamed" in said
    assert "Custom::PythonLayerArtifact" in said
