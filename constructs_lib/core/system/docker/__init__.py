"""Container engines: find one, describe its failures, run an image."""
