"""An AWS for tests: moto's S3 and layers, stricter where AWS is, with faults below the SDK's retries."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from constructs_lib.core.publish.aws.services import AwsServices, Clock
from constructs_lib.core.publish.companion import Companion
from constructs_lib.core.publish.function import FunctionSpec
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, LayerSpec
from constructs_lib.core.publish.layout import SBOM_NAME, S3Location
from constructs_lib.core.publish.source import SourceSpec
from tests.support.aws.faults import pass_on
from tests.support.aws.rules import zip_of
from tests.support.aws.shared_clients import REGION, SharedClients, moto_clients
from tests.support.aws.strict import StrictMoto
from tests.support.library_log import logged_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.support.aws.faults import Step

LAYER = "greeter-deps"
ASSETS, ARTIFACTS = "cdk-assets", "artifacts"
PREFIX = S3Location(ARTIFACTS, "lambda/greeter-deps")
OWNER = hashlib.sha256(b"our stack").hexdigest()
OTHER = hashlib.sha256(b"their stack").hexdigest()

WRITES = {
    "s3.PutObject",
    "s3.CopyObject",
    "s3.DeleteObject",
    "lambda.PublishLayerVersion",
    "lambda.DeleteLayerVersion",
}


@dataclass
class FakeTime:
    """A clock that moves only when somebody sleeps."""

    reading: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.reading

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.reading += seconds


@dataclass
class World:
    """The clients, what they did, and short ways to say what a test needs."""

    services: AwsServices
    time: FakeTime
    moto: StrictMoto
    calls: list[str] = field(default_factory=list)
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    lines: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    steps: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call in WRITES]

    def next(self, operation: str, *steps: Step) -> None:
        """Let the next calls of `operation` ("s3.CopyObject") go through these steps."""
        self.steps[operation].extend(steps)

    def on_request(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Answer in moto's place: botocore asks every handler, so an answered request must not reach moto."""
        operation = event_name.removeprefix("before-send.")
        self.calls.append(operation)

        def send(request: AWSPreparedRequest) -> AWSResponse:
            return self.moto.send(operation, request)

        steps = self.steps[operation]
        step: Step = steps.pop(0) if steps else pass_on
        return step(request, send)

    def on_parameters(self, params: dict[str, Any], event_name: str, **_: Any) -> None:
        self.sent[event_name.removeprefix("provide-client-params.")].append(dict(params))

    def forget_calls(self) -> None:
        self.calls.clear()
        self.sent.clear()

    def put(self, location: S3Location, body: bytes, **metadata: str) -> S3Location:
        self.services.s3.put_object(Bucket=location.bucket, Key=location.key, Body=body, Metadata=metadata)
        return location

    def object_keys(self, bucket: str = ARTIFACTS) -> list[str]:
        listed = self.services.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return [item["Key"] for item in listed]

    def live(self, layer: str = LAYER) -> list[int]:
        pages = self.services.lambda_.get_paginator("list_layer_versions").paginate(LayerName=layer)
        return sorted(item["Version"] for page in pages for item in page["LayerVersions"])

    def layer(self, content: str = "one", **changes: Any) -> LayerSpec:
        """Want a layer whose zip and lock say `content`; both are uploaded as assets."""
        zipped, lock = zip_of(content), f"lock of {content}".encode()
        wanted = LayerSpec(
            layer_name=LAYER,
            s3dir_lambda=PREFIX,
            zip_asset=self.put(S3Location(ASSETS, f"{content}.zip"), zipped),
            layer_sha256=hashlib.sha256(zipped).hexdigest(),
            manifest_name="uv.lock",
            manifest=self.put(S3Location(ASSETS, f"{content}.lock"), lock),
            manifest_md5=hashlib.md5(lock).hexdigest(),  # noqa: S324
            manifest_sha256=hashlib.sha256(lock).hexdigest(),
            fingerprint=hashlib.sha256(b"inputs of " + content.encode()).hexdigest(),
            attributes=LayerAttributes(("python3.13",), ("x86_64",), "Dependencies of greeter", "MIT"),
            owner=OWNER,
        )
        return replace(wanted, **changes)

    def source(self, content: str = "one", **changes: Any) -> SourceSpec:
        """Want a source artifact whose zip says `content`; it is uploaded as an asset."""
        zipped = f"source of {content}".encode()
        wanted = SourceSpec(
            s3dir_lambda=PREFIX,
            asset=self.put(S3Location(ASSETS, f"{content}.source.zip"), zipped),
            source_sha256=hashlib.sha256(zipped).hexdigest(),
            source_version="1.0.0",
            owner=OWNER,
        )
        return replace(wanted, **changes)

    def function(self, content: str = "one", **changes: Any) -> FunctionSpec:
        """Want a function whose zip, lock file and SBOM say `content`; all are uploaded as assets."""
        zipped = f"function of {content}".encode()
        wanted = FunctionSpec(
            s3dir_lambda=PREFIX,
            asset=self.put(S3Location(ASSETS, f"{content}.function.zip"), zipped),
            source_sha256=hashlib.sha256(zipped).hexdigest(),
            source_version="1.0.0",
            owner=OWNER,
            companions={
                name: Companion(
                    noun,
                    self.put(S3Location(ASSETS, f"{content}.{name}"), f"{noun} of {content}".encode()),
                    hashlib.sha256(f"{noun} of {content}".encode()).hexdigest(),
                )
                for name, noun in (("uv.lock", "lock file"), (SBOM_NAME, "SBOM"))
            },
        )
        return replace(wanted, **changes)

    def publish_by_hand(self, wanted: LayerSpec, description: str | None = None) -> str:
        """Publish the wanted zip as another tool would: no record."""
        assert wanted.zip_asset is not None
        answer = self.services.lambda_.publish_layer_version(
            LayerName=wanted.layer_name,
            Content={"S3Bucket": wanted.zip_asset.bucket, "S3Key": wanted.zip_asset.key},
            Description=wanted.attributes.description if description is None else description,
            CompatibleRuntimes=["python3.13"],
            CompatibleArchitectures=["x86_64"],
            LicenseInfo="MIT",
        )
        return answer["LayerVersionArn"]

    def make_services(self, region: str, clock: Clock, on_published: Callable[[str], None]) -> AwsServices:
        """Stand in for the handler's own clients: these, but with its hook."""
        assert region == REGION
        remaining = clock.deadline - clock.now()
        ours = Clock(self.time.now, self.time.sleep, self.time.now() + remaining)
        return replace(self.services, clock=ours, on_published=on_published)


@contextmanager
def open_world(monkeypatch: pytest.MonkeyPatch, *, versioned: bool = True) -> Iterator[World]:
    """Start moto with two buckets; `versioned` is about the one with the artifacts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    # The SDK's own pauses between retries; nothing else in a test sleeps through botocore.
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    with moto_clients({ASSETS: False, ARTIFACTS: versioned}) as clients, logged_lines() as lines:
        yield _furnish(clients, lines)


def _furnish(clients: SharedClients, lines: list[str]) -> World:
    time, published = FakeTime(), list[str]()
    clock = Clock(time.now, time.sleep, deadline=280.0)
    world = World(
        AwsServices(
            clients.s3,
            clients.lambda_,
            clients.publisher,
            clock,
            published.append,
            lambda: clients.cloudformation,
        ),
        time,
        StrictMoto(clients.plain_s3),
        lines=lines,
        published=published,
    )
    clients.listener = world
    return world
