"""The handler may do exactly what it does: no call is denied, and no grant is left unused."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact, PythonSourceArtifact
from tests.support.aws.cloudformation import Declared, Request, Stack
from tests.support.aws.histories import Chaos
from tests.support.aws.invariant import Published
from tests.support.aws.memory import Refused, StoredObject
from tests.support.aws.policy import Enforcer, grants, resolve
from tests.support.aws.rules import zip_of
from tests.support.files.templates import one, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.aws.memory import Params

LAYER, SOURCE = "Custom::PythonLayerArtifact", "Custom::PythonSourceArtifact"
FUNCTION = "Custom::PythonFunctionArtifact"
CONSTRUCTS = {LAYER: PythonLayerArtifact, SOURCE: PythonSourceArtifact, FUNCTION: PythonFunctionArtifact}
Kind = Literal["Create", "Update", "Delete"]
DESTROY = cdk.RemovalPolicy.DESTROY


class Account:
    """The handler in an account where only the template's policy is granted."""

    def __init__(self, patch: pytest.MonkeyPatch, document: dict[str, Any], resource_type: str) -> None:
        self.chaos = Chaos(lambda _below: 0, calm=True)
        self.enforcer = Enforcer(grants(document))
        plain = self.chaos._gate

        def enforce(operation: str, params: Params, send: Callable[[], Params]) -> Params:
            if not self.enforcer.allows(self.chaos.aws, operation, params):
                raise Refused(operation, 403, "AccessDenied")
            return plain(operation, params, send)

        patch.setattr(self.chaos, "_gate", enforce)
        self.chaos.install(patch)
        self.stack = Stack("stack")
        self.chaos.stacks.append(self.stack)
        self._type = resource_type
        self._properties = resolve(one(document, resource_type)["Properties"])

    def declare(self, content: str) -> Declared:
        """Return the template's properties for other content: the same places, other bytes in them."""
        body, lock = zip_of(content), content.encode()
        sha256 = hashlib.sha256(body).hexdigest()
        changes = {
            "LayerSha256": sha256,
            "SourceSha256": sha256,
            "FunctionSha256": sha256,
            "Fingerprint": hashlib.sha256(lock).hexdigest(),
            "ManifestMd5": hashlib.md5(lock).hexdigest(),  # noqa: S324
            "ManifestSha256": hashlib.sha256(lock).hexdigest(),
            "SbomSha256": hashlib.sha256(b"{}").hexdigest(),
        }
        stored = {"Asset": body, "ManifestAsset": lock, "SbomAsset": b"{}"}
        for name, stored_body in stored.items():
            if f"{name}Key" in self._properties:
                place = (self._properties[f"{name}Bucket"], self._properties[f"{name}Key"])
                self.chaos.aws.objects[place] = StoredObject(stored_body, {}, "null")
        known = {key: value for key, value in changes.items() if key in self._properties}
        return Declared(self._type, {**self._properties, **known})

    def send(self, kind: Kind, content: str, physical_id: str | None = None) -> dict[str, Any]:
        request = Request(self.stack, kind, "R", self.declare(content), physical_id)
        self.chaos.deliver([request])
        assert request.answer
        return request.answer

    def succeed(self, kind: Kind, content: str, physical_id: str | None = None) -> str:
        answer = self.send(kind, content, physical_id)
        assert answer["Status"] == "SUCCESS", (answer["Reason"], self.enforcer.uncovered)
        return str(answer["PhysicalResourceId"])

    def publish_twice(self) -> None:
        """Let the next publication come second."""
        aws = self.chaos.aws
        call = aws.call

        def twice(operation: str, params: Params) -> Params:
            if operation == "PublishLayerVersion":
                del aws.call
                arn = call(operation, params)["LayerVersionArn"]
                self.chaos.published[arn] = Published(None, marked=True)
            return call(operation, params)

        aws.call = twice  # type: ignore[method-assign]

    @property
    def unused(self) -> set[Any]:
        return set(self.enforcer.grants) - self.enforcer.used


def live_a_layers_life(account: Account) -> None:
    """Everything the handler can be led to do: publish, adopt, withdraw, release, take back, delete."""
    one_ = account.succeed("Create", "one")
    objects = account.chaos.aws.objects
    # The record is lost: the version's own bytes prove it, once more.
    record = next(place for place in objects if "/000001/" in place[1] and not place[1].endswith(".json"))
    del objects[record]
    assert account.succeed("Update", "one", one_) == one_
    # Another delivery publishes the same a moment earlier: ours is withdrawn.
    account.publish_twice()
    two = account.succeed("Update", "two", one_)
    account.succeed("Delete", "one", one_)
    # Where versions are kept the first one is taken back; a Delete then comes for neither.
    account.succeed("Update", "one", two)
    three = account.succeed("Update", "three", two)
    account.succeed("Delete", "two", two)
    four = account.succeed("Update", "four", three)
    account.succeed("Delete", "three", three)
    account.succeed("Delete", "four", four)


def live_a_zips_life(account: Account) -> None:
    """Copy, replace, delete."""
    first = account.succeed("Create", "one")
    second = account.succeed("Update", "two", first)
    account.succeed("Delete", "one", first)
    account.succeed("Delete", "two", second)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (LAYER, {}),
        (LAYER, {"removal_policy": DESTROY}),
        (LAYER, {"removal_policy": DESTROY, "keep_versions": 2}),
        (SOURCE, {}),
        (SOURCE, {"removal_policy": DESTROY}),
        (FUNCTION, {}),
        (FUNCTION, {"removal_policy": DESTROY}),
    ],
    ids=lambda value: value.removeprefix("Custom::") if isinstance(value, str) else ", ".join(value),
)
def test_the_policy_is_what_the_handler_needs(
    stack: cdk.Stack, shop: Path, monkeypatch: pytest.MonkeyPatch, kind: str, options: dict[str, Any]
) -> None:
    """Every call of a whole life is covered by the synthesized policy, and every grant is used by some call."""
    runtime = {} if kind == SOURCE else {"runtime": lambda_.Runtime.PYTHON_3_13}
    CONSTRUCTS[kind](stack, "Made", entry=shop, **runtime, **options)
    account = Account(monkeypatch, template(stack), kind)
    (live_a_layers_life if kind == LAYER else live_a_zips_life)(account)
    assert account.enforcer.uncovered == []
    assert account.unused == set()


def test_a_missing_grant_and_an_unused_one_are_noticed(
    stack: cdk.Stack, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The measure itself: without one grant the life ends early, and one too many is left over."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    document = template(stack)
    account = Account(monkeypatch, document, SOURCE)
    put = [grant for grant in account.enforcer.grants if grant.action == "s3:PutObject"]
    account.enforcer.grants = [grant for grant in account.enforcer.grants if grant not in put]
    assert "allow s3:PutObject" in account.send("Create", "one")["Reason"]
    assert {need.action for need in account.enforcer.uncovered} == {"s3:PutObject"}
    account = Account(monkeypatch, document, SOURCE)
    too_much = put[0]._replace(action="s3:DeleteObject")
    account.enforcer.grants.append(too_much)
    live_a_zips_life(account)
    assert too_much in account.unused
