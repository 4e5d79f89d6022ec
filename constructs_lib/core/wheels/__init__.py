"""Wheels: fetched, verified and kept by content; built here where the index has none."""

from constructs_lib.core.wheels.access import Access
from constructs_lib.core.wheels.build import NativeCodeError, build_directory
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.model import Wheel
from constructs_lib.core.wheels.provide import open_built, provide
from constructs_lib.core.wheels.store import WheelStore

__all__ = [
    "Access",
    "Container",
    "NativeCodeError",
    "Wheel",
    "WheelStore",
    "build_directory",
    "open_built",
    "provide",
]
