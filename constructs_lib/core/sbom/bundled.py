"""The software that a wheel brings beside its own, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection


class Component(NamedTuple):
    """A piece of software inside a wheel; each text is empty where it is unknown."""

    name: str
    version: str = ""
    group: str = ""
    type: str = "library"
    """One of CycloneDX's types."""
    purl: str = ""
    cpe: str = ""
    scope: str = ""
    """One of CycloneDX's scopes: `excluded` is what only the wheel's build needed."""
    description: str = ""
    expression: str = ""
    """An SPDX expression."""
    licenses: tuple[tuple[str, str], ...] = ()
    """Where there is no expression: `id` or `name`, and its value."""
    hashes: tuple[tuple[str, str], ...] = ()
    """Algorithm and hex digest."""
    references: tuple[tuple[str, str], ...] = ()
    """Type and address."""
    file: str = ""
    """The path in the wheel of a library that auditwheel copied."""
    needs: tuple[int, ...] | None = None
    """The places in `Bundled.components` of what it needs; None where no document has it."""


class Unmerged(NamedTuple):
    """A document that is not merged."""

    path: str
    """In the wheel."""
    reason: str


class Bundled(NamedTuple):
    """The software inside a wheel."""

    components: tuple[Component, ...] = ()
    needs: tuple[int, ...] = ()
    """The places in `components` of what the distribution itself needs."""
    unmerged: tuple[Unmerged, ...] = ()


NOTHING = Bundled()


def without_files(bundled: Bundled, paths: Collection[str]) -> Bundled:
    """Return the software without the copied libraries whose files `paths` names."""
    stay = [place for place, component in enumerate(bundled.components) if not _is_one_of(component, paths)]
    places = {before: after for after, before in enumerate(stay)}

    def moved(needs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(places[place] for place in needs if place in places)

    components = (bundled.components[place] for place in stay)
    return bundled._replace(
        components=tuple(
            component if component.needs is None else component._replace(needs=moved(component.needs))
            for component in components
        ),
        needs=moved(bundled.needs),
    )


def _is_one_of(component: Component, paths: Collection[str]) -> bool:
    return component.file != "" and component.file in paths
