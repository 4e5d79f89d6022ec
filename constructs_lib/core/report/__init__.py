"""Reports of a layer's content and of changes, for a terminal or as a page."""
