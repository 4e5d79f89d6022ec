"""The layer: a project's locked dependencies below python/ in one zip."""
