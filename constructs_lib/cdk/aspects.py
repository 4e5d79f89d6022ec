"""Reads of resources after aspects and CDK's other means have changed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import jsii

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct


@jsii.implements(cdk.IAspect)
class _Follow:
    """Reads one resource after every other aspect has changed it."""

    def __init__(self, read: Callable[[], None]) -> None:
        self._read = read
        self._done = False

    def visit(self, node: IConstruct) -> None:
        """Read the resource once; an app may be synthesized several times, and children are visited after it."""
        del node
        if not self._done:
            self._done = True
            self._read()


def after_aspects(resource: cdk.CfnResource, read: Callable[[], None]) -> None:
    """Call `read` at synth, when the aspects of the app have been at `resource`."""
    aspect = cast("cdk.IAspect", _Follow(read))
    cdk.Aspects.of(resource).add(aspect, priority=cdk.AspectPriority.READONLY)


class ReadsTogether:
    """Reads of several resources, and one call when the last of them is over: CDK visits them one by one."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then
        self._open = 0

    def add(self, resource: cdk.CfnResource, read: Callable[[], None]) -> None:
        """Call `read` when the aspects have been at `resource`."""
        self._open += 1

        def read_and_close() -> None:
            read()
            self._open -= 1
            if self._open == 0:
                self._then()

        after_aspects(resource, read_and_close)
