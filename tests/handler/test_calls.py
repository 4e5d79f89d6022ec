"""The calls of AWS that each event makes, and how many of them are made one after the other."""

from __future__ import annotations

import hashlib
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.handler.sdk_clients import THREADS
from tests.support.aws.world import ASSETS, LAYER

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from tests.support.aws.events import Event, Stack
    from tests.support.aws.world import World

PAGE = Path(__file__).parents[2] / "docs/reference/account.md"
HEAD = "| artifact | event | calls | rounds | operations |\n|---|---|--:|--:|---|\n"
VERSIONS = 30


@dataclass
class Rounds:
    """Takes the place of the thread pool: does the acts in order and counts the calls that could have been beside others.

    So the number does not depend on the machine.
    """

    world: World
    saved: int = 0
    _lengths: list[int] = field(default_factory=list)

    def __call__(self, threads: int) -> Rounds:
        assert threads == THREADS
        return self

    def __enter__(self) -> Self:
        self._lengths.clear()
        return self

    def __exit__(self, *_: object) -> None:
        assert len(self._lengths) <= THREADS
        self.saved += sum(self._lengths) - max(self._lengths)

    def submit(self, act: Callable[[], Any]) -> Future[Any]:
        """Do the act at once."""
        before, future = len(self.world.calls), Future[Any]()
        future.set_result(act())
        self._lengths.append(len(self.world.calls) - before)
        return future


@pytest.fixture
def rounds(world: World, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    world.services = replace(world.services, threads=THREADS)
    counter = Rounds(world)
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", counter)
    return counter


def upload(world: World, key: str, body: bytes) -> None:
    """Upload an asset as the cdk command line does: S3 keeps its SHA-256."""
    world.services.s3.put_object(Bucket=ASSETS, Key=key, Body=body, ChecksumAlgorithm="SHA256")


def make_event(stack: Stack, artifact: str, kind: str, content: str, physical_id: str, policy: str) -> Event:
    """Build the event that a template of this release leads to."""
    changes: dict[str, Any] = {"RemovalPolicy": policy, "Prefix": f"{artifact}-{policy}"}
    if artifact == "layer":
        sbom = f"SBOM of {content}".encode()
        upload(stack.world, f"{content}.sbom", sbom)
        changes |= {
            "LayerName": f"{LAYER}-{policy}",
            "ManifestSha256": stack.world.layer(content).manifest_sha256,
            "SbomAssetBucket": ASSETS,
            "SbomAssetKey": f"{content}.sbom",
            "SbomSha256": hashlib.sha256(sbom).hexdigest(),
        }
    make = {"layer": stack.layer_event, "source": stack.source_event, "function": stack.function_event}
    event = make[artifact](kind, content, physical_id or None, **changes)
    if artifact != "layer":
        upload(stack.world, event["ResourceProperties"]["AssetKey"], f"{artifact} of {content}".encode())
    return event


def row(stack: Stack, rounds: Rounds, artifact: str, name: str, event: Event) -> tuple[str, str]:
    """Send the event; return the row of the table about it and the id that the resource has then."""
    rounds.saved = 0
    answer = stack.send(event)
    assert answer["Status"] == "SUCCESS", answer
    calls = stack.world.calls
    counts = Counter(call.partition(".")[2] for call in calls)
    operations = ", ".join(f"{name} {count}" if count > 1 else name for name, count in counts.items())
    cells = (artifact, name, str(len(calls)), str(len(calls) - rounds.saved), operations)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |"), answer["PhysicalResourceId"]


def table(stack: Stack, rounds: Rounds) -> str:
    """Run the life of each artifact; return the table."""
    rows = []
    for artifact in ("layer", "source", "function"):

        def add(name: str, kind: str, content: str, current: str, policy: str = "retain") -> str:
            event = make_event(stack, artifact, kind, content, current, policy)  # noqa: B023 - called in this round
            line, physical_id = row(stack, rounds, artifact, name, event)  # noqa: B023
            rows.append(line)
            return physical_id

        one = add("Create", "Create", "one", "")
        add("Update, unchanged", "Update", "one", one)
        two = add("Update, changed", "Update", "two", one)
        add("Update, back to the one before", "Update", "one", two)
        add("Delete, retained", "Delete", "two", two)
        event = make_event(stack, artifact, "Create", "one", "", "destroy")
        add("Delete, destroyed", "Delete", "one", stack.send(event)["PhysicalResourceId"], "destroy")
    return HEAD + "\n".join(rows) + "\n"


def test_the_table_of_calls_is_what_the_handler_does(stack: Stack, rounds: Rounds) -> None:
    """A call that is added, or that waits for another one without need, is seen in the page."""
    actual = table(stack, rounds)
    assert actual in PAGE.read_text(encoding="utf-8"), f"{PAGE.name} should hold:\n{actual}"


def test_many_retained_versions_are_looked_at_side_by_side(stack: Stack, rounds: Rounds) -> None:
    """A change of a layer with many versions of other builds: 20 more calls, in five rounds."""
    for number in range(VERSIONS):
        stack.world.publish_by_hand(stack.world.layer(), f"Dependencies of greeter [build:{number:016x}]")
    rounds.saved = 0
    assert stack.send(stack.layer_event("Create", "two"))["Status"] == "SUCCESS"
    looks = stack.world.calls.count("lambda.GetLayerVersion")
    assert (looks, rounds.saved) == (20, 15 + 1)
