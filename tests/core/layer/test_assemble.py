"""The zip of a layer, from wheels that were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.layer.assemble import Parts, assemble, read_wheel
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.target import Target
from tests.support.files.wheels import unpacked, wheel_bytes, wheel_of

if TYPE_CHECKING:
    from pathlib import Path

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
