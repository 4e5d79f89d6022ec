"""Layer version ARNs, in every partition."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PATTERN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":layer:(?P<layer_name>[a-zA-Z0-9_-]+):(?P<version>[1-9]\d*)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer lives. `partition` is `aws`, `aws-cn`, `aws-us-gov`, `aws-iso…` or `aws-eusc`."""

    partition: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class LayerVersionArn:
    """One version of one layer; `str()` spells it as AWS does."""

    place: Place
    layer_name: str
    version: int

    @classmethod
    def parse(cls, text: str) -> LayerVersionArn | None:
        """Read an ARN; None when the text is anything else."""
        found = _PATTERN.fullmatch(text)
        if found is None:
            return None
        place = Place(found["partition"], found["region"], found["account"])
        return cls(place, found["layer_name"], int(found["version"]))

    @property
    def layer_arn(self) -> str:
        """The ARN without its version."""
        place = self.place
        return f"arn:{place.partition}:lambda:{place.region}:{place.account}:layer:{self.layer_name}"

    def __str__(self) -> str:
        return f"{self.layer_arn}:{self.version}"
