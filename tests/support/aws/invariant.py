"""What must hold of stacks and versions, whatever happens; and what is known of each version to judge it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_lib.core.publish.ownership import read_description
from constructs_lib.handler.request import Request as HandlerRequest
from tests.support.aws.cloudformation import FUNCTION_ARN
from tests.support.aws.memory import MemoryAws
from tests.support.aws.response_url import SIGNATURE
from tests.support.aws.world import ARTIFACTS, ASSETS

if TYPE_CHECKING:
    from tests.support.aws.cloudformation import Request, Stack
    from tests.support.aws.memory import Params

CANARY = "c4n4ry-s3cr3t"
"""Part of every history's properties, and of no log."""


class Violation(AssertionError):  # noqa: N818 - what it is called in the text
    """Something that must never happen has happened."""


class Fault(NamedTuple):
    """What happens to `sends` sends from number `first` on. `after`: AWS has done it all the same."""

    first: int
    sends: int
    kind: str
    after: bool


@dataclass(eq=False)
class Delivery:
    """One invocation of the function."""

    request: Request
    faults: list[Fault]
    late: bool
    sends: int = 0
    answers: int = 0
    failed: bool = False
    """It answered FAILED, or Lambda gave up."""
    disturbed: set[str] = field(default_factory=set)

    @property
    def owner(self) -> str:
        return HandlerRequest.read(self.request.event("https://x"), FUNCTION_ARN).owner


@dataclass(eq=False)
class Published:
    """What is known of a layer version besides AWS's own data. `excuse`: why it may be left over."""

    delivery: Delivery | None
    marked: bool
    answered: bool = False
    excuse: str = ""


class Invariant:
    """An account and its stacks. `story` tells what happened, `violations` what must not have."""

    def __init__(self) -> None:
        self.aws = MemoryAws((ASSETS, ARTIFACTS))
        self.stacks: list[Stack] = []
        self.published: dict[str, Published] = {}
        self.by_hand: set[str] = set()
        self.tampered: set[str] = set()
        """Keys that somebody else wrote to; the right object may stand there again."""
        self.found: set[str] = set()
        """What was named in answers to requests that delete only what they make."""
        self.mail: dict[str, list[tuple[Delivery, dict[str, Any]]]] = defaultdict(list)
        self.story: list[str] = []
        self.violations: list[str] = []
        self.log = io.StringIO()

    def _note(self, delivery: Delivery, operation: str, answer: Params) -> None:
        if operation != "PublishLayerVersion":
            return
        mark = read_description(answer.get("Description", ""))[1]
        arn = answer["LayerVersionArn"]
        self.published[arn] = Published(delivery, marked=mark.owner != "")
        if delivery.late:
            self.published[arn].excuse = "made by a late duplicate"
        self._tell(delivery, f"published {arn[-14:]}")

    def _judge(self, delivery: Delivery, operation: str, params: Params) -> None:
        """Before something is deleted: may it be?"""
        if operation == "DeleteLayerVersion":
            live = self.aws.layers.get(params["LayerName"], {}).get(params["VersionNumber"])
            if live is not None:
                self._judge_version(delivery, live["LayerVersionArn"])
        if operation == "DeleteObject":
            uri = f"s3://{params['Bucket']}/{params['Key']}"
            if uri in self._in_use():
                self.violations.append(f"{uri} is in use and was deleted")

    def _judge_version(self, delivery: Delivery, arn: str) -> None:
        self._tell(delivery, f"deletes {arn[-14:]}")
        known = self.published[arn]
        if known.delivery is None or known.delivery.owner != delivery.owner:
            self.violations.append(f"{arn} is foreign and was deleted")
        if arn in self._in_use():
            self.violations.append(f"{arn} is in use and was deleted")
        if known.answered and not known.marked:
            self.violations.append(f"{arn} was to be retained and was deleted")
        pinned = {layer["Arn"] for function in self.aws.functions for layer in function["Layers"]}
        prunes = delivery.request.kind == "Delete" and "KeepVersions" in delivery.request.declared.properties
        if prunes and arn in pinned:
            self.violations.append(f"{arn} is in a function and was pruned")

    def _is_kept(self, arn: str) -> bool:
        """Whether a version that carries a mark is nobody's to delete any more: its record says so."""
        records = (each.metadata for (bucket, _), each in self.aws.objects.items() if bucket == ARTIFACTS)
        return any(
            each.get("layer_version_arn") == arn and each.get("removal_policy") == "retain"
            for each in records
        )

    def _in_use(self) -> set[str]:
        return {physical_id for stack in self.stacks for _, physical_id in stack.held}

    def _conclude(self, request: Request) -> None:
        """Note which versions may be left over, now that CloudFormation has moved on."""
        made = [
            each for each in self.published.values() if each.delivery and each.delivery.request is request
        ]
        only_made = request.declared.properties["RemovalPolicy"] == "retain-except-on-create"
        for version in made:
            assert version.delivery
            if request.abandoned or request.answer is None:
                version.excuse = version.excuse or "CloudFormation no longer waited"
            elif only_made and self.published.get(request.answer["PhysicalResourceId"]) is not version:
                # This policy takes versions of others too; beside one of them ours may be in use under another prefix.
                version.excuse = "its delivery died, and another version was found"
            elif self._is_unheard_of(version.delivery):
                version.excuse = version.excuse or "published by a delivery that failed, and not named"
        if request.succeeded and only_made:
            assert request.answer
            self.found.add(request.answer["PhysicalResourceId"])
        released = self.published.get(request.physical_id or "")
        if request.kind == "Delete" and released is not None:
            properties = request.declared.properties
            if not request.succeeded:
                released.excuse = "its Delete failed"
            elif properties["RemovalPolicy"] == "retain" or "KeepVersions" in properties:
                released.excuse = "kept on request"

    def _is_unheard_of(self, delivery: Delivery) -> bool:
        """Return whether CloudFormation rightly never gets to know what a delivery published.

        Of two answers to one request only the first counts. A failed Update names the old version. And when
        AWS did not say that it had published, and then could not be asked, the handler does not know either.
        """
        counts = self.mail[delivery.request.request_id][0][0]
        if counts is not delivery:
            return counts.failed or delivery.failed
        unknown = "PublishLayerVersion" in delivery.disturbed
        return delivery.failed and (delivery.request.kind == "Update" or unknown)

    def check(self) -> None:
        """Check the invariant, at rest. Violations on the way were collected: the handler would have caught an error."""
        for violation in self.violations:
            raise Violation(violation)
        if SIGNATURE in self.log.getvalue() or CANARY in self.log.getvalue():
            raise Violation("the log tells a secret")
        for stack in self.stacks:
            for name, resource in stack.resources.items():
                if name not in stack.skipped and resource.physical_id not in self.by_hand:
                    self._check_resource(resource.declared.properties, resource.physical_id)
        live = {
            version["LayerVersionArn"] for layer in self.aws.layers.values() for version in layer.values()
        }
        retained = set().union(*(stack.retained for stack in self.stacks))
        self._check_claims()
        self._check_nothing_left_over(live, self._in_use() | retained)
        self._check_retained(live, retained)

    def _check_nothing_left_over(self, live: set[str], in_use: set[str]) -> None:
        log = self.log.getvalue()
        for arn in sorted(live):
            known = self.published[arn]
            if f"left over: {arn}:" in log:
                known.excuse = known.excuse or "could not be withdrawn, and the log says so"
            excused = known.excuse or (arn in self.found and self._is_kept(arn))
            if known.marked and not excused and arn not in in_use:
                raise Violation(f"{arn} is left over")

    def _check_retained(self, live: set[str], let_go: set[str]) -> None:
        for arn, known in self.published.items():
            retained = known.answered and (arn in let_go or not known.marked)
            if retained and arn not in live | self.by_hand:
                raise Violation(f"{arn} was to be retained and is gone")

    def _check_claims(self) -> None:
        """Beside a version stands its record or nothing: what names no version could be neither adopted nor deleted."""
        for bucket, key in self.aws.objects:
            is_record = bucket == ARTIFACTS and re.search(r"/layer/\d{6}/uv\.lock$", key)
            names_version = "layer_version_arn" in self.aws.objects[bucket, key].metadata
            if is_record and not names_version and key not in self.tampered:
                raise Violation(f"{key} names no version")

    def _judge_data(self, delivery: Delivery, answer: dict[str, Any]) -> None:
        """Judge a SUCCESS: every address names what the template names, and the hash is Lambda's own."""
        if answer["Status"] != "SUCCESS" or delivery.request.kind == "Delete":
            return
        properties, data = delivery.request.declared.properties, answer["Data"]
        named = [
            ("S3Uri", "SourceSha256"),
            ("S3Uri", "FunctionSha256"),
            ("ManifestUri", "ManifestSha256"),
            ("SbomUri", "SbomSha256"),
        ]
        for attribute, name in named:
            if name in properties and attribute in data:
                bucket, _, key = data[attribute].removeprefix("s3://").partition("/")
                stored = self.aws.objects.get((bucket, key))
                if stored is None or hashlib.sha256(stored.body).hexdigest() != properties[name]:
                    self.violations.append(f"{attribute} {key} is not what the template names")
                if attribute == "ManifestUri" and stored is not None and "LayerVersionArn" in data:
                    self._judge_record(data["LayerVersionArn"], stored.metadata)
            elif name in properties and not delivery.faults and not self._is_excused(properties, data):
                self.violations.append(f"{attribute} is left out")
        if "CodeSha256" in data:
            layer, _, number = data["LayerVersionArn"].rpartition(":layer:")[2].partition(":")
            version = self.aws.layers.get(layer, {}).get(int(number))
            if version and version["Content"]["CodeSha256"] != data["CodeSha256"]:
                self.violations.append(f"{data['LayerVersionArn']} has another CodeSha256")

    def _judge_record(self, arn: str, metadata: dict[str, str]) -> None:
        layer, _, number = arn.rpartition(":layer:")[2].partition(":")
        version = self.aws.layers.get(layer, {}).get(int(number))
        if version is None:
            return  # deleted by another delivery at the same time, which is judged elsewhere
        mark = read_description(version["Description"])[1]
        sha256 = base64.b64decode(version["Content"]["CodeSha256"]).hex()
        if (
            (metadata.get("layer_version_arn"), metadata.get("layer_sha256")) != (arn, sha256)
            or not metadata.get("fingerprint", "").startswith(mark.build)
            or not metadata.get("owner", "").startswith(mark.owner)
            or (not mark.owner and metadata.get("removal_policy") != "retain")
        ):
            self.violations.append(f"the record of {arn} does not agree with Lambda")

    def _is_excused(self, properties: Params, data: dict[str, Any]) -> bool:
        """Return whether an address may be left out: its asset is gone, or the record of another layer is in its place."""
        keys = [properties[name] for name in ("ManifestAssetKey", "SbomAssetKey") if name in properties]
        if any((ASSETS, key) not in self.aws.objects for key in keys):
            return True
        if "LayerVersion" not in data:
            return False
        number = int(data["LayerVersion"])
        place = (ARTIFACTS, f"{properties['Prefix']}/layer/{number:06}/uv.lock")
        stored = self.aws.objects.get(place)
        arn = stored.metadata.get("layer_version_arn", "") if stored else ""
        return arn not in {"", data["LayerVersionArn"]}

    def _check_resource(self, properties: Params, physical_id: str) -> None:
        if physical_id.startswith("s3://"):
            bucket, _, key = physical_id.removeprefix("s3://").partition("/")
            if key in self.tampered:
                return
            if (bucket, key) not in self.aws.objects:
                raise Violation(f"{physical_id} dangles")
            if hashlib.sha256(self.aws.objects[bucket, key].body).hexdigest() not in key:
                raise Violation(f"{physical_id} has other bytes")
            return
        found = re.fullmatch(r"arn:.*:layer:([\w-]+):(\d+)", physical_id)
        if found is None:
            raise Violation(f"{physical_id} is no layer version")
        version = self.aws.layers.get(found[1], {}).get(int(found[2]))
        if version is None:
            raise Violation(f"{physical_id} dangles")
        if version["Content"]["CodeSha256"] not in properties["_Sha256s"]:
            raise Violation(f"{physical_id} has other bytes")
        if read_description(version["Description"])[0] != properties["Description"]:
            raise Violation(f"{physical_id} has another description")

    def _tell(self, delivery: Delivery, text: str) -> None:
        request = delivery.request
        self.story.append(
            f"  {request.stack.name} {request.kind} {request.logical_id} {request.request_id[-3:]}"
            f"{' (late)' if delivery.late else ''} send {delivery.sends}: {text}"
        )


def check_answer(body: bytes, request: Request) -> tuple[dict[str, Any], list[str]]:
    """Read an answer; name what CloudFormation, or our own rule for a failed Update, does not like."""
    answer: dict[str, Any] = json.loads(body)
    physical_id, failed = answer["PhysicalResourceId"], answer["Status"] == "FAILED"
    keeps_id = request.kind == "Delete" or (request.kind == "Update" and failed)
    ids = (answer["StackId"], answer["RequestId"], answer["LogicalResourceId"])
    wrong = {
        "more than 4096 bytes": len(body) > 4096,
        "Status": answer["Status"] not in {"SUCCESS", "FAILED"},
        "PhysicalResourceId": not 0 < len(physical_id.encode()) <= 1024,
        "another PhysicalResourceId": keeps_id and physical_id != request.physical_id,
        "no Reason": failed and not answer["Reason"],
        "ids": ids != (request.stack.stack_id, request.request_id, request.logical_id),
    }
    return answer, [name for name, is_wrong in wrong.items() if is_wrong]
