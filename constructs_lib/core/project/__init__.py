"""A project: its pyproject.toml and its source files."""
