"""Package indexes: declared ones, credentials for them, and downloads."""
