"""What a script hands to the publishing step: its own clients, and what it wants to say of a layer."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.model import LayerAttributes
from constructs_lib.core.publish.tools import Clock, Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

_PATIENCE = 900.0
"""Seconds that a script goes on when AWS asks it to come back later; as long as a stack waits."""

_NEEDS_RETRY = "needs-retry.lambda.PublishLayerVersion"
_LAYER_NAME = re.compile(r"[a-zA-Z0-9_-]{1,140}")
_DESCRIPTION, _LICENSE, _RUNTIMES, _ARCHITECTURES = 256, 512, 15, 2
_ATTRIBUTES = ("CompatibleRuntimes", "CompatibleArchitectures", "Description", "LicenseInfo")


@contextmanager
def script_tools(
    s3_client: S3Client, lambda_client: LambdaClient, log: Callable[[str], object]
) -> Iterator[Tools]:
    """The tools of the publishing step, for as long as the block lasts."""

    def say(text: str) -> None:
        log(text)

    clock = Clock(deadline=time.monotonic() + _PATIENCE)
    with sent_once(lambda_client):
        yield Tools(s3_client, lambda_client, lambda_client, clock, say)


@contextmanager
def sent_once(lambda_client: LambdaClient) -> Iterator[None]:
    """Inside the block the SDK sends each PublishLayerVersion of this client once, whatever its retry mode.

    After a read timeout it would send it again, and that makes a second version. All else about the client,
    its credentials above all, stays as its owner has set it up.
    """
    events: Any = lambda_client.meta.events
    name = {"unique_id": f"constructs-lib-{_NEEDS_RETRY}", "unique_id_uses_count": True}
    events.register(_NEEDS_RETRY, _fail_at_once, **name)
    try:
        yield
    finally:
        events.unregister(_NEEDS_RETRY, **name)


def _fail_at_once(
    response: tuple[Any, Any] | None = None, caught_exception: Exception | None = None, **_: object
) -> None:
    """What the SDK asks before it tries again: raise what it would end with."""
    from botocore.exceptions import ClientError

    if caught_exception is not None:
        raise caught_exception
    if response is not None and response[0].status_code >= 300:
        raise ClientError(response[1], "PublishLayerVersion")


def layer_attributes(layer_name: str, keywords: Mapping[str, Any] | None) -> LayerAttributes:
    """The keywords of `publish_layer_version`, checked before anything is built.

    A PublishError for a name or text that Lambda would refuse (PublishLayerVersion in the Lambda API
    reference), and for a keyword that is not an attribute of a layer.
    """
    given = dict(keywords or {})
    if unknown := sorted(set(given) - set(_ATTRIBUTES)):
        msg = f"layer {layer_name}: publish_layer_version_kwargs has {', '.join(unknown)}: known are {', '.join(_ATTRIBUTES)}"
        raise PublishError(msg)
    if not _LAYER_NAME.fullmatch(layer_name):
        msg = f"{layer_name!r} is not a layer name: up to 140 letters, digits, hyphens and underscores"
        raise PublishError(msg)
    found = LayerAttributes(
        tuple(given.get("CompatibleRuntimes") or ()),
        tuple(given.get("CompatibleArchitectures") or ()),
        given.get("Description") or "",
        given.get("LicenseInfo") or "",
    )
    _check(layer_name, "runtimes", found.compatible_runtimes, _RUNTIMES)
    _check(layer_name, "architectures", found.compatible_architectures, _ARCHITECTURES)
    _check(layer_name, "characters in its description", found.description, _DESCRIPTION)
    _check(layer_name, "characters in its licence", found.license_info, _LICENSE)
    return found


def _check(layer_name: str, what: str, value: str | tuple[str, ...], most: int) -> None:
    if len(value) > most:
        msg = f"layer {layer_name} has {len(value)} {what}, Lambda takes {most}"
        raise PublishError(msg)
