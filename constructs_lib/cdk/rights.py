"""The managed policies of a publisher's role: the rights for all artifacts of a stack, in as few policies as possible.

IAM allows 10 240 characters for all inline policies of a role, which is enough for four layers, and 6 144 for each of ten
managed policies. So rights with the same actions share a statement, and a full policy is followed by another.

A policy's logical id names its content. When the artifacts of a stack change, CloudFormation makes the new policy first,
and deletes the old one after it has deleted what was removed, which still needs the old rights. While it
does, a role may have twice its policies, so more than half of what IAM allows is a warning.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from constructs_lib.cdk.answers import path_of, stack_of
from constructs_lib.cdk.nag import acknowledge, flat
from constructs_lib.core.aws_facts import MANAGED_POLICIES, MANAGED_POLICY_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs import Construct, IConstruct

_STATEMENT = len('{"Action":[],"Effect":"Allow","Resource":[]},')
_CONDITION = len('"Condition":{"StringLike":{"s3:prefix":[]}},')
_LONGEST = {"AWS::Partition": 10, "AWS::Region": 14, "AWS::AccountId": 12, "AWS::StackId": 230}
_LONGEST_REFERENCE = 90
"""Characters of the ARN of a bucket or a key."""
_LOG_GROUP = 260
"""Characters of the ARN of a log group with a name that CloudFormation makes, in the first policy."""
_WILDCARDS = (
    "Versions are numbered and keys named by content at deploy time: all of one layer's versions, all keys of one "
    "artifact's own prefix, all keys of the stack's own bucket, all staged files. lambda:ListFunctions knows no resources"
)


class Right(NamedTuple):
    """Actions on resources; `below` are prefixes of keys that may be listed, `condition` is any other condition."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    below: tuple[str, ...] = ()
    condition: tuple[str, str] | None = None
    """A key of `StringLike` and its value."""
    owner: str = ""
    """The address of another stack that makes the resources: two stacks may have the same logical ids."""


class Rights:
    """All rights of one role."""

    def __init__(self, scope: Construct, role: iam.Role) -> None:
        self._scope = scope
        self._role = role
        self._pages: list[_Page] = []
        self._granted: set[str] = set()

    def allow(self, rights: Sequence[Right]) -> list[iam.ManagedPolicy]:
        """Allow what is not allowed yet; return the policies that a resource has to wait for."""
        stack = stack_of(self._scope)
        # One call for all: each is one to Node.
        resolved = stack.resolve(
            [[list(right.resources), list(right.below), list(right.condition or ())] for right in rights]
        )
        missing = []
        for right, (resources, below, condition) in zip(rights, resolved, strict=True):
            spelled = json.dumps([right.actions, resources, below, condition, right.owner])
            if spelled not in self._granted:
                self._granted.add(spelled)
                missing.append(
                    _Resolved(
                        right,
                        tuple(map(flat, resources)),
                        spelled,
                        _characters(resources),
                        _characters(below),
                    )
                )
        if missing:
            self._page_for(missing).add(missing)
        return [page.policy for page in self._pages]

    def _page_for(self, rights: Sequence[_Resolved]) -> _Page:
        if not self._pages or self._pages[-1].size + self._pages[-1].growth(rights) > MANAGED_POLICY_LENGTH:
            if len(self._pages) == MANAGED_POLICIES:
                raise ValueError(
                    f"{path_of(self._scope)}: the rights for all artifacts of this stack need more than the "
                    f"{MANAGED_POLICIES} managed policies that a role may have: put some artifacts into another stack"
                )
            if len(self._pages) == MANAGED_POLICIES // 2:
                cdk.Annotations.of(self._scope).add_warning_v2(
                    "constructs-lib:many-policies",
                    f"the rights for all artifacts of this stack need more than {MANAGED_POLICIES // 2} managed "
                    f"policies. A deployment that adds or removes artifacts makes the new ones before it deletes the "
                    f"old, and a role may have {MANAGED_POLICIES}: put some artifacts into another stack",
                )
            self._pages.append(_Page(self._scope, len(self._pages) + 1, self._role))
        return self._pages[-1]


class _Resolved(NamedTuple):
    """A right with its values as they are spelled in the template, and how many characters they are at most."""

    right: Right
    resources: tuple[str, ...]
    spelled: str
    resource_characters: int
    below_characters: int

    @property
    def size(self) -> int:
        """The characters that it may take in a policy, if it shares a statement with no other."""
        texts = _characters((*self.right.actions, *(self.right.condition or ())))
        condition = _CONDITION if self.right.below or self.right.condition else 0
        return _STATEMENT + condition + texts + self.resource_characters + self.below_characters

    @property
    def shared_size(self) -> int:
        """The characters that it adds to a statement that it shares."""
        return self.below_characters or self.resource_characters

    @property
    def shares(self) -> tuple[object, ...]:
        """The key of the statement that it shares with others."""
        resources = (self.right.owner, *self.resources) if self.right.below else ()
        return (self.right.actions, self.right.condition, resources)


class _Page:
    """One managed policy that grows."""

    def __init__(self, scope: Construct, number: int, role: iam.Role) -> None:
        self.policy = iam.ManagedPolicy(scope, f"Rights{number}", roles=[cast("iam.IRole", role)])
        self.size = len('{"Version":"2012-10-17","Statement":[]}') + (_LOG_GROUP if number == 1 else 0)
        self._statements: dict[tuple[object, ...], iam.PolicyStatement] = {}
        self._below: dict[tuple[object, ...], list[str]] = {}
        self._resource = cast("iam.CfnManagedPolicy", self.policy.node.default_child)
        self._logical_id = str(stack_of(scope).resolve(self._resource.logical_id))
        self._content = hashlib.sha256()

    def growth(self, rights: Sequence[_Resolved]) -> int:
        """Return how many characters these rights may add."""
        counted, size = set(self._statements), 0
        for row in rights:
            size += row.shared_size if row.shares in counted else row.size
            counted.add(row.shares)
        return size

    def add(self, rights: Sequence[_Resolved]) -> None:
        """Add rights, and name the policy by its new content."""
        self.size += self.growth(rights)
        for row in rights:
            self._add(row)
            self._content.update(row.spelled.encode())
        self._resource.override_logical_id(f"{self._logical_id}{self._content.hexdigest()[:8]}")
        wildcards = sorted({f"Resource::{arn}" for row in rights for arn in row.resources if "*" in arn})
        if wildcards:
            acknowledge(cast("IConstruct", self.policy), "AwsSolutions-IAM5", _WILDCARDS, wildcards)

    def _add(self, row: _Resolved) -> None:
        right, key = row.right, row.shares
        statement = self._statements.get(key)
        if statement is None or statement.frozen:  # frozen: the template was synthesized before
            self._below.pop(key, None)
            statement = iam.PolicyStatement(actions=list(right.actions), resources=list(right.resources))
            self._statements[key] = statement
            if right.condition is not None:
                statement.add_condition("StringLike", {right.condition[0]: right.condition[1]})
            self.policy.add_statements(statement)
        elif not right.below:
            statement.add_resources(*right.resources)
        if right.below:
            self._below.setdefault(key, []).extend(right.below)
            statement.add_condition("StringLike", {"s3:prefix": self._below[key]})


def _characters(values: Iterable[object]) -> int:
    return sum(_length(value) + len('"",') for value in values)


def _length(value: object) -> int:
    """Return the characters of a resolved value when it is deployed, at most."""
    match value:
        case str():
            return len(value)
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return sum(map(_length, parts)) + len(delimiter) * len(parts)
        case {"Ref": str(name)} if name in _LONGEST:
            return _LONGEST[name]
    return max(_LONGEST_REFERENCE, len(json.dumps(value)))
