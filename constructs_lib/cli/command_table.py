"""The commands: name, home of the code, help and options."""

from __future__ import annotations

import click

from constructs_lib.cli.lazy_command import GlobalGroup, LazyCommand
from constructs_lib.cli.option_table import (
    ATTRIBUTES,
    BUILD,
    CREDENTIALS,
    EXIT_CODE,
    FILES,
    GLOBAL,
    INSPECTION,
    INVOCATION,
    JSON,
    KEEP,
    LAYER,
    OUTPUT,
    PROJECT,
    PRUNE,
    PUBLISHED,
    UNUSED_FOR,
    UPLOAD,
    YES,
)
from constructs_lib.cli.setting import PathType

_STORE = GlobalGroup(
    "store",
    callback=lambda **_: None,
    params=[*GLOBAL],
    help="""Measure, tidy or empty this machine's wheel store.

    It is the library's only cache. --store or CONSTRUCTS_LIB_STORE names its folder.
    """,
    commands=[
        LazyCommand("dir", "store_command", "Print its folder.", JSON),
        LazyCommand("size", "store_command", "Show how many bytes and files it holds.", JSON),
        LazyCommand(
            "prune",
            "store_command",
            """Remove what no build has used for some time.

            The time is that of the last reading, where the file system notes it, else of the writing.
            """,
            UNUSED_FOR,
            YES,
            JSON,
        ),
        LazyCommand(
            "clear",
            "store_command",
            "Remove everything in it; the next build fetches its wheels again.",
            YES,
            JSON,
        ),
    ],
)

COMMANDS: tuple[click.Command, ...] = (
    LazyCommand(
        "build",
        "build_command",
        """Build PROJECT's layer, source or function as a zip.

        A layer and a function come with their SBOM and the lock file they were built from.
        """,
        *BUILD,
        *OUTPUT,
        *FILES,
        JSON,
    ),
    LazyCommand(
        "inspect",
        "build_command",
        "Show contents, size and findings of PROJECT's layer.",
        *BUILD,
        *INSPECTION,
        JSON,
    ),
    LazyCommand(
        "invoke",
        "invoke_command",
        """Run PROJECT's function here, as Lambda would.

        Layer and source, or with --function one zip, are built, unpacked in a temporary folder and run by a Python of
        the target's version, without Docker. The answer is written to stdout, the log to stderr. Exit code 1: the
        function failed; the answer has errorType and errorMessage.
        """,
        *BUILD,
        *INVOCATION,
        *FILES,
    ),
    LazyCommand(
        "plan",
        "publish_commands",
        """Show what publish with the same options would do, and why.

        The reasons are the distributions, runtime, architecture or text that differ. It builds, and changes nothing in
        AWS.
        """,
        *LAYER,
        *BUILD,
        *ATTRIBUTES,
        KEEP,
        EXIT_CODE,
        JSON,
    ),
    LazyCommand(
        "publish",
        "publish_commands",
        """Build PROJECT's layer and publish it if it is new.

        Nothing is uploaded or published where a live version is the same; its ARN is printed either way.
        """,
        *LAYER,
        *BUILD,
        *ATTRIBUTES,
        KEEP,
        YES,
        JSON,
    ),
    LazyCommand(
        "publish-source",
        "publish_commands",
        """Build PROJECT's source zip and upload it.

        It holds no dependencies. Nothing is uploaded where the same zip is in its place already; its address is printed
        either way.
        """,
        PROJECT,
        *UPLOAD,
        *FILES,
        CREDENTIALS,
        JSON,
    ),
    LazyCommand(
        "publish-function",
        "publish_commands",
        """Build PROJECT's function in one zip and upload it.

        Lock file and SBOM are put beside it. Nothing is uploaded where the same zip is in its place already; its
        address is printed either way.
        """,
        *BUILD,
        *FILES,
        *UPLOAD,
        JSON,
    ),
    LazyCommand(
        "versions",
        "version_commands",
        """List a layer's live versions and their functions.

        With lock file, size and date; the functions are those of this account and region that use a version.
        """,
        *PUBLISHED,
        JSON,
    ),
    LazyCommand(
        "diff",
        "version_commands",
        """Show what changed from version OLD to version NEW.

        Both are numbers, as `versions` lists them. The SBOMs or lock files beside them in S3 are compared.
        """,
        click.Argument(["old"], type=click.IntRange(min=1)),
        click.Argument(["new"], type=click.IntRange(min=1)),
        *PUBLISHED,
        JSON,
    ),
    LazyCommand(
        "prune",
        "version_commands",
        """Delete a layer's old versions that are not in use.

        Versions stay that a function or a stack of this account and region uses, or that publish named last. Versions
        for another Python or CPU count apart. Functions of other accounts cannot be seen: keep what you share with them.
        """,
        *PUBLISHED,
        *PRUNE,
        JSON,
    ),
    LazyCommand(
        "sam-template",
        "sam_command",
        """Write templates for `sam local` into cdk.out.

        ASSEMBLY is the output of `cdk synth`, by default `cdk.out`.

        In STACK.sam.json the layers of this library are layer versions with a folder of this machine, so that SAM finds
        a function's code and its layers: sam local invoke -t cdk.out/STACK.sam.json
        """,
        click.Argument(["assembly"], type=PathType(file_okay=False), default="cdk.out"),
        JSON,
    ),
    LazyCommand(
        "config",
        "config_command",
        """Show each option's value for PROJECT and its origin.

        An option comes from the command line, else from its environment variable, else from [tool.constructs-lib] in
        PROJECT's pyproject.toml, else it has its default.
        """,
        PROJECT,
        JSON,
    ),
    _STORE,
)
