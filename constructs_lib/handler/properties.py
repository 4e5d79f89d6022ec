"""Properties, read strictly: CloudFormation sends every value as a string or a list of strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast, get_args

from constructs_lib.core.aws_facts import BUCKET_NAME_PATTERN, OBJECT_KEY_LENGTH
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layout import NOT_BUILT, PREFIX_LENGTH, S3Location
from constructs_lib.core.publish.ownership import RemovalPolicy
from constructs_lib.core.publish.prefix import prefix_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.handler.request import Request

SCHEMA_VERSION = 1
"""The newest shape of properties that this code can read; it reads every earlier one too."""
FILE_NAME = (r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "a file name")
"""The pattern of a file's name, and a text for it."""


class Properties:
    """The properties of a resource, read one at a time; a PublishError names the property and the expected value."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def check_schema(self) -> None:
        """Refuse properties that a newer version of the library wrote, and those of a stack that was not built."""
        if NOT_BUILT in self._values.values():
            raise PublishError(
                "not-built",
                "nothing was built for this stack, since it was not selected when the app was synthesized: deploy it by "
                "its name, without --app of an older cdk.out",
            )
        version = self.number("SchemaVersion", at_least=1)
        if version > SCHEMA_VERSION:
            raise PublishError(
                "schema-too-new",
                f"SchemaVersion is {version}, this function reads up to {SCHEMA_VERSION}: "
                f"redeploy the stack so that function and properties come from one version of the library",
            )

    def has(self, name: str) -> bool:
        """Return whether the property is there; later releases have added some."""
        return name in self._values

    def text(self, name: str, pattern: str, expected: str) -> str:
        """Read a required string that matches `pattern` as a whole; `expected` describes it."""
        value = self._values.get(name)
        if not isinstance(value, str):
            raise _refuse(name, expected, "missing" if value is None else f"a {type(value).__name__}")
        if not re.fullmatch(pattern, value) or not _is_encodable(value):
            raise _refuse(name, expected, f"{value[:60]!r}")
        return value

    def free_text(self, name: str, longest: int) -> str:
        """Read an optional string of at most `longest` characters; "" when absent."""
        value = self._values.get(name, "")
        if not isinstance(value, str) or len(value) > longest or not _is_encodable(value):
            raise _refuse(name, f"a text of at most {longest} characters", f"{str(value)[:60]!r}")
        return value

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """Read a list of at most `most` strings; empty when absent."""
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise _refuse(name, "a list of strings", f"{str(value)[:60]!r}")
        if len(value) > most:
            raise _refuse(name, f"a list of at most {most} strings", f"a list of {len(value)}")
        return tuple(value)

    def number(self, name: str, *, at_least: int, default: int | None = None) -> int:
        """Read a whole number, written as a string."""
        if default is not None and name not in self._values:
            return default
        value = int(self.text(name, r"\d{1,6}", "a whole number"))
        if value < at_least:
            raise _refuse(name, f"at least {at_least}", str(value))
        return value

    def hexadecimal(self, name: str, length: int, default: str | None = None) -> str:
        """Read a hash of `length` lower-case hexadecimal digits."""
        if default is not None and not self.has(name):
            return default
        return self.text(name, f"[0-9a-f]{{{length}}}", f"{length} hexadecimal digits")

    def bucket(self, name: str) -> str:
        """Read a bucket's name."""
        return self.text(name, BUCKET_NAME_PATTERN, "a bucket name")

    def asset(self, bucket: str, key: str) -> S3Location:
        """Read the two properties that name an object."""
        return S3Location(
            self.bucket(bucket), self.text(key, rf"[^\n]{{1,{OBJECT_KEY_LENGTH}}}", "an object key")
        )

    def s3dir_lambda(self, request: Request) -> S3Location:
        """Read Bucket, BucketOwner and Prefix, the folder-like place of all artifacts.

        Earlier releases allowed more prefixes. Such a one may come back in a rollback or a Delete, so that only a Create
        is refused.
        """
        prefix = self.text(
            "Prefix",
            rf"[^\n]{{0,{PREFIX_LENGTH}}}",
            f"a key prefix of at most {PREFIX_LENGTH} characters",
        ).strip("/")
        if request.request_type == "Create" and (fault := prefix_fault(prefix)):
            raise _refuse("Prefix", "the folder of one artifact", f"{prefix[:60]!a}, which {fault}")
        owner = request.environment.account
        if self.has("BucketOwner"):
            owner = self.text("BucketOwner", r"\d{12}", "an account")
        return S3Location(self.bucket("Bucket"), prefix, owner)

    def removal_policy(self) -> RemovalPolicy:
        """Read RemovalPolicy."""
        policies = get_args(RemovalPolicy)
        return cast("RemovalPolicy", self.text("RemovalPolicy", "|".join(policies), f"one of {policies}"))

    def may_delete(self) -> bool:
        """Return whether a Delete may delete what was published; False for a policy that cannot be read."""
        return self._values.get("RemovalPolicy") in ("destroy", "retain-except-on-create")


def _is_encodable(value: str) -> bool:
    """Return whether a text is one: JSON may hold half of a surrogate pair, which no key and no hash can."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _refuse(name: str, expected: str, actual: str) -> PublishError:
    return PublishError(
        "property-invalid", f"property {name} is {actual}, expected {expected}: synthesize and deploy again"
    )
