"""The same requirement, as pyproject.toml and as uv.lock write it, is equal."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from constructs_lib.core.lock.requirement import RequirementReader, SourceTable
from constructs_lib.core.lock.uv_lock import RecordedRequirement, UvSource
from constructs_lib.core.project.requirements import ScopedRequirement
from constructs_lib.core.project.uv_settings import DependencySource
from constructs_lib.core.target import Target

NAME = canonicalize_name("lib")
READER = RequirementReader(Path("/space"), {NAME: "packages/lib"}, Target("3.12"))


def asked(line: str, source: DependencySource | None = None, folder: str = ".") -> list[str]:
    tables = [SourceTable(folder, {NAME: (source,)})] if source else []
    return [str(requirement) for requirement in READER.asked([ScopedRequirement(Requirement(line))], tables)]


def recorded(kind: str, location: str) -> list[str]:
    row = RecordedRequirement(NAME, frozenset(), None, SpecifierSet(), UvSource(kind, location))
    return [str(requirement) for requirement in READER.recorded([row])]


@pytest.mark.parametrize(
    ("line", "source", "kind", "location"),
    [
        ("Lib", None, "", ""),
        ("lib", DependencySource(is_workspace=True), "editable", "packages/lib"),
        ("lib>=1", DependencySource(path="./vendor/../lib/"), "directory", "lib"),
        ("lib", DependencySource(path="lib.whl"), "path", "lib.whl"),
        ("lib @ file:///space/lib.whl", None, "path", "lib.whl"),
        ("lib @ file:///space/lib", None, "url", "file:///space/lib"),
        ("lib @ https://host/lib.whl#sha256=0", None, "url", "https://host/lib.whl"),
        ("lib", DependencySource(url="https://host/lib.whl"), "url", "https://host/lib.whl"),
        (
            "lib @ git+https://host/lib.git@v1#subdirectory=x",
            None,
            "git",
            "https://host/lib?rev=v1&subdirectory=x#0",
        ),
        (
            "lib",
            DependencySource(git="https://host/lib.git", git_options={"tag": "1"}),
            "git",
            "https://host/lib?tag=1",
        ),
        ("lib @ git+ssh://git@host/lib", None, "git", "ssh://git@host/lib#0"),
        ("lib", DependencySource(), "registry", "https://host/simple"),
        ("lib", DependencySource(Marker("os_name == 'nt'"), path="x"), "", ""),
    ],
)
def test_both_spellings_are_equal(
    line: str, source: DependencySource | None, kind: str, location: str
) -> None:
    """Each kind of source; the specifier of one that is not the index does not count."""
    assert asked(line, source) == recorded(kind, location)


def test_paths_are_relative_to_the_file_that_names_them() -> None:
    assert asked("lib", DependencySource(path="../lib"), "packages/app") == ["lib from path packages/lib"]
    assert READER.folders == {"lib": "packages/lib"}


def test_only_what_applies_to_the_target_counts() -> None:
    assert asked("lib; python_version < '3.12'") == []
    assert asked("lib[Fast,A_b]>=1; python_version >= '3.12'") == ["lib[a-b,fast]>=1"]
    row = RecordedRequirement(
        NAME, frozenset(), Marker("extra == 'more'"), SpecifierSet(">=1"), UvSource("", "")
    )
    assert list(READER.recorded([row])) == []
    assert [str(requirement) for requirement in READER.recorded([row], ["More"])] == ["lib>=1"]


def test_a_member_that_is_none_is_named_as_such() -> None:
    reader = RequirementReader(Path("/space"), {}, Target("3.12"))
    table = SourceTable(".", {NAME: (DependencySource(is_workspace=True),)})
    assert (
        str(next(reader.asked([ScopedRequirement(Requirement("lib"))], [table])))
        == "lib from path (no member of the workspace)"
    )


def test_a_source_of_one_group_or_extra_is_for_that_alone() -> None:
    """Of several sources the first counts whose marker, extra and group fit."""
    fork = DependencySource(path="fork", group=canonicalize_name("dev"))
    other = DependencySource(path="other", extra=canonicalize_name("web"))
    table = SourceTable(".", {NAME: (fork, other)})
    requirement = Requirement("lib>=1")
    scopes = (
        ScopedRequirement(requirement),
        ScopedRequirement(requirement, None, canonicalize_name("dev")),
        ScopedRequirement(requirement, canonicalize_name("web")),
        ScopedRequirement(requirement, canonicalize_name("api")),
    )
    asked_for = [str(row) for row in READER.asked(scopes, [table])]
    assert asked_for == ["lib>=1", "lib from path fork", "lib from path other", "lib>=1"]


def test_the_index_of_a_source_counts_where_its_address_is_declared() -> None:
    sources = {NAME: (DependencySource(index_name="corp"),)}
    for indexes, address in (({"corp": "https://bob@corp/simple/"}, "https://corp/simple"), ({}, None)):
        table = SourceTable(".", sources, indexes)
        [row] = READER.asked([ScopedRequirement(Requirement("lib>=1"))], [table])
        assert (row.index_url, str(row.specifier)) == (address, ">=1")
    recorded_row = RecordedRequirement(
        NAME, frozenset(), None, SpecifierSet(), UvSource("", ""), "https://corp/simple/"
    )
    assert [str(row) for row in READER.recorded([recorded_row])] == ["lib from https://corp/simple"]


def test_an_extra_of_a_wheels_metadata_is_found_in_its_marker() -> None:
    extras = [canonicalize_name("web")]
    for line, extra in (("lib; extra == 'Web'", "web"), ("lib", None), ("lib; extra == 'api'", None)):
        assert READER.of_extra(Requirement(line), extras).extra == extra
