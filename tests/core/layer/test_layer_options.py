"""The one options value of a layer."""

from __future__ import annotations

import pytest

from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.layer.layer_options import LAYER_DEFAULTS, LayerOptions
from constructs_lib.core.wheels.container import Container


@pytest.mark.parametrize(
    ("option", "container"),
    [
        (None, None),
        (False, None),
        (True, Container()),
        ("image:1", Container("image:1")),
        (Container("image:2", timeout=5), Container("image:2", timeout=5)),
    ],
)
def test_the_container_may_be_given_in_three_ways(
    option: Container | bool | str | None, container: Container | None
) -> None:
    assert LayerOptions(container=option).build_container == container


def test_the_passwords_are_those_of_the_credentials() -> None:
    credentials = Credentials("vault", "https://host", "bob", "tweety")
    assert LayerOptions(credentials=[credentials]).secrets == ["tweety"]
    assert LAYER_DEFAULTS.secrets == []


def test_equal_choices_are_equal_values() -> None:
    assert LayerOptions() == LAYER_DEFAULTS
