"""Builds by a tool's own install into a folder, on this machine or in the build image."""
