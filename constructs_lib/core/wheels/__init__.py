"""Wheels: fetched, verified and kept by content; built here where the index has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.on_demand import on_demand

if TYPE_CHECKING:
    from constructs_lib.core.wheels.access import Access as Access
    from constructs_lib.core.wheels.build import NativeCodeError as NativeCodeError
    from constructs_lib.core.wheels.build import build_directory as build_directory
    from constructs_lib.core.wheels.container import Container as Container
    from constructs_lib.core.wheels.make import open_built as open_built
    from constructs_lib.core.wheels.model import Wheel as Wheel
    from constructs_lib.core.wheels.store import WheelStore as WheelStore

# Nothing but the store is needed where every wheel is there already, and in the tree route.
__getattr__ = on_demand(
    __name__,
    {
        "Access": "access",
        "Container": "container",
        "NativeCodeError": "build",
        "Wheel": "model",
        "WheelStore": "store",
        "build_directory": "build",
        "open_built": "make",
    },
)
