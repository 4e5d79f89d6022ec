"""Step 2 of the tree route: an installed tree → layer.zip."""

from constructs_lib.core.tree.layer import LambdaLayerZipper, create_layer_zip_file, move_to_dir_python

__all__ = ["LambdaLayerZipper", "create_layer_zip_file", "move_to_dir_python"]
