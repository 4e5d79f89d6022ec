"""CloudFormation events for what a `World` holds, and the handler run on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_lib.core.publish.layout import S3Location
from constructs_lib.handler.index import handler

if TYPE_CHECKING:
    from tests.support.aws.response_url import ResponseUrl
    from tests.support.aws.world import World

EVENTS = Path(__file__).parents[2] / "handler" / "events"
Event = dict[str, Any]
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:handler"


@dataclass
class FakeContext:
    """Lambda's context with a fixed rest of time."""

    remaining: float = 300.0
    invoked_function_arn: str = FUNCTION_ARN

    def get_remaining_time_in_millis(self) -> int:
        return int(self.remaining * 1000)


@dataclass
class Stack:
    """Sends events to the handler as CloudFormation would, and keeps the resource's id."""

    world: World
    response_url: ResponseUrl

    def layer_event(
        self, kind: str, content: str = "one", physical_id: str | None = None, **changes: Any
    ) -> Event:
        wanted = self.world.layer(content)
        properties = {
            "AssetKey": f"{content}.zip",
            "LayerSha256": wanted.layer_sha256,
            "ManifestAssetKey": f"{content}.lock",
            "ManifestMd5": wanted.manifest_md5,
            "Fingerprint": wanted.fingerprint,
        }
        return self._event("layer.json", kind, physical_id, properties | changes)

    def source_event(
        self, kind: str, content: str = "one", physical_id: str | None = None, **changes: Any
    ) -> Event:
        wanted = self.world.source(content)
        properties = {"AssetKey": wanted.asset.key, "SourceSha256": wanted.source_sha256}
        return self._event("source.json", kind, physical_id, properties | changes)

    def function_event(
        self, kind: str, content: str = "one", physical_id: str | None = None, **changes: Any
    ) -> Event:
        wanted = self.world.function(content)
        lock, sbom = wanted.companions.values()
        assert isinstance(lock.content, S3Location)
        assert isinstance(sbom.content, S3Location)
        properties = {
            "AssetKey": wanted.asset.key,
            "FunctionSha256": wanted.source_sha256,
            "ManifestAssetKey": lock.content.key,
            "ManifestSha256": lock.sha256,
            "SbomAssetKey": sbom.content.key,
            "SbomSha256": sbom.sha256,
        }
        return self._event("function.json", kind, physical_id, properties | changes)

    def _event(self, name: str, kind: str, physical_id: str | None, changes: dict[str, Any]) -> Event:
        event: Event = json.loads((EVENTS / name).read_text())
        event |= {"RequestType": kind, "ResponseURL": self.response_url.url}
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        properties = event["ResourceProperties"] | changes
        event["ResourceProperties"] = {k: v for k, v in properties.items() if v is not None}
        return event

    def start(self, event: Event) -> None:
        """Run the handler and leave its answer where it went."""
        handler(event, FakeContext())

    def send(self, event: Event, remaining: float = 300.0) -> dict[str, Any]:
        """Run the handler and return its one answer."""
        self.response_url.arrived.clear()
        self.response_url.content_types.clear()
        self.world.forget_calls()
        handler(event, FakeContext(remaining))
        return self.response_url.answer
