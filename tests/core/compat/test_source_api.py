"""`source_api`, as the released packages offer it."""

from __future__ import annotations

import constructs_lib.core as lib
from constructs_lib.core.compat import source_api


def test_its_names_are_the_packages_names() -> None:
    """It is a module, by which a script may write `api.source_api.create_source_zip`."""
    assert lib.source_api is source_api
    assert all(getattr(source_api, name) is getattr(lib, name) for name in source_api.__all__)
