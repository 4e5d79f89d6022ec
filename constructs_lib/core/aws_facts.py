"""Limits, patterns and runtimes of AWS: one table with sources and the date on which they were checked.

Imports nothing of this library, so that synthesis, the core and the function in Lambda read the same figures. Where a
limit is stated elsewhere in the package, `tests/core/test_aws_facts.py` fails.

Sources, all of them read in stored copies:

- names, texts and lists of a layer: PublishLayerVersion in the Lambda API reference;
- unzipped size, number of layers: Lambda developer guide, "Lambda quotas";
- timeout, memory and payload of a function: "Lambda quotas" and CreateFunction in the Lambda API reference; the ten
  seconds of the import: "Understanding the Lambda execution environment lifecycle";
- code storage: Lambda developer guide, "Self-managed S3 code storage";
- object keys: S3 user guide, "Naming Amazon S3 objects"; buckets: "General purpose bucket naming rules";
- policies of a role: IAM user guide, "IAM and AWS STS quotas";
- parameter names: PutParameter in the Systems Manager API reference;
- runtimes and their dates: Lambda developer guide, "Building Lambda functions with Python";
- operating systems and glibc: "Lambda runtimes" and "Python runtimes" in the same guide;
- magic numbers of bytecode: CPython's `Lib/importlib/_bootstrap_external.py`, from 3.14 on
  `Include/internal/pycore_magic_number.h`; that of 3.15 is its first beta's, the newest that could be read;
- the preview of 3.15: aws/aws-lambda-python-runtime-interface-client issue 216 and aws/aws-lambda-roadmap issue 55, which
  name no operating system: it is taken to be that of the runtimes before it;
- versions of boto3: the guide names none ("Runtime-included SDK versions": they depend on runtime and region), so these
  were observed, with the month: for 3.10 and 3.11 aws-powertools/powertools-lambda-python issue 4195, for 3.12 and
  3.13 terricain/aioboto3 issue 381.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

CHECKED = date(2026, 11, 28)
"""The day on which every figure of this module was last compared with its source."""

# --- Lambda layers ---------------------------------------------------------------------------------------

UNZIPPED_LIMIT = 262_144_000
"""Bytes of a function with all its layers, unzipped; the guide calls it 250 MB."""
LIMIT_TEXT = f"250 MiB ({UNZIPPED_LIMIT:_} bytes)".replace("_", " ")
"""The same, as every text writes it."""
MOST_LAYERS = 5
"""Layers of one function."""
CODE_STORAGE = "300 GB"
"""Default quota of a region for all functions and layers, each version of them counted; it can be raised."""

LAYER_NAME_LENGTH = 140
LAYER_NAME_PATTERN = rf"[a-zA-Z0-9_-]{{1,{LAYER_NAME_LENGTH}}}"
LAYER_NAME_RULE = f"up to {LAYER_NAME_LENGTH} letters, digits, hyphens and underscores"

DESCRIPTION_LENGTH = 256
LICENSE_LENGTH = 512
MOST_RUNTIMES = 15
MOST_ARCHITECTURES = 2

# --- Lambda functions ------------------------------------------------------------------------------------

DEFAULT_TIMEOUT = 3
"""Seconds of an invocation."""
LONGEST_TIMEOUT = 900
DEFAULT_MEMORY = 128
"""MB."""
MOST_MEMORY = 10_240
INIT_LIMIT = 10
"""Seconds for importing the handler; then it is imported again, in the time of the invocation."""
PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of an event."""
ANSWER_LIMIT = PAYLOAD_LIMIT + 100
"""Bytes of an answer, as the error of a larger one says."""

# --- S3 and Systems Manager ------------------------------------------------------------------------------

BUCKET_NAME_PATTERN = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
OBJECT_KEY_LENGTH = 1024
"""Bytes of UTF-8."""

PARAMETER_NAME_LENGTH = 1011
PARAMETER_NAME_PATTERN = r"(/[a-zA-Z0-9_.-]+)+|[a-zA-Z0-9_.-]+"

# --- IAM -------------------------------------------------------------------------------------------------

MANAGED_POLICY_LENGTH = 6144
"""Characters without white space."""
MANAGED_POLICIES = 10
"""Default quota of managed policies of one role."""

# --- Python runtimes -------------------------------------------------------------------------------------


class End(NamedTuple):
    """The days of a runtime's end, a forecast of AWS that is subject to change."""

    deprecated: date
    """From this day on Lambda no longer patches it."""
    create_blocked: date
    """From this day on no function can be created with it."""
    update_blocked: date
    """From this day on no function that uses it can be updated."""


class Runtime(NamedTuple):
    """One Python version as Lambda runs it."""

    python_version: str
    """Major and minor, `3.13`."""
    full_version: str
    """A patch level that Lambda has reached; environment markers are evaluated for it."""
    amazon_linux: str
    glibc: tuple[int, int]
    magic: int
    """The first two bytes of its bytecode, as a number."""
    end: End | None
    """None for a public preview, which has no end yet and is never a default."""
    boto3_seen: str = ""
    """A version of boto3 and botocore observed in it, and when; empty where none is known."""

    @property
    def build_image(self) -> str:
        """The SAM build image without its architecture tag."""
        return f"public.ecr.aws/sam/build-python{self.python_version}"


_AL2 = ("Amazon Linux 2", (2, 26))
_AL2023 = ("Amazon Linux 2023", (2, 34))
_END_OF_3_10 = End(date(2026, 10, 31), date(2026, 11, 30), date(2027, 1, 15))
_END_OF_3_11 = End(date(2027, 6, 30), date(2027, 7, 31), date(2027, 8, 31))
_END_OF_3_12 = End(date(2028, 10, 31), date(2028, 11, 30), date(2029, 1, 10))
_END_OF_AL2023 = End(date(2029, 6, 30), date(2029, 7, 31), date(2029, 8, 31))

RUNTIMES = {
    runtime.python_version: runtime
    for runtime in (
        Runtime("3.10", "3.10.18", *_AL2, 3439, _END_OF_3_10, "1.34.32 in April 2024"),
        Runtime("3.11", "3.11.13", *_AL2, 3495, _END_OF_3_11, "1.34.32 in April 2024"),
        Runtime("3.12", "3.12.11", *_AL2023, 3531, _END_OF_3_12, "1.38.36 in August 2025"),
        Runtime("3.13", "3.13.7", *_AL2023, 3571, _END_OF_AL2023, "1.38.36 in August 2025"),
        Runtime("3.14", "3.14.0", *_AL2023, 3627, _END_OF_AL2023),
        Runtime("3.15", "3.15.0", *_AL2023, 3666, None),
    )
}
"""Python version to runtime, the oldest first."""

PREVIEWS = tuple(version for version, runtime in RUNTIMES.items() if runtime.end is None)
"""Versions that are no default; Lambda lets everybody try them."""

BY_PREFERENCE = (*(version for version in reversed(RUNTIMES) if version not in PREVIEWS), *PREVIEWS)
"""Versions, the best default first: the newest, the older ones, previews."""

NEWEST = BY_PREFERENCE[0]
"""The default where nothing else decides."""
