"""Layer versions: found, published, recorded and removed."""
