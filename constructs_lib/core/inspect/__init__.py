"""Findings: properties of an artifact that would fail in Lambda, may fail, or are good to know."""
