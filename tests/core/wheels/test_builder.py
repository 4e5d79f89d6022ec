"""The choice between a build on this machine and one in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedDirectory
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.build_in_container import BuildsInContainer
from constructs_lib.core.wheels.builder import WheelBuilder
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.builders import native
from tests.support.files.sources import write_src_project

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore

TARGET = Target("3.13")


def test_a_pure_project_is_built_here(store: WheelStore, tmp_path: Path) -> None:
    builder = WheelBuilder.of(WheelSource(TARGET, store))
    root = write_src_project(tmp_path / "lib", "lib")
    wheel = builder.build(LockedDirectory("lib", root))
    assert (wheel.name, wheel.built_here, builder.in_container) == ("lib", True, None)


def test_a_native_project_needs_a_container(store: WheelStore, tmp_path: Path) -> None:
    """The line names the option and the image."""
    root = native.write_tree(tmp_path / "crunch")
    with pytest.raises(ProjectError, match=r"holds code compiled .* container=True \(.*3\.13") as caught:
        WheelBuilder.of(WheelSource(TARGET, store)).build(LockedDirectory("crunch", root))
    assert caught.value.id == "native-code"


def test_a_builder_has_the_containers_builds(store: WheelStore) -> None:
    builder = WheelBuilder.of(WheelSource(TARGET, store, container=Container("image:1")))
    assert isinstance(builder.in_container, BuildsInContainer)
    assert builder.in_container.container == Container("image:1")
