"""Wheels: fetched, read from the store or built, and the files that each brings."""
