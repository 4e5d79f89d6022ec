"""What a call needs, what a template's policy grants, and whether the one covers the other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.aws.shared_clients import ACCOUNT, REGION
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from tests.support.aws.memory import MemoryAws, Params

Json = dict[str, Any]


class Need(NamedTuple):
    """One permission that a call asks for."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


class Grant(NamedTuple):
    """One action on one resource of one statement."""

    action: str
    resource: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def covers(self, need: Need) -> bool:
        context = dict(need.context)
        return (
            need.action == self.action
            and fnmatchcase(need.resource, self.resource)
            and all(
                any(fnmatchcase(context.get(key, ""), pattern) for pattern in patterns)
                for key, patterns in self.conditions
            )
        )


def needs(operation: str, params: Params) -> list[Need]:
    """From the Service Authorization Reference and the S3 guide's table of required permissions."""
    if operation in {"HeadObject", "GetObject"}:
        action = "s3:GetObjectVersion" if params.get("VersionId") else "s3:GetObject"
        return [Need(action, _object(params))]
    if operation == "CopyObject":
        return [Need("s3:GetObject", _object(params["CopySource"])), Need("s3:PutObject", _object(params))]
    if operation == "ListObjectsV2":
        context = (("s3:prefix", params.get("Prefix", "")),)
        return [Need("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}", context)]
    if operation in {"PutObject", "DeleteObject"}:
        return [Need(f"s3:{operation}", _object(params))]
    if operation == "ListFunctions":
        return [Need("lambda:ListFunctions", "*")]
    layer = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{params['LayerName']}"
    if operation == "PublishLayerVersion":
        # Lambda reads the object with the caller's credentials.
        content = params["Content"]
        where = {
            "Bucket": content["S3Bucket"],
            "Key": content["S3Key"],
            "VersionId": content.get("S3ObjectVersion"),
        }
        return [Need("lambda:PublishLayerVersion", layer), *needs("GetObject", where)]
    if operation == "ListLayerVersions":
        return [Need("lambda:ListLayerVersions", layer)]
    assert operation in {"GetLayerVersion", "DeleteLayerVersion"}, operation
    return [Need(f"lambda:{operation}", f"{layer}:{params['VersionNumber']}")]


def _object(params: Params) -> str:
    return f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"


@dataclass
class Enforcer:
    """Answers 403 to what no grant covers, and to a missing object that may not be listed, as S3 does."""

    grants: list[Grant]
    used: set[Grant] = field(default_factory=set)
    uncovered: list[Need] = field(default_factory=list)

    def allows(self, aws: MemoryAws, operation: str, params: Params) -> bool:
        for need in needs(operation, params):
            covering = [grant for grant in self.grants if grant.covers(need)]
            if not covering:
                self.uncovered.append(need)
                return False
            self.used.update(covering)
        return not (operation in {"HeadObject", "GetObject"} and self._is_hidden(aws, params))

    def _is_hidden(self, aws: MemoryAws, params: Params) -> bool:
        """Return whether a HEAD of a missing object is denied: it has no prefix, so a condition on one does not allow it."""
        if (params["Bucket"], params["Key"]) in aws.objects:
            return False
        listing = Need("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}")
        covering = [grant for grant in self.grants if grant.covers(listing)]
        self.used.update(covering)
        return not covering


def grants(document: Json) -> list[Grant]:
    """All grants of the policies in a template; without what Lambda itself needs for its log."""
    found = []
    for policy in document["Resources"].values():
        if policy["Type"] != "AWS::IAM::ManagedPolicy":
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            conditions = tuple(
                (key, tuple(_list(resolve(value))))
                for operator in statement.get("Condition", {}).values()
                for key, value in operator.items()
            )
            found += [
                Grant(action, resource, conditions)
                for action in _list(statement["Action"])
                if not action.startswith("logs:")
                for resource in _list(resolve(statement["Resource"]))
            ]
    return found


def resolve(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Work out CloudFormation's functions, for the tests' account, region and bucket."""
    if isinstance(value, list):
        return [resolve(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(resolve(part) for part in parts)
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([\w:]+)\}", lambda match: _reference(match[1]), value["Fn::Sub"])
    if "Fn::GetAtt" in value:
        name, attribute = value["Fn::GetAtt"]
        return f"arn:aws:s3:::{ARTIFACTS}" if attribute == "Arn" and "Artifacts" in name else name
    if "Ref" in value:
        return _reference(value["Ref"])
    return {key: resolve(each) for key, each in value.items()}


def _reference(name: str) -> str:
    known = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
    return known.get(name, ARTIFACTS)


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]
