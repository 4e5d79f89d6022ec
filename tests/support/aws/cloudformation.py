"""CloudFormation's part of the conversation: what it remembers of a stack, and which events it sends when.

The operations are generators: they yield requests that are under way at a time, and go on when each has
its answer. Who delivers them (once, twice, late, to a process that dies) is not known here.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Properties = dict[str, Any]
Rollback = Literal["update and delete", "only delete"]
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:handler"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Declared:
    """A resource as a template declares it."""

    resource_type: str
    properties: Properties


@dataclass(frozen=True)
class Resource:
    """A resource as CloudFormation remembers it."""

    declared: Declared
    physical_id: str


@dataclass(eq=False)
class Request:
    """One event, and the answer that CloudFormation took: None when it waited in vain."""

    stack: Stack
    kind: Literal["Create", "Update", "Delete"]
    logical_id: str
    declared: Declared
    physical_id: str | None = None
    old: Properties | None = None
    answer: dict[str, Any] | None = None
    abandoned: bool = False
    """CloudFormation no longer waits: whatever this request makes, nobody will ever name."""
    request_id: str = field(default_factory=lambda: f"11111111-2222-3333-4444-{next(_numbers):012}")

    @property
    def succeeded(self) -> bool:
        return self.answer is not None and self.answer["Status"] == "SUCCESS"

    def event(self, response_url: str) -> dict[str, Any]:
        """Return the event that the function is called with."""
        event: dict[str, Any] = {
            "RequestType": self.kind,
            "RequestId": self.request_id,
            "ResponseURL": response_url,
            "ServiceToken": FUNCTION_ARN,
            "StackId": self.stack.stack_id,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.declared.resource_type,
            "ResourceProperties": {"ServiceToken": FUNCTION_ARN, **self.declared.properties},
        }
        if self.physical_id is not None:
            event["PhysicalResourceId"] = self.physical_id
        if self.old is not None:
            event["OldResourceProperties"] = {"ServiceToken": FUNCTION_ARN, **self.old}
        return event


Operation = Generator[list[Request], None, str]
Template = dict[str, Declared]


@dataclass(eq=False)
class Stack:
    """`resources` is what is there; `held` is what CloudFormation may still refer to, as (logical, physical) ids.

    `keeps_retained`: the template has DeletionPolicy and UpdateReplacePolicy, so that no Delete is sent for
    a resource whose removal policy is retain, and for one with retain-except-on-create only where the operation
    that made it is rolled back.
    """

    name: str
    keeps_retained: bool = False
    resources: dict[str, Resource] = field(default_factory=dict)
    held: list[tuple[str, str]] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    """Resources whose rollback failed and was given up, by logical id."""
    retained: set[str] = field(default_factory=set)
    """Physical ids that were let go without a Delete."""

    @property
    def stack_id(self) -> str:
        return f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{self.name}/6b1c4b40-0000-11f1-9c2e"

    def deploy(
        self,
        template: Template,
        *,
        sibling_fails_after: int | None = None,
        rollback: Rollback = "update and delete",
        cancel: str | None = None,
        together: bool = False,
    ) -> Operation:
        """Bring the stack to `template`, or back; the end is the stack's status.

        A resource that is none of ours fails after so many of ours are done; or while the Create of
        `cancel` runs, which then gets an early Delete with a generated id.
        """
        before, done = dict(self.resources), list[Request]()
        changed = [name for name, declared in template.items() if self._differs(name, declared)]
        failed = sibling_fails_after == 0
        for batch in [changed] if together else [[name] for name in changed]:
            if failed:
                break
            requests = [self._change(name, template[name]) for name in batch]
            done += requests
            early = [self._cancel(each) for each in requests if each.logical_id == cancel]
            yield requests + [each for each in early if each]
            for request in requests:
                self._take(request)
            failed = any(not each.succeeded or each.abandoned for each in done)
            failed = failed or (sibling_fails_after is not None and len(done) >= sibling_fails_after)
        if failed:
            return (yield from self._roll_back(before, done, rollback))
        leave = [(name, before[name]) for name in before if name not in template]
        leave += [
            (each.logical_id, before[each.logical_id])
            for each in done
            if each.kind == "Update" and self._was_replaced(each)
        ]
        for name, old in leave:
            if name not in template:
                del self.resources[name]
            yield from self._remove(name, old)
        return "COMPLETE"

    def delete(self) -> Operation:
        """Delete the stack."""
        for name, resource in [*self.resources.items()][::-1]:
            del self.resources[name]
            yield from self._remove(name, resource)
        return "DELETED"

    def _differs(self, name: str, declared: Declared) -> bool:
        return name not in self.resources or self.resources[name].declared != declared

    def _change(self, name: str, declared: Declared) -> Request:
        if name not in self.resources:
            return Request(self, "Create", name, declared)
        now = self.resources[name]
        return Request(self, "Update", name, declared, now.physical_id, now.declared.properties)

    def _cancel(self, create: Request) -> Request | None:
        if create.kind != "Create":
            return None
        create.abandoned = True
        return Request(
            self, "Delete", create.logical_id, create.declared, f"{create.logical_id}-1ABCDEFGHIJK"
        )

    def _was_replaced(self, update: Request) -> bool:
        return update.succeeded and self._new_id(update) != update.physical_id

    def _new_id(self, request: Request) -> str:
        assert request.answer is not None
        new_id: str = request.answer["PhysicalResourceId"]
        return new_id

    def _take(self, request: Request) -> None:
        """Remember what an answer says."""
        name = request.logical_id
        if request.kind == "Create" and (request.abandoned or request.answer is None):
            request.abandoned = True
            self.resources[name] = Resource(request.declared, f"{name}-1ABCDEFGHIJK")
            return
        if request.kind == "Update" and not request.succeeded:
            return
        self.resources[name] = Resource(request.declared, self._new_id(request))
        if request.succeeded and (name, self._new_id(request)) not in self.held:
            self.held.append((name, self._new_id(request)))
            if request.declared.properties.get("RemovalPolicy") == "destroy":
                # What was let go is the stack's again, under a policy that deletes it.
                self.retained.discard(self._new_id(request))

    def _roll_back(self, before: dict[str, Resource], done: list[Request], rollback: Rollback) -> Operation:
        made: list[tuple[str, Resource]] = []
        status = "ROLLED BACK"
        for request in done[::-1]:
            name = request.logical_id
            now = self.resources[name]
            if request.kind == "Create":
                made.append((name, now))
                del self.resources[name]
                continue
            old = before[name]
            self.resources[name] = old
            if rollback == "update and delete" or not self._was_replaced(request):
                back = Request(
                    self, "Update", name, old.declared, now.physical_id, request.declared.properties
                )
                yield from self._insist(back)
                if not back.succeeded:
                    self.skipped.add(name)
                    status = "ROLLBACK FAILED"
                else:
                    self.resources[name] = replace(old, physical_id=self._new_id(back))
                    if (name, self._new_id(back)) not in self.held:
                        self.held.append((name, self._new_id(back)))
                    self.skipped.discard(name)
            if now.physical_id != self.resources[name].physical_id:
                made.append((name, Resource(request.declared, now.physical_id)))
        for name, resource in made:
            yield from self._remove(name, resource, made_now=True)
        return status

    def _insist(self, request: Request) -> Generator[list[Request], None, None]:
        """`continue-update-rollback` sends the same once more; then the user skips the resource."""
        for _ in range(2):
            request.answer = None
            yield [request]
            if request.succeeded:
                return

    def _remove(
        self, name: str, resource: Resource, *, made_now: bool = False
    ) -> Generator[list[Request], None, None]:
        """Delete what is no longer referred to; three tries, then CloudFormation forgets it.

        `made_now`: by the operation that is being rolled back.
        """
        if (name, resource.physical_id) in self.held:
            self.held.remove((name, resource.physical_id))
        retaining = {"retain"} if made_now else {"retain", "retain-except-on-create"}
        if self.keeps_retained and resource.declared.properties.get("RemovalPolicy") in retaining:
            self.retained.add(resource.physical_id)
            return
        for _ in range(3):
            request = Request(self, "Delete", name, resource.declared, resource.physical_id)
            yield [request]
            if request.succeeded:
                return
