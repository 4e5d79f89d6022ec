"""A requirements.txt, read once: what decides about safety is what is installed."""
