"""A function on this machine: its artifacts unpacked as in Lambda, and one invocation."""
