"""Wheels: fetched or built, verified, and read as archive entries."""
