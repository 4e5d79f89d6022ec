"""The syntax of a prefix: the folder-like place of one artifact in a bucket.

A prefix becomes part of object keys, of addresses, and of the resources in an IAM policy. So it holds no letter that has a
meaning there, and one key has one spelling.
"""

from __future__ import annotations

import re

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layout import PREFIX_LENGTH, HasUri, S3Location

SPECIAL = frozenset('*?${}\\^%`"<>[]#|')
"""Wildcards and variables of IAM, and the characters that the S3 user guide says to avoid in keys."""


_NO_BUCKET = re.compile(r"[^A-Za-z0-9._:-]")
"""What neither a bucket's name has, old ones included, nor the ARN of an access point."""


def bucket_fault(bucket: str) -> str:
    """Return what is wrong with a bucket's name; "" where nothing that needs no look at AWS is."""
    letter = _NO_BUCKET.search(bucket)
    return f"has {letter[0]!a}, which no bucket's name has: write s3://bucket/prefix" if letter else ""


def prefix_fault(prefix: str) -> str:
    """Return what is wrong with a prefix that has no slash at its ends; "" where nothing is."""
    if not prefix:
        return "is empty: name a folder of the bucket"
    if len(prefix) > PREFIX_LENGTH:
        return f"has {len(prefix)} characters, {PREFIX_LENGTH} are allowed"
    if letter := next(
        (letter for letter in prefix if letter in SPECIAL or not "\x20" <= letter < "\x7f"), ""
    ):
        return f"has {letter!a}: use ASCII characters other than {' '.join(sorted(SPECIAL))}"
    if any(part in {"", ".", ".."} for part in prefix.split("/")):
        return "has a part that is empty, '.' or '..': write each folder once, between single slashes"
    return ""


def prefixes_collide(one: str, other: str) -> bool:
    """Return whether two prefixes of one bucket are equal, or one is inside the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def parse_artifact_folder(value: str | HasUri) -> S3Location:
    """Read the address of an artifact's folder; refuse one that is no address, or whose prefix has a fault."""
    try:
        location = S3Location.parse(value)
    except ValueError as error:
        raise PublishError("s3-location-invalid", str(error)) from None
    if fault := bucket_fault(location.bucket):
        raise PublishError("s3-location-invalid", f"{location.uri!a}: the bucket {fault}")
    if fault := prefix_fault(location.key):
        raise PublishError("s3-location-invalid", f"{location.uri!a}: the prefix {fault}")
    return location
