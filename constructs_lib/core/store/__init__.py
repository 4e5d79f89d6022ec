"""The store: files kept on this machine, named by their content."""
