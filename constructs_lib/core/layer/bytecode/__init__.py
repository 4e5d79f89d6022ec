"""Bytecode compiled while a layer is built, so that a cold start does not compile it."""
