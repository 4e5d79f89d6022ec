"""The tree route: an installed tree of files becomes layer.zip."""
