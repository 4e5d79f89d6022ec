"""Modules compiled when a layer is built, so that Lambda need not compile them at each cold start."""

from constructs_lib.core.bytecode.compiler import find_compiler
from constructs_lib.core.bytecode.layer import with_bytecode

__all__ = ["find_compiler", "with_bytecode"]
