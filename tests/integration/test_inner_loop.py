"""The loop of a working day, with the real cdk command line and the commands as people type them."""

from __future__ import annotations

import json
import re
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.cdk.publisher import Publisher
from tests.support.aws.deployments import Account, Cli
from tests.support.aws.shop_stacks import PYTHON, Lab, add_function, shop
from tests.support.files.templates import of_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("loop")
    with closing(Cli(folder, aws)) as cli:
        yield Lab(folder, cli, Account(aws))


def assembly(lab: Lab, name: str, deps: int, code: int) -> Path:
    """Synthesize a stack with a layer of the project `deps`, and a function with the code of the project `code`."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, name)
        layer = PythonLayerArtifact(
            stack, "Deps", entry=lab.project(deps), runtime=PYTHON, layer_version_name=name
        )
        source = PythonSourceArtifact(stack, "Code", entry=lab.project(code))
        add_function(stack, source.code, layer)
        cdk.CfnOutput(stack, "LayerArn", value=layer.layer_version_arn)

    return lab.synth(fill)


def test_hotswap_swaps_a_changed_source(lab: Lab) -> None:
    """The function runs the new code, and no deployment of the stack is needed for it."""
    lab.cli.deploy(assembly(lab, "Swapped", 1, 1), "Swapped")
    before, layer = lab.account.code("Swapped"), lab.account.live("Swapped")
    said = lab.cli.run("deploy", "Swapped", "--hotswap", "--app", str(assembly(lab, "Swapped", 1, 2)))
    assert "hotswapped" in said
    assert lab.account.code("Swapped") != before
    assert lab.account.live("Swapped") == layer
    # The next full deployment lays the code out, and agrees with what runs.
    swapped = lab.account.code("Swapped")
    lab.cli.deploy(assembly(lab, "Swapped", 1, 2), "Swapped")
    assert lab.account.code("Swapped") == swapped


def test_a_changed_layer_is_named_as_not_swappable(lab: Lab) -> None:
    """The new code runs with the old layer until the stack is deployed."""
    lab.cli.deploy(assembly(lab, "Layered", 1, 1), "Layered")
    code, layer = lab.account.code("Layered"), lab.account.live("Layered")
    changed = str(assembly(lab, "Layered", 2, 2))
    said = lab.cli.run("deploy", "Layered", "--hotswap", "--app", changed)
    assert "AWS::Lambda::Function, rejected changes: Layers, " in said
    assert lab.account.live("Layered") == layer
    assert lab.account.code("Layered") != code


def test_the_fallback_deploys_a_changed_layer(lab: Lab) -> None:
    """`--hotswap-fallback` asks nothing either: a changed layer changes no right."""
    lab.cli.deploy(assembly(lab, "Fallen", 1, 1), "Fallen")
    code, layer = lab.account.code("Fallen"), lab.account.live("Fallen")
    changed = str(assembly(lab, "Fallen", 2, 2))
    said = lab.cli.run("deploy", "Fallen", "--hotswap-fallback", "--app", changed)
    assert lab.account.live("Fallen") != layer, said
    assert lab.account.code("Fallen") != code


def pairs(lab: Lab, name: str, deps: int, code: int, count: int = 10) -> Path:
    """Synthesize a stack with ten layers and sources, all of other names, and a function with the first of them."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, name)
        layers = [
            PythonLayerArtifact(stack, f"Deps{number}", entry=lab.project(deps), runtime=PYTHON)
            for number in range(count)
        ]
        sources = [
            PythonSourceArtifact(stack, f"Code{number}", entry=lab.project(code)) for number in range(count)
        ]
        add_function(stack, sources[0].code, layers[0])
        cdk.CfnOutput(stack, "LayerArn", value=layers[0].layer_version_arn)
        cdk.CfnOutput(stack, "LayersPolicies", value=str(len(layers)))

    return lab.synth(fill)


def test_a_stack_with_ten_pairs_asks_once(lab: Lab) -> None:
    """Its first deployment needs an approval, which a command without a terminal cannot give; no later one does."""
    first = pairs(lab, "Ten", 1, 1)
    said = lab.cli.run("deploy", "Ten", "--app", str(first), code=1)
    assert "security-sensitive updates" in said
    lab.cli.deploy(first, "Ten")
    code, layer = lab.account.code("Ten"), lab.account.live("Ten")

    said = lab.cli.run("deploy", "Ten", "--app", str(pairs(lab, "Ten", 1, 2)))
    assert "IAM Statement Changes" not in said
    assert lab.account.code("Ten") != code
    assert lab.account.live("Ten") == layer

    locked = str(pairs(lab, "Ten", 2, 2))
    difference = lab.cli.run("diff", "Ten", "--app", locked)
    assert "IAM" not in difference
    assert "Custom::PythonLayerArtifact" in difference
    said = lab.cli.run("deploy", "Ten", "--app", locked)
    assert "IAM Statement Changes" not in said
    assert lab.account.live("Ten") != layer
    lab.cli.destroy(first, "Ten")
    assert lab.account.status("Ten") == "DELETE_COMPLETE"


def test_one_more_artifact_is_a_change_of_rights(lab: Lab) -> None:
    """The approval is asked where there is something to approve: a layer may be published that could not be before."""
    lab.cli.deploy(pairs(lab, "Grown", 1, 1, count=1), "Grown")
    two = pairs(lab, "Grown", 1, 1, count=2)
    said = lab.cli.run("deploy", "Grown", "--app", str(two), code=1)
    assert "IAM Statement Changes" in said
    lab.cli.deploy(two, "Grown")
    # Back: the removed artifacts are deleted with the rights that they had.
    lab.cli.deploy(pairs(lab, "Grown", 1, 1, count=1), "Grown")
    assert lab.account.status("Grown") == "UPDATE_COMPLETE"


def broken(lab: Lab, name: str, deps: int, code: int, *, breaks: bool = True) -> Path:
    """Synthesize the stack with a last resource that cannot be made."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, name)
        layer = PythonLayerArtifact(
            stack, "Deps", entry=lab.project(deps), runtime=PYTHON, layer_version_name=name
        )
        source = PythonSourceArtifact(stack, "Code", entry=lab.project(code))
        add_function(stack, source.code, layer, broken=breaks)
        cdk.CfnOutput(stack, "LayerArn", value=layer.layer_version_arn)

    return lab.synth(fill)


def test_a_failed_deployment_goes_back_to_the_old_code(lab: Lab) -> None:
    """Code and layer are those of before, and the next deployment asks nothing."""
    lab.cli.deploy(assembly(lab, "Back", 1, 1), "Back")
    code, layer = lab.account.code("Back"), lab.account.live("Back")
    lab.cli.run("deploy", "Back", "--app", str(broken(lab, "Back", 2, 2)), code=1)
    assert lab.account.status("Back") == "UPDATE_ROLLBACK_COMPLETE"
    assert (lab.account.code("Back"), lab.account.live("Back")) == (code, layer)
    lab.cli.run("deploy", "Back", "--app", str(assembly(lab, "Back", 2, 2)))
    assert lab.account.code("Back") != code


def test_a_stack_that_was_not_built_is_refused(lab: Lab) -> None:
    """An assembly that was synthesized for other stacks changes nothing of a live one; `cdk diff` shows why."""
    lab.cli.deploy(assembly(lab, "Unbuilt", 1, 1), "Unbuilt")
    code, layer = lab.account.code("Unbuilt"), lab.account.live("Unbuilt")

    def fill(app: cdk.App) -> None:
        app.node.set_context("aws:cdk:bundling-stacks", ["Other"])
        shop(app, "Unbuilt", lab.project(2))

    unbuilt = lab.synth(fill)
    assert "not-built" in lab.cli.run("diff", "Unbuilt", "--app", str(unbuilt))
    lab.cli.deploy_in_vain(unbuilt, "Unbuilt")
    assert lab.account.status("Unbuilt") == "UPDATE_ROLLBACK_COMPLETE"
    [reason] = lab.account.reasons("Unbuilt", "UPDATE_FAILED")
    assert "nothing was built for this stack" in reason
    assert (lab.account.code("Unbuilt"), lab.account.live("Unbuilt")) == (code, layer)


def test_cdk_rollback(lab: Lab) -> None:
    """A deployment that stops where it fails is taken back by `cdk rollback`."""
    lab.cli.deploy(assembly(lab, "Stopped", 1, 1), "Stopped")
    code, layer = lab.account.code("Stopped"), lab.account.live("Stopped")
    failing = str(broken(lab, "Stopped", 2, 2))
    lab.cli.run("deploy", "Stopped", "--no-rollback", "--app", failing, code=1)
    assert lab.account.status("Stopped") == "UPDATE_FAILED"
    lab.cli.run("rollback", "Stopped", "--app", failing)
    assert (lab.account.code("Stopped"), lab.account.live("Stopped")) == (code, layer)


def test_collected_assets_are_not_missed(lab: Lab) -> None:
    """`cdk gc` deletes staged files that no template names; deployments before and after it differ in nothing."""
    for deps in (1, 2):
        lab.cli.deploy(assembly(lab, "Collected", deps, deps), "Collected")
    old = lab.account.keys(lab.account.staging)
    collect = ["--unstable=gc", "--type=s3", "--rollback-buffer-days=0", "--created-buffer-days=0"]
    lab.cli.run("gc", lab.account.environment, "--action=full", *collect, "--confirm=false", "--app", "")
    assert set(lab.account.keys(lab.account.staging)) < set(old)
    same = str(assembly(lab, "Collected", 2, 2))
    assert "no differences" in lab.cli.run("diff", "Collected", "--app", same)
    layer = lab.account.live("Collected")
    lab.cli.run("deploy", "Collected", "--app", str(assembly(lab, "Collected", 1, 1)))
    assert lab.account.live("Collected") != layer


def edited(assembly: Path, stack: str, edit: Callable[[dict[str, Any]], None]) -> Path:
    """Change the stack's template in an assembly, and the key that it is uploaded under."""
    path = assembly / f"{stack}.template.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))
    [key] = re.findall(r"/([0-9a-f]{64})\.json", (assembly / "manifest.json").read_text())
    for name in ("manifest.json", f"{stack}.assets.json"):
        text = (assembly / name).read_text()
        (assembly / name).write_text(text.replace(key, sha256(path.read_bytes()).hexdigest()))
    return assembly


def as_before(document: dict[str, Any]) -> None:
    """Give a template the rights of earlier releases, inline policies, and code that is laid out."""
    resources = document["Resources"]
    managed = {name: each for name, each in resources.items() if each["Type"] == "AWS::IAM::ManagedPolicy"}
    for name, policy in managed.items():
        del resources[name]
        properties = policy["Properties"]
        inline = {key: properties[key] for key in ("PolicyDocument", "Roles")}
        resources[f"Inline{name}"] = {
            "Type": "AWS::IAM::Policy",
            "Properties": {**inline, "PolicyName": f"Inline{name}"},
        }
    for each in resources.values():
        depends = each.get("DependsOn", [])
        depends = [depends] if isinstance(depends, str) else depends
        if depends:
            each["DependsOn"] = [f"Inline{name}" if name in managed else name for name in depends]
    [code] = [n for n, each in resources.items() if each["Type"] == "Custom::PythonSourceArtifact"]
    [function] = [
        each
        for each in of_type(document, "AWS::Lambda::Function")
        if each["Properties"]["Handler"] == "index.handler"
    ]
    function["Properties"]["Code"] = {
        "S3Bucket": {"Fn::GetAtt": [code, "Bucket"]},
        "S3Key": {"Fn::GetAtt": [code, "Key"]},
    }


def test_a_stack_of_an_earlier_release_moves_over(lab: Lab) -> None:
    """One deployment replaces inline policies and laid out code; layer and code stay what they were."""
    lab.cli.deploy(edited(assembly(lab, "Older", 1, 1), "Older", as_before), "Older")
    assert lab.account.inline_policies("Older") != []
    code, layer = lab.account.code("Older"), lab.account.live("Older")
    lab.cli.deploy(assembly(lab, "Older", 1, 1), "Older")
    assert lab.account.status("Older") == "UPDATE_COMPLETE"
    assert (lab.account.code("Older"), lab.account.live("Older")) == (code, layer)
    assert lab.account.inline_policies("Older") == []
    lab.cli.run("deploy", "Older", "--app", str(assembly(lab, "Older", 2, 2)))
    assert lab.account.live("Older") != layer


def test_a_move_that_fails_is_taken_back(lab: Lab) -> None:
    """The old rights are still there for it."""
    lab.cli.deploy(edited(assembly(lab, "Stuck", 1, 1), "Stuck", as_before), "Stuck")
    code, layer = lab.account.code("Stuck"), lab.account.live("Stuck")
    rights = lab.account.inline_policies("Stuck")
    lab.cli.deploy_in_vain(broken(lab, "Stuck", 2, 2), "Stuck")
    assert lab.account.status("Stuck") == "UPDATE_ROLLBACK_COMPLETE"
    assert (lab.account.code("Stuck"), lab.account.live("Stuck")) == (code, layer)
    assert lab.account.inline_policies("Stuck") == rights != []


def test_nothing_is_left_of_a_throw_away_stack(lab: Lab) -> None:
    """Versions, zips and the bucket go with it, as often as it is deployed again."""
    name = "Preview"

    def fill(app: cdk.App) -> None:
        stack = shop(app, name, lab.project(1))
        PythonSourceArtifact(stack, "Code", entry=lab.project(1))
        cdk.RemovalPolicies.of(app).destroy(exclude_resource_types=["AWS::Logs::LogGroup"])
        Publisher.of(stack).log_group.apply_removal_policy(cdk.RemovalPolicy.RETAIN)

    before = [each["Name"] for each in lab.account.s3.list_buckets()["Buckets"]]
    for _ in range(2):
        out = lab.synth(fill)
        lab.cli.deploy(out, name)
        bucket = lab.account.output(name, "Bucket")
        assert lab.account.keys(bucket) != []
        lab.cli.destroy(out, name)
        assert lab.account.status(name) == "DELETE_COMPLETE"
        assert lab.account.versions(name) == []
        assert [each["Name"] for each in lab.account.s3.list_buckets()["Buckets"]] == before
        lines = lab.account.log(name, holding=f"object versions of s3://{bucket}")
        [deleted] = [line for line in lines if f"object versions of s3://{bucket}" in line]
        assert not deleted.startswith("deleted 0 ")


def test_a_stack_that_is_no_longer_thrown_away_keeps_its_files(lab: Lab) -> None:
    """The resource that empties the bucket goes, and the bucket stays as it is."""
    name = "Grave"

    def fill(app: cdk.App, *, throw_away: bool) -> None:
        shop(app, name, lab.project(1))
        if throw_away:
            cdk.RemovalPolicies.of(app).destroy()

    lab.cli.deploy(lab.synth(lambda app: fill(app, throw_away=True)), name)
    keys = lab.account.keys(lab.account.output(name, "Bucket"))
    lab.cli.deploy(lab.synth(lambda app: fill(app, throw_away=False)), name)
    assert lab.account.keys(lab.account.output(name, "Bucket")) == keys != []
    assert any("since the stack stays" in line for line in lab.account.log(name, "since the stack stays"))
