"""Publishing layers and laying out sources: one implementation for Lambda and for this machine.

Needs the standard library and botocore only; AWS clients are passed in. Steps are logged under `constructs_lib`.
"""
