"""The documents and copied libraries of one wheel, merged into one list of components."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.sbom.bundled import Bundled, Component, Unmerged
from constructs_lib.core.sbom.component_values import has_subpath, purl_base
from constructs_lib.core.sbom.copied_libraries import copied_libraries
from constructs_lib.core.sbom.foreign_document import UnreadableDocumentError, refuse_many
from constructs_lib.core.sbom.parse_document import parse_document
from constructs_lib.core.wheels.contents import member_content

if TYPE_CHECKING:
    from collections.abc import Hashable

    from constructs_lib.core.archive.reader import ZipMember
    from constructs_lib.core.sbom.foreign_document import ForeignDocument
    from constructs_lib.core.wheels.contents import Contents
    from constructs_lib.core.wheels.wheel import Wheel

_MAX_DOCUMENT = 5_000_000
"""Bytes; a large real one has 0.2 MB."""
_MAX_ALL = 20_000_000
"""Bytes of all documents of a wheel."""
_MAX_DOCUMENTS = 100
_PYPI = "pkg:pypi/"


def merge_documents(wheel: Wheel, contents: Contents) -> Bundled:
    """Read the wheel's documents by their paths, then its copied libraries that no document names."""
    folder = f"{contents.dist_info}/sboms/"
    members = {member.name: member for member in contents.members if not member.name.endswith("/")}
    paths = sorted(path for path in members if path.startswith(folder))
    merged, unmerged, size = _Merged(wheel.name), [], 0
    for path in paths[:_MAX_DOCUMENTS]:
        size += members[path].size
        try:
            merged.add(_read(wheel, members[path], size))
        except UnreadableDocumentError as reason:
            unmerged.append(Unmerged(path, str(reason)))
    if left := paths[_MAX_DOCUMENTS:]:
        unmerged.append(
            Unmerged(left[0], f"the wheel has {len(paths)} documents, {_MAX_DOCUMENTS} of them are read")
        )
    names = [component.name for component in merged.components]
    libraries = copied_libraries(members.keys() - paths, names)
    try:
        merged.add_libraries(libraries)
    except UnreadableDocumentError as reason:
        unmerged.append(Unmerged(libraries[0].file, str(reason)))
    return merged.bundled(unmerged)


def _read(wheel: Wheel, member: ZipMember, size: int) -> ForeignDocument:
    """Read a document; `size` is that of the documents up to this one."""
    if member.size > _MAX_DOCUMENT or size > _MAX_ALL:
        raise UnreadableDocumentError(
            f"it has {member.size / 1e6:.1f} MB; at most {_MAX_DOCUMENT / 1e6:.0f} MB of a document and "
            f"{_MAX_ALL / 1e6:.0f} MB of a wheel are read"
        )
    return parse_document(member_content(wheel, member))


class _Merged:
    """The components so far, each once: the first document's wins."""

    def __init__(self, distribution: str) -> None:
        self.components: list[Component] = []
        self._distribution = distribution
        self._places: dict[Hashable, int] = {}
        self._counts = (0, 0)
        self._needs: defaultdict[int | None, set[int]] = defaultdict(set)

    def add(self, document: ForeignDocument) -> None:
        """Add the components of a document, and what they need."""
        self._count(len(document.listed), sum(len(targets) for _, targets in document.needs))
        # None stands for the distribution.
        places: dict[str, int | None] = dict.fromkeys(document.roots)
        for ref, component in document.listed:
            is_root = ref in document.roots or self._is_distribution(component, document)
            place = None if is_root else self._place(component)
            if ref:
                places.setdefault(ref, place)
        for ref, targets in document.needs:
            if ref in places:
                source = places[ref]
                needed = {places[target] for target in targets if target in places}
                self._needs[source] |= {place for place in needed if place is not None and place != source}

    def add_libraries(self, libraries: list[Component]) -> None:
        """Add libraries by their files."""
        self._count(len(libraries), len(libraries))
        for library in libraries:
            self._needs[None].add(len(self.components))
            self.components.append(library)

    def bundled(self, unmerged: list[Unmerged]) -> Bundled:
        """Return the frozen result."""
        components = (
            component._replace(needs=tuple(sorted(self._needs[place])) if place in self._needs else None)
            for place, component in enumerate(self.components)
        )
        return Bundled(tuple(components), tuple(sorted(self._needs.get(None, ()))), tuple(unmerged))

    def _count(self, components: int, needs: int) -> None:
        """Raise for too many of a wheel; what is listed twice costs time too."""
        counts = (self._counts[0] + components, self._counts[1] + needs)
        refuse_many(*counts)
        self._counts = counts

    def _place(self, component: Component) -> int:
        key = component.purl or (component.group, component.name, component.version)
        place = self._places.setdefault(key, len(self.components))
        if place == len(self.components):
            self.components.append(component)
        elif self.components[place].scope != component.scope:
            # Needed by one document at run time, by another one for the build alone.
            self.components[place] = self.components[place]._replace(scope="")
        return place

    def _is_distribution(self, component: Component, document: ForeignDocument) -> bool:
        """Return whether a component is the distribution itself, which some documents list too."""
        if not component.purl or has_subpath(component.purl):
            return False
        base = purl_base(component.purl)
        name = base.removeprefix(_PYPI).partition("@")[0]
        is_pypi = base.startswith(_PYPI) and canonicalize_name(name) == self._distribution
        return is_pypi or base == document.subject_purl
