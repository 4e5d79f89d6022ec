"""From a lock file to the files that one target installs (PEP 751)."""
