"""The zip format: read strictly, merge, write with the same bytes everywhere."""
