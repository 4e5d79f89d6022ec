"""The zip of a layer, from wheels that were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.layer.assemble import Parts, assemble, read_wheel
from constructs_lib.core.layer.exclude_files import FileExclusion
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.target import Target
from tests.support.files.wheels import unpacked, wheel_bytes, wheel_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.store.wheel_store import WheelStore

TARGET = Target("3.13")


def test_a_wheel_is_read_with_its_facts_and_metadata(store: WheelStore) -> None:
    """Its files are below python/."""
    read = read_wheel(wheel_of(wheel_bytes(requires=["cart>=1"])), store)
    assert "python/demo.py" in {entry.name for entry in read.entries}
    assert read.facts.unzipped == sum(entry.size for entry in read.entries)
    assert read.metadata.requires == ("cart>=1",)


def test_the_later_of_two_wheels_with_one_path_wins(store: WheelStore, tmp_path: Path) -> None:
    """A finding names both."""
    wheels = [
        read_wheel(
            wheel_of(wheel_bytes(name, files={"same.py": name.encode()}), f"{name}-1.0-py3-none-any.whl"),
            store,
        )
        for name in ("aa", "bb")
    ]
    archive, findings = assemble(Parts(wheels), tmp_path / "layer.zip", TARGET, LayerOptions(), store)
    assert unpacked(archive.path)["python/same.py"][0] == b"bb"
    assert "path-conflict" in [finding.id for finding in findings]


def test_what_would_fail_in_lambda_is_not_written(store: WheelStore, tmp_path: Path) -> None:
    """Bytecode without a source, of another Python."""
    files = {"demo/__init__.pyc": b"\x00\x00\x00\x00" + b"x" * 20}
    wheel = read_wheel(wheel_of(wheel_bytes(files=files)), store)
    with pytest.raises(InspectionError):
        assemble(Parts([wheel]), tmp_path / "layer.zip", TARGET, LayerOptions(), store)
    assert list(tmp_path.glob("*.zip")) == []


def test_a_password_in_a_wheel_that_was_built_here_is_refused(store: WheelStore, tmp_path: Path) -> None:
    """A publisher's wheel has none of the user's passwords, so those are not looked through."""
    content = wheel_bytes(files={"demo.py": b"PASSWORD = 'tweety-and-cat'\n"})
    options = LayerOptions(credentials=[Credentials("vault", "https://host", "bob", "tweety-and-cat")])
    path = tmp_path / "layer.zip"
    with pytest.raises(ProjectError, match=r"demo\.py holds a password"):
        assemble(
            Parts([read_wheel(wheel_of(content, identity="source"), store)]), path, TARGET, options, store
        )
    assert not path.exists()
    assemble(Parts([read_wheel(wheel_of(content), store)]), path, TARGET, options, store)


def test_left_out_files_neither_count_nor_conflict(store: WheelStore, tmp_path: Path) -> None:
    """Two wheels with one test file: no finding about it, and the sizes are those of the zip."""
    exclusion = FileExclusion.of(["tests/"])
    wheels = [
        read_wheel(
            wheel_of(
                wheel_bytes(name, files={f"{name}.py": b"x", "tests/a.py": name.encode()}),
                f"{name}-1.0-py3-none-any.whl",
            ),
            store,
            exclusion=exclusion,
        )
        for name in ("aa", "bb")
    ]
    archive, findings = assemble(Parts(wheels), tmp_path / "layer.zip", TARGET, LayerOptions(), store)
    assert findings == []
    assert "python/tests/a.py" not in unpacked(archive.path)
    assert archive.unzipped == sum(wheel.facts.unzipped for wheel in wheels)


def test_a_left_out_library_is_no_component(store: WheelStore) -> None:
    """The SBOM lists the libraries that are in the layer; the store's note is of the whole wheel."""
    files = {f"demo.libs/lib{name}-00000000.so.1": b"no ELF" for name in "abc"}
    wheel = wheel_of(wheel_bytes(files=files))
    for patterns, names in ((["liba-*.so.1"], ["libb", "libc"]), ([], ["liba", "libb", "libc"])):
        bundled = read_wheel(wheel, store, exclusion=FileExclusion.of(patterns)).bundled
        assert bundled is not None
        assert [bundled.components[place].name for place in bundled.needs] == names
        assert len(bundled.components) == len(names)


def test_a_proof_that_fails_leaves_no_zip(store: WheelStore, tmp_path: Path) -> None:
    """It is given the files of the zip and the others; without the latter there is nothing to prove."""
    content = wheel_bytes(files={"demo.py": b"", "tests/a.py": b""})
    seen = []

    def prove(kept: Sequence[Entry], excluded: Sequence[Entry]) -> list[Finding]:
        seen.append(({entry.name for entry in kept}, {entry.name for entry in excluded}))
        return [Finding("exclude-files-breaks", "demo: broken", "demo")]

    path = tmp_path / "layer.zip"
    wheels = [read_wheel(wheel_of(content), store, exclusion=FileExclusion.of(["tests/"]))]
    with pytest.raises(InspectionError, match=r"^demo: broken \[exclude-files-breaks\]$"):
        assemble(Parts(wheels), path, TARGET, LayerOptions(), store, prove)
    assert list(tmp_path.glob("*.zip")) == []
    [(kept, excluded)] = seen
    assert (excluded, "python/demo.py" in kept) == ({"python/tests/a.py"}, True)
    accepted = LayerOptions(acknowledge=["exclude-files-breaks:demo"])
    _, [note] = assemble(Parts(wheels), path, TARGET, accepted, store, prove)
    assert note.acknowledged
    assemble(Parts([read_wheel(wheel_of(content), store)]), path, TARGET, LayerOptions(), store, prove)
    assert len(seen) == 2
