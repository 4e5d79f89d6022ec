"""The operating system: processes, signals, interpreters, secrets and containers."""
