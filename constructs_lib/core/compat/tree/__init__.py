"""Package an installed tree of files into layer.zip."""
