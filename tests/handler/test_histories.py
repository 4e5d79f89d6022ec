"""Random histories of stacks, with duplicates, crashes and faults, on the AWS in memory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib.core.publish import companion, source
from constructs_lib.core.publish.aws.s3_objects import object_sha256
from constructs_lib.core.publish.layers import ensure, find, release, remove
from constructs_lib.core.publish.layers.layer_spec import LayerSpec
from constructs_lib.core.publish.layers.version_records import Record, keep_record
from constructs_lib.handler.response import Answer
from tests.support.aws.histories import Chaos
from tests.support.aws.random_history import History, live_history

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location

# `tools/histories.py` lives as many as one likes, from any seed.
SEEDS = range(250)
# These notice the rules that the others notice last; they are tried first.
TELLING = (391, 511, 600, 605, 651, 711)


@pytest.mark.parametrize("first", range(0, len(SEEDS), 50))
def test_every_history_of_fixed_seeds_keeps_the_invariant(first: int) -> None:
    """At rest each live ARN is there with the right bytes, nothing is left over, nothing foreign was deleted."""
    for seed in SEEDS[first : first + 50]:
        assert live_history(seed) is None


def test_a_version_whose_forged_record_says_so_may_stay() -> None:
    """In doubt the handler keeps: here somebody wrote "retain" into a record, and the stack was deleted."""
    assert live_history(2334) is None


def _nothing(*_: Any, **__: Any) -> None:
    pass


def _keep_without_retaining(*given: Any, retain: bool) -> None:
    del retain
    keep_record(*given)


def _named_by_its_key(services: AwsServices, place: S3Location, head: HeadObjectOutputTypeDef) -> str:
    """Believe an artifact's key; an asset is named by something else."""
    return place.key.split("/")[-2] if "/source/" in place.key else object_sha256(services, place, head)


def _true(*_: Any, **__: Any) -> bool:
    return True


@pytest.mark.parametrize(
    ("place", "name", "wrong", "violation"),
    [
        (remove, "judge", lambda *_: remove.Verdict(version=True, objects=True), "deleted"),
        (ensure, "cancel_release", _nothing, "is in use and was deleted"),
        (ensure, "keep_record", _nothing, "ManifestUri"),
        (ensure, "keep_record", _keep_without_retaining, "was to be retained and is gone"),
        (ensure, "find_leftovers", lambda *_: [], "is left over"),
        (ensure, "find_twins", lambda *_: [], "is left over"),
        (ensure, "_withdraw", _nothing, "is left over"),
        (find, "_is_same", _true, "has other bytes"),
        (Record, "agrees", _true, "does not agree with Lambda"),
        (LayerSpec, "may_use", _true, "arn:"),
        (companion, "object_sha256", lambda *_: hashlib.sha256(b"{}").hexdigest(), "SbomUri"),
        (source, "object_sha256", _named_by_its_key, "S3Uri"),
        (release, "functions_by_layer", lambda *_: {}, "is in a function and was pruned"),
        (Answer, "published", _nothing, "is left over"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_rule_is_noticed(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, wrong: object, violation: str
) -> None:
    """The measure itself: with any one rule gone, some history tells."""
    monkeypatch.setattr(place, name, wrong)
    stories = (live_history(seed) for seed in (*TELLING, *range(3000)))
    found = next((story for story in stories if story is not None), "none")
    assert violation in found.splitlines()[0]


@given(st.binary(min_size=100, max_size=1000))
@settings(max_examples=100)
def test_every_history_that_hypothesis_finds_keeps_the_invariant(choices: bytes) -> None:
    """The same, drawn by hypothesis, which makes what it finds short."""
    left = iter(choices)
    with pytest.MonkeyPatch.context() as patch:
        chaos = Chaos(lambda below: next(left, 0) % below)
        chaos.install(patch)
        History(chaos).live()
