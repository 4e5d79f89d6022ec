"""Findings: everything in an artifact that would fail in Lambda."""
