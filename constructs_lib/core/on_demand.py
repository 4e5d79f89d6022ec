"""Names of a package that are loaded when first used, so that a build imports only the modules it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def on_demand(package: str, homes: Mapping[str, str], otherwise: str = "") -> Callable[[str], object]:
    """Return the `__getattr__` of a package (PEP 562), given the module below `package` that defines each name.

    Other names come from the subpackage `otherwise`, if one is given. No name may be a module's as well: once the
    module is imported, its name stands for it.
    """

    def load(name: str) -> object:
        if name in homes:
            return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        if otherwise and not name.startswith("_"):
            value: object = importlib.import_module(f"{package}.{otherwise}").__getattr__(name)
            return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
