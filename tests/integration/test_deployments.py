"""Whole lives of stacks: the real cdk command line, the real handler, an embedded AWS with a real CloudFormation.

MiniStack calls the function once for each event and works on one resource at a time, so duplicate, early and parallel
events are not here (`tests/handler/test_histories.py` has them). It sends no Delete after a failed Create, enforces
no IAM, and rolls a replacement back with a Delete of the new id alone.
"""

from __future__ import annotations

import base64
import re
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.core.deploy.deployed_layer import find_deployed_layer
from tests.support.aws.deployments import Account, Cli
from tests.support.aws.shop_stacks import INLINE, PYTHON, Lab, add_function, private_app, properties, shop
from tests.support.builders.canary import forms, traces
from tests.support.files.wheels import Member, zip_bytes
from tests.support.index.private_index import running_private_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

RETAIN, DESTROY = cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.DESTROY
POLICIES = {"Kept": RETAIN, "Gone": DESTROY, "Tidy": cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE}
OTHER_BYTES = b"# not what was built\n" * 9

USER, CANARY = "bob@corp", "pa/ss#wo?rd@:%25é"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with closing(Cli(folder, aws)) as cli:
        yield Lab(folder, cli, Account(aws))


def test_an_unchanged_a_changed_and_a_deleted_stack(lab: Lab) -> None:
    """Unchanged: no event, or the same ARN. Changed: a new version. Only DESTROY deletes, what is no longer used."""
    account, stacks = lab.account, list(POLICIES)

    def assembly(total: int, version: str = "1.2.3") -> Path:
        entry = lab.project(total, version)
        return lab.synth(
            lambda app: [shop(app, name, entry, removal_policy=POLICIES[name]) for name in stacks]
        )

    first = assembly(1)
    lab.cli.deploy(first, *stacks)
    live = [account.live(stack) for stack in stacks]
    assert [arn.rpartition(":layer:")[2] for arn in live] == ["Kept:1", "Gone:1", "Tidy:1"]

    deployed = find_deployed_layer(account.cloudformation, "Kept", "Deps")
    assert (deployed.layer_name, deployed.s3dir_lambda.bucket) == ("Kept", account.output("Kept", "Bucket"))

    said = [account.log(stack, f"published {arn}") for stack, arn in zip(stacks, live, strict=True)]
    assert lab.cli.deploy(first, *stacks).count("(no changes)") == 3
    assert [account.log(stack) for stack in stacks] == said

    # The lock names the project's version, so its bytes change and CloudFormation asks; the layer does not.
    lab.cli.deploy(assembly(1, version="1.2.4"), *stacks)
    for stack, arn in zip(stacks, live, strict=True):
        assert account.log(stack, f"unchanged: {arn} is the same")
        assert (account.live(stack), account.versions(stack)) == (arn, [1])

    last = assembly(2)
    lab.cli.deploy(last, *stacks)
    assert [account.live(stack)[-2:] for stack in stacks] == [":2"] * 3
    assert [account.versions(stack) for stack in stacks] == [[1, 2], [2], [1, 2]]
    assert account.log("Gone", f"deleted {live[1]}")
    asked_to_delete = [
        stack for stack in stacks if any(line.startswith("Delete") for line in account.log(stack))
    ]
    assert asked_to_delete == ["Gone"]
    buckets = [account.output(stack, "Bucket") for stack in stacks]
    assert [recorded(account, bucket) for bucket in buckets] == [{1, 2}, {2}, {1, 2}]

    lab.cli.destroy(last, *stacks)
    assert [account.status(stack) for stack in stacks] == ["DELETE_COMPLETE"] * 3
    assert [account.versions(stack) for stack in stacks] == [[1, 2], [], [1, 2]]
    assert [recorded(account, bucket) for bucket in buckets] == [{1, 2}, set(), {1, 2}]


def recorded(account: Account, bucket: str) -> set[int]:
    """Return the versions of which the bucket holds something."""
    return {int(found[1]) for key in account.keys(bucket) if (found := re.search(r"/layer/(\d{6})/", key))}


def test_a_stack_that_fails_beside_the_layer(lab: Lab) -> None:
    """The old ARN is live again. What the failed deployment made stays with RETAIN and goes otherwise, no more.

    On AWS the rollback of an update may send an Update with the old properties too; MiniStack does not.
    """
    account, policies = lab.account, {f"Fails{name}": policy for name, policy in POLICIES.items()}
    stacks = list(policies)

    def assembly(total: int, *, broken: bool) -> Path:
        entry = lab.project(total)
        return lab.synth(
            lambda app: [
                shop(app, name, entry, broken=broken, removal_policy=policies[name]) for name in stacks
            ]
        )

    lab.cli.deploy_in_vain(assembly(1, broken=True), *stacks)
    assert [account.status(stack) for stack in stacks] == ["ROLLBACK_COMPLETE"] * 3
    assert [account.versions(stack) for stack in stacks] == [[1], [], []]

    # The command line replaces stacks that never came to be. RETAIN finds the version of the first try.
    lab.cli.deploy(assembly(1, broken=False), *stacks)
    live = [account.live(stack) for stack in stacks]
    assert [arn[-2:] for arn in live] == [":1", ":2", ":2"]

    lab.cli.deploy_in_vain(assembly(2, broken=True), *stacks)
    assert [account.status(stack) for stack in stacks] == ["UPDATE_ROLLBACK_COMPLETE"] * 3
    assert [account.live(stack) for stack in stacks] == live
    assert [account.versions(stack) for stack in stacks] == [[1, 2], [2], [2]]

    lab.cli.deploy(assembly(2, broken=False), *stacks)
    assert [account.versions(stack) for stack in stacks] == [[1, 2], [4], [2, 4]]
    # Back to what was there before, in vain: only RETAIN and the last one have it still, and keep it.
    lab.cli.deploy_in_vain(assembly(1, broken=True), *stacks)
    assert [account.live(stack)[-2:] for stack in stacks] == [":2", ":4", ":4"]
    assert [account.versions(stack) for stack in stacks] == [[1, 2], [4], [2, 4]]


def test_assets_that_are_not_what_was_built(lab: Lab) -> None:
    """The update fails with what is wrong and how to mend it; the old version stays live; mended, it goes through."""
    account, stacks = lab.account, ("OtherLock", "OtherZip")

    def assembly(total: int) -> Path:
        return lab.synth(lambda app: [shop(app, name, lab.project(total + len(name))) for name in stacks])

    lab.cli.deploy(assembly(20), *stacks)
    live = [account.live(stack) for stack in stacks]
    second = assembly(30)
    keys = [properties(second, "OtherLock")["ManifestAssetKey"], properties(second, "OtherZip")["AssetKey"]]
    # The command line uploads nothing that is there already.
    account.s3.put_object(Bucket=account.staging, Key=keys[0], Body=OTHER_BYTES)
    account.s3.put_object(Bucket=account.staging, Key=keys[1], Body=zip_bytes([("python/a.py", Member())]))

    lab.cli.deploy_in_vain(second, *stacks)
    assert [account.status(stack) for stack in stacks] == ["UPDATE_ROLLBACK_COMPLETE"] * 2
    assert [account.live(stack) for stack in stacks] == live
    assert [account.versions(stack) for stack in stacks] == [[1], [1]]
    [of_lock], [of_zip] = (account.reasons(stack, "UPDATE_FAILED") for stack in stacks)
    lock_uri, zip_uri = (f"s3://{account.staging}/{key}" for key in keys)
    assert re.search(
        rf"{lock_uri} is inconsistent with the build: .*; delete the asset and deploy again", of_lock
    )
    assert re.search(
        rf"OtherZip:2 was published with CodeSha256 .*; deploy again, .* delete {zip_uri} first", of_zip
    )

    account.s3.delete_objects(Bucket=account.staging, Delete={"Objects": [{"Key": key} for key in keys]})
    lab.cli.deploy(second, *stacks)
    assert [account.live(stack)[-2:] for stack in stacks] == [":2", ":3"]


def test_a_rollback_that_cannot_go_back(lab: Lab) -> None:
    """The old version and its asset are gone: the reason names the command that gets the stack out."""
    account = lab.account
    first, second = (lab.synth(partial(shop, name="Stuck", entry=lab.project(total))) for total in (50, 51))
    lab.cli.deploy(first, "Stuck")
    account.lambda_.delete_layer_version(LayerName="Stuck", VersionNumber=1)
    account.s3.delete_object(Bucket=account.staging, Key=properties(first, "Stuck")["AssetKey"])
    wrong = {"Bucket": account.staging, "Key": properties(second, "Stuck")["ManifestAssetKey"]}
    account.s3.put_object(**wrong, Body=OTHER_BYTES)

    [said] = lab.cli.deploy_in_vain(second, "Stuck")
    assert account.status("Stuck") == "UPDATE_ROLLBACK_FAILED"
    update, rollback = account.reasons("Stuck", "UPDATE_FAILED")
    assert "is inconsistent with the build" in update
    assert "does not exist: deploy again so that it is uploaded" in rollback
    command = rollback.partition("If this is a rollback: ")[2]
    assert command in said

    account.continue_update_rollback(command)
    assert account.status("Stuck") == "UPDATE_ROLLBACK_COMPLETE"
    account.s3.delete_object(**wrong)
    lab.cli.deploy(second, "Stuck")
    assert account.live("Stuck").endswith(":Stuck:2")


def test_stacks_with_one_layer_name(lab: Lab) -> None:
    """RETAIN uses the version that is there, DESTROY its own; deleting a stack breaks no other."""
    account, totals = lab.account, {"One": 1, "Two": 1, "Other": 2, "Own": 1}

    def fill(app: cdk.App) -> None:
        for stack, total in totals.items():
            removal_policy = DESTROY if stack == "Own" else RETAIN
            entry = lab.project(total)
            shop(app, stack, entry, layer_version_name="common", removal_policy=removal_policy)

    assembly = lab.synth(fill)
    lab.cli.deploy(assembly, *totals, at_once=1)
    live = {stack: account.live(stack) for stack in totals}
    assert live["One"] == live["Two"]
    assert (len(set(live.values())), account.versions("common")) == (3, [1, 2, 3])
    lab.cli.destroy(assembly, "One", "Own")
    left = {"Two": live["Two"], "Other": live["Other"]}
    assert {stack: account.live(stack) for stack in left} == left
    assert account.versions("common") == sorted(int(arn[-1]) for arn in left.values())


def test_a_layer_of_another_stack(lab: Lab) -> None:
    """The producer is updated while the consumer uses its layer; the consumer follows when it is deployed itself.

    AWS refuses to change an export that is in use, MiniStack does not: so that there is none is checked.
    """
    account = lab.account

    def assembly(total: int) -> Path:
        def fill(app: cdk.App) -> None:
            producer, consumer = cdk.Stack(app, "Producer"), cdk.Stack(app, "Consumer")
            entry = lab.project(total)
            deps = PythonLayerArtifact(
                producer, "Deps", entry=entry, runtime=PYTHON, layer_version_name="lent"
            )
            add_function(consumer, INLINE, deps)

        return lab.synth(fill)

    lab.cli.deploy(assembly(1), "Producer", "Consumer")
    assert [arn[-7:] for arn in account.layers("Consumer")] == [":lent:1"]
    exports = account.cloudformation.list_exports()["Exports"]
    assert not [each for each in exports if ":stack/Producer/" in each["ExportingStackId"]]
    second = assembly(2)
    lab.cli.deploy(second, "Producer")
    assert account.versions("lent") == [1, 2]
    assert [arn[-7:] for arn in account.layers("Consumer")] == [":lent:1"]
    lab.cli.deploy(second, "Consumer")
    assert [arn[-7:] for arn in account.layers("Consumer")] == [":lent:2"]


def test_a_function_source(lab: Lab) -> None:
    """RETAIN keeps old zips, so a rollback finds its own; DESTROY deletes its own, and none that others use."""
    account, here = lab.account, lab.account.region
    account.s3.create_bucket(Bucket="sources", CreateBucketConfiguration={"LocationConstraint": here})
    account.s3.put_object(Bucket="sources", Key="shared/source/theirs.zip", Body=b"")
    prefixes = {"Code": "kept", "OwnCode": "own", "SharedCode": "shared"}
    # Of another app: within one, two artifacts have folders apart.
    sharers = {"SharerCode": "shared"}

    def assembly(total: int, stacks: dict[str, str] = prefixes, *, broken: bool = False) -> Path:
        def fill(app: cdk.App) -> None:
            for name, prefix in stacks.items():
                stack = cdk.Stack(app, name)
                code = PythonSourceArtifact(
                    stack,
                    "Source",
                    entry=lab.project(total),
                    bucket=s3.Bucket.from_bucket_name(stack, "Sources", "sources"),
                    prefix=prefix,
                    removal_policy=RETAIN if name == "Code" else DESTROY,
                )
                cdk.CfnOutput(stack, "Sha256", value=code.source_sha256)
                add_function(stack, code.laid_out_code, broken=broken)

        return lab.synth(fill)

    def zips(prefix: str) -> int:
        return sum(key.endswith("/source.zip") for key in account.keys("sources", f"{prefix}/"))

    lab.cli.deploy(assembly(1), *prefixes, at_once=1)
    lab.cli.deploy(assembly(1, sharers), *sharers)
    code = account.code("Code")
    assert code == base64.b64encode(bytes.fromhex(account.output("Code", "Sha256"))).decode()
    lab.cli.deploy_in_vain(assembly(2, broken=True), "Code", "OwnCode")
    assert [account.code("Code"), account.code("OwnCode")] == [code, code]
    assert (zips("kept"), zips("own")) == (2, 1)

    second = assembly(2)
    lab.cli.deploy(second, "OwnCode", "SharedCode")
    assert account.code("OwnCode") == account.code("SharedCode") != code
    assert (zips("own"), zips("shared")) == (1, 2)
    lab.cli.destroy(second, "Code", "OwnCode", "SharedCode")
    assert (zips("kept"), zips("own"), zips("shared")) == (2, 0, 1)
    assert "shared/source/theirs.zip" in account.keys("sources")
    assert account.code("SharerCode") == code


def test_keep_versions(lab: Lab) -> None:
    """With two, the version before the one in use stays, and going back to it publishes nothing."""
    account = lab.account

    def deploy(total: int) -> tuple[str, list[int]]:
        options = {"removal_policy": DESTROY, "keep_versions": 2}
        entry = lab.project(total)
        lab.cli.deploy(lab.synth(lambda app: shop(app, "KeepsTwo", entry, **options)), "KeepsTwo")
        return account.live("KeepsTwo")[-2:], account.versions("KeepsTwo")

    expected = [(":1", [1]), (":2", [1, 2]), (":3", [2, 3]), (":4", [3, 4]), (":5", [4, 5])]
    assert [deploy(total) for total in range(1, 6)] == expected
    assert deploy(4) == (":4", [4, 5])


def test_no_secret_is_left_anywhere(lab: Lab, tmp_path: Path) -> None:
    """After all that was done here: no index password, and no URL by which others could answer CloudFormation."""
    with running_private_index(tmp_path, USER, CANARY) as index:
        app, env = private_app(tmp_path, index)
        said = lab.cli.deploy(
            app, "Private", env={**env, "CDK_VERBOSE": "2", "CONSTRUCTS_LIB_STORE": str(tmp_path / "store")}
        )
        assert {sent for _, sent in index.files_asked()} == {index.basic}
    assert "Private/Deps: fetched 1 file" in said

    seen = tmp_path / "seen"
    seen.mkdir()
    lab.account.write_down(seen)
    assert "  published arn:" in (seen / "logs").read_text()
    for folder in (seen, lab.cli.transcripts, lab.folder / "cdk.out"):
        assert list(folder.iterdir())
        assert traces(folder, {*forms(USER, CANARY), b"/cfn-response/", b"X-Amz-Signature"}) == []
