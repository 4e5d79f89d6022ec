"""`python -m constructs_lib.core`: the command line, where its script is not on PATH."""

from constructs_lib.core.cli import main

main()
