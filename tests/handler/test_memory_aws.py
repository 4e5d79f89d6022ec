"""The AWS in memory answers as moto does, with the strict rules in front: so histories may run on it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from tests.support.aws.faults import lose_request, refuse
from tests.support.aws.memory import MemoryAws, MemoryClient, Refused, StoredObject
from tests.support.aws.rules import zip_of
from tests.support.aws.world import ARTIFACTS, ASSETS, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_lambda import LambdaClient

Params = dict[str, Any]
Call = tuple[str, str, Params]

BUCKETS = st.sampled_from([ARTIFACTS] * 9 + ["no-such-bucket"])
KEYS = st.sampled_from(["a", "b", "b/c"])
CONTENTS = {"one": zip_of("1"), "two": zip_of("2"), "text": b"no zip"}
BODIES = st.sampled_from(sorted(CONTENTS))
VERSIONS = st.integers(0, 5)
NUMBERS = st.integers(1, 3)
NAMED: dict[str, Params] = {
    "none": {},
    "one": {"one": "1"},
    "Two": {"Two": "2"},
    "long": {"long": "x" * 2048},
}
METADATA = st.sampled_from(sorted(NAMED))
_example = itertools.count()


def call(service: str, method: str, **params: Any) -> st.SearchStrategy[Call]:
    drawn = {name: value if hasattr(value, "map") else st.just(value) for name, value in params.items()}
    return st.fixed_dictionaries(drawn).map(lambda made: (service, method, made))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


LAYER = st.sampled_from(["one", "two"])
CALLS = st.one_of(
    call("s3", "put_object", Bucket=BUCKETS, Key=KEYS, Body=BODIES, Metadata=METADATA, IfNoneMatch=maybe(st.just("*"))),
    call("s3", "put_object", Bucket=BUCKETS, Key=KEYS, Body=BODIES, IfMatch=BODIES),
    call("s3", "head_object", Bucket=BUCKETS, Key=KEYS),
    call("s3", "head_object", Bucket=ARTIFACTS, Key=KEYS, VersionId=VERSIONS),
    call("s3", "get_object", Bucket=BUCKETS, Key=KEYS, IfMatch=maybe(BODIES)),
    call(
        "s3",
        "copy_object",
        Bucket=BUCKETS,
        Key=KEYS,
        CopySource=st.tuples(BUCKETS, KEYS),
        CopySourceIfMatch=maybe(BODIES),
        Metadata=METADATA,
        MetadataDirective="REPLACE",
        ChecksumAlgorithm="SHA256",
    ),
    call("s3", "delete_object", Bucket=BUCKETS, Key=KEYS),
    call("s3", "list_objects_v2", Bucket=BUCKETS, Prefix=KEYS),
    call(
        "lambda",
        "publish_layer_version",
        LayerName=LAYER,
        Content=st.tuples(BUCKETS, KEYS, maybe(VERSIONS)),
        Description=st.sampled_from(["", "text", "x" * 257]),
        CompatibleRuntimes=st.sampled_from([[], ["python3.13"], ["cobol"], ["python3.13"] * 16]),
    ),
    call("lambda", "list_layer_versions", LayerName=LAYER),
    call("lambda", "get_layer_version", LayerName=LAYER, VersionNumber=NUMBERS),
    call("lambda", "delete_layer_version", LayerName=LAYER, VersionNumber=NUMBERS),
)  # fmt: skip


class Side:
    """One of the two: runs calls, remembers the version ids it gave out, and says what came back."""

    def __init__(self, clients: dict[str, Any], example: int) -> None:
        self._clients = clients
        self._example = example
        self._versions: list[tuple[str, str]] = []

    def run(self, service: str, method: str, params: Params) -> tuple[Any, ...]:
        try:
            answer = getattr(self._clients[service], method)(**self._spell(dict(params)))
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            # The answer to a HEAD has no body to say more in; moto says more.
            return status, "" if method == "head_object" else error.response["Error"]["Code"]
        if "VersionId" in answer and method in {"put_object", "copy_object"}:
            self._versions.append((params["Key"], answer["VersionId"]))
        return self._read(answer)

    def _spell(self, params: Params) -> Params:
        """Keys and layers of this example; version ids by their turn; ETags of bodies."""
        params = {key: value for key, value in params.items() if value is not None}
        params |= {key: f"{self._example}/{params[key]}" for key in ("Key", "Prefix") if key in params}
        for key in ("IfMatch", "CopySourceIfMatch"):
            if key in params:
                params[key] = StoredObject(CONTENTS[params[key]], {}, "").etag
        if "Metadata" in params:
            params["Metadata"] = NAMED[params["Metadata"]]
        if "Body" in params:
            params["Body"] = CONTENTS[params["Body"]]
        if "VersionId" in params:
            params["VersionId"] = self._version(params["VersionId"])
        if "LayerName" in params:
            params["LayerName"] = f"{params['LayerName']}-{self._example}"
        if "CopySource" in params:
            bucket, key = params["CopySource"]
            params["CopySource"] = {"Bucket": bucket, "Key": f"{self._example}/{key}"}
        if "Content" in params:
            bucket, key, version = params["Content"]
            params["Content"] = {"S3Bucket": bucket, "S3Key": f"{self._example}/{key}"}
            if version is not None:
                params["Content"]["S3ObjectVersion"] = self._version(version)
        return params

    def _version(self, turn: int) -> str:
        return self._versions[turn][1] if turn < len(self._versions) else "no-such-version"

    def _read(self, answer: Params) -> tuple[Any, ...]:
        body = answer["Body"].read() if "Body" in answer else None
        known = ("ETag", "Metadata", "LayerVersionArn", "Version", "Description", "CompatibleRuntimes")
        plain = {key: answer[key] for key in known if answer.get(key)}
        listed = [item["Key"] for item in answer.get("Contents", [])]
        versions = [
            (item["Version"], item["LayerVersionArn"], item.get("Description") or "")
            for item in answer.get("LayerVersions", [])
        ]
        content = answer.get("Content", {}).get("CodeSha256")
        checksum = answer.get("CopyObjectResult", {}).get("ChecksumSHA256")
        return plain, body, listed, versions, content, checksum


def through(_operation: str, _params: Params, send: Callable[[], Params]) -> Params:
    return send()


def test_it_answers_as_moto_does(world: World) -> None:
    """The same calls, the same answers and errors, whatever their order."""

    @given(st.lists(CALLS, min_size=5, max_size=40))
    def compare(calls: list[Call]) -> None:
        example = next(_example)
        client = MemoryClient(MemoryAws((ASSETS, ARTIFACTS)), 1, through)
        moto = Side({"s3": world.services.s3, "lambda": world.services.lambda_}, example)
        ours = Side({"s3": client, "lambda": client}, example)
        for call in calls:
            assert (call, ours.run(*call)) == (call, moto.run(*call))

    compare()


FAULTS = {
    "500": (refuse(500, "InternalError"), Refused("", 500, "InternalError")),
    "503": (refuse(503, "SlowDown"), Refused("", 503, "SlowDown")),
    "429": (refuse(429, "TooManyRequestsException"), Refused("", 429, "TooManyRequestsException")),
    "403": (refuse(403, "AccessDenied"), Refused("", 403, "AccessDenied")),
    "lost": (lose_request, ReadTimeoutError(endpoint_url="")),
}


@pytest.mark.parametrize("attempts", [1, 5])
@pytest.mark.parametrize("times", [1, 4, 5])
@pytest.mark.parametrize("fault", FAULTS)
def test_it_repeats_as_the_sdk_does(world: World, fault: str, times: int, attempts: int) -> None:
    """The same disturbance, as often sent, the same end."""
    step, error = FAULTS[fault]
    world.next("lambda.ListLayerVersions", *[step] * times)
    sends = 0

    def gate(_operation: str, _params: Params, send: Callable[[], Params]) -> Params:
        nonlocal sends
        sends += 1
        if sends <= times:
            raise error
        return send()

    ours = MemoryClient(MemoryAws((ARTIFACTS,)), attempts, gate)
    sdk = world.services.publisher if attempts == 1 else world.services.lambda_
    assert _end(ours) == _end(sdk)
    assert sends == len(world.calls)


def _end(client: MemoryClient | LambdaClient) -> str:
    try:
        client.list_layer_versions(LayerName="none")
    except ClientError as error:
        return error.response["Error"]["Code"]
    except ReadTimeoutError:
        return "no answer"
    return "answer"
