from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, code_sha256
from constructs_lib.core.publish.ownership import Mark, RemovalPolicy
from tests.support.aws.world import OTHER, OWNER

if TYPE_CHECKING:
    from tests.support.aws.world import World


def test_the_order_of_runtimes_and_architectures_means_nothing() -> None:
    """They are sets to AWS."""
    one = LayerAttributes(("python3.12", "python3.13"), ("arm64", "x86_64"))
    other = LayerAttributes(("python3.13", "python3.12"), ("x86_64", "arm64"))
    assert one.digest == other.digest


def test_every_attribute_counts() -> None:
    """Five different layers have five different digests."""
    digests = {
        LayerAttributes().digest,
        LayerAttributes(("python3.12",)).digest,
        LayerAttributes((), ("python3.12",)).digest,
        LayerAttributes(description="python3.12").digest,
        LayerAttributes(license_info="python3.12").digest,
    }
    assert len(digests) == 5


def test_lambda_spells_a_sha256_in_base64() -> None:
    """The sha256 of nothing, in both spellings."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert code_sha256(empty) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize("policy", get_args(RemovalPolicy))
@pytest.mark.parametrize("owner", ["", OTHER, OWNER])
@pytest.mark.parametrize("is_current", [True, False])
def test_a_version_that_another_owner_may_delete_is_never_used(
    world: World, policy: RemovalPolicy, owner: str, is_current: bool
) -> None:
    """In destroy mode the owner has versions of its own; what nobody may delete stays only where it is in use."""
    wanted = world.layer(removal_policy=policy)
    may_use = wanted.may_use(Mark.of("b" * 64, owner), is_current=is_current)
    assert may_use == (owner == OWNER or (owner == "" and (is_current or policy != "destroy")))
    nobodys = world.layer(removal_policy=policy, owner="")
    assert nobodys.may_use(Mark.of("b" * 64, owner), is_current=False) == (
        owner == "" and policy != "destroy"
    )


def test_a_layer_without_a_fingerprint_is_marked_by_its_bytes(world: World) -> None:
    """On the tree route bytes decide."""
    wanted = world.layer(fingerprint="", removal_policy="destroy")
    assert wanted.mark == Mark(wanted.layer_sha256[:16], OWNER[:16])
    assert world.layer().mark == Mark(world.layer().fingerprint[:16], "")
