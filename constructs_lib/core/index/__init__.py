"""Package indexes: which are declared, who may ask them, and how files are fetched."""
