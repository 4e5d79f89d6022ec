"""Layer version ARNs, in every partition."""

from __future__ import annotations

import re
from dataclasses import dataclass

from constructs_lib.core.aws_facts import LAYER_NAME_PATTERN

_PATTERN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    rf":layer:(?P<layer_name>{LAYER_NAME_PATTERN}):(?P<version>[1-9]\d*)"
)


@dataclass(frozen=True, slots=True)
class AwsEnvironment:
    """A region of one account. `partition` is `aws`, `aws-cn`, `aws-us-gov`, `aws-iso…` or `aws-eusc`."""

    partition: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class LayerVersionArn:
    """One version of one layer; `str()` gives the ARN as AWS writes it."""

    environment: AwsEnvironment
    layer_name: str
    version: int

    @classmethod
    def parse(cls, text: str) -> LayerVersionArn | None:
        """Read an ARN; None when the text is anything else."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            return None
        environment = AwsEnvironment(match["partition"], match["region"], match["account"])
        return cls(environment, match["layer_name"], int(match["version"]))

    @property
    def layer_arn(self) -> str:
        """The ARN without its version."""
        aws = self.environment
        return f"arn:{aws.partition}:lambda:{aws.region}:{aws.account}:layer:{self.layer_name}"

    def __str__(self) -> str:
        return f"{self.layer_arn}:{self.version}"
