"""The version of this package, for `--version`: to ask `importlib.metadata` takes longer than all the rest of it."""

VERSION = "0.1.0"
"""As in pyproject.toml."""
