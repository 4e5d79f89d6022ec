"""`layer_api`, as the released packages offer it."""

from __future__ import annotations

import constructs_lib.core as lib
from constructs_lib.core.compat import layer_api


def test_its_names_are_the_packages_names() -> None:
    """It is a module, by which a script may write `api.layer_api.Credentials`."""
    assert lib.layer_api is layer_api
    assert all(getattr(layer_api, name) is getattr(lib, name) for name in layer_api.__all__)
