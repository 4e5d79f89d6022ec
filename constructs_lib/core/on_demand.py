"""Names of a package that are loaded when first used: a build imports what it needs, and no more."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of `package` (PEP 562), given the module of it that each name comes from.

    No name may be a module's as well: once the module is imported, its name stands for it.
    """

    def load(name: str) -> object:
        if name in homes:
            return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return load
