"""Wheels: fetched, verified and kept by content; built here where the index has none."""

from constructs_lib.core.wheels.build import build_directory
from constructs_lib.core.wheels.model import Wheel
from constructs_lib.core.wheels.provide import open_built, provide
from constructs_lib.core.wheels.store import WheelStore

__all__ = ["Wheel", "WheelStore", "build_directory", "open_built", "provide"]
