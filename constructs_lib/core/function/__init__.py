"""The function: a project and its locked dependencies in one zip."""
