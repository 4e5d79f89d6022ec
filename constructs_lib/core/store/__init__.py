"""Files kept on this machine, named by their content."""
