"""The scripts inside the function's process: standard library only, for every Python that Lambda runs.

`start` is run by its path; it loads the others from its own folder, so that nothing of this library is on the
function's `sys.path`.
"""
