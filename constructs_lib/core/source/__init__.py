"""The source: a project without its dependencies in one zip."""
