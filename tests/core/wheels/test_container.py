"""The container of a build."""

from __future__ import annotations

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.container import Container


@pytest.mark.parametrize("image", ["", " ", "--privileged"])
def test_what_is_no_image_name_is_refused(image: str) -> None:
    """An argument of the engine among them."""
    with pytest.raises(ProjectError, match="is no image name") as caught:
        Container(image)
    assert caught.value.id == "container-invalid"


def test_the_default_image_is_the_targets_build_image() -> None:
    target = Target("3.13", "arm64")
    assert Container().image_for(target) == target.build_image
    assert Container("image:1").image_for(target) == "image:1"
