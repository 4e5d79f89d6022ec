"""Publishing: the one implementation that Lambda and a laptop share.

Needs nothing but the standard library and botocore; AWS clients are passed in.
"""
