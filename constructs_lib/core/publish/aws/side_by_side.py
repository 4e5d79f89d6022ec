"""Calls that do not depend on each other, sent at the same time where the services allow threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs_lib.core.publish.aws.services import AwsServices

Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")


def side_by_side(services: AwsServices, acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do independent acts and return their results in order.

    Of several failures that of the earliest act is raised, as if they had been done one after the other. All have ended
    by then, so nothing goes on behind an answer.
    """
    if services.threads < 2 or len(acts) < 2:
        return [act() for act in acts]
    # Imported here: an event without independent calls needs no pool.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(services.threads) as pool:
        futures = [pool.submit(act) for act in acts]
    return [future.result() for future in futures]


def both(
    services: AwsServices, first: Callable[[], First], second: Callable[[], Second]
) -> tuple[First, Second]:
    """Do two independent acts and return both results; see `side_by_side`."""
    results: list[First | Second] = side_by_side(services, [first, second])
    return results[0], results[1]  # type: ignore[return-value] # a list has one type for both
