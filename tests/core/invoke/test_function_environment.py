"""The environment variables of a function."""

from __future__ import annotations

import re
from pathlib import Path

from constructs_lib.core.invoke.function_environment import function_arn, function_environment
from constructs_lib.core.invoke.function_folder import FunctionFolder
from constructs_lib.core.invoke.function_settings import FunctionSettings
from constructs_lib.core.target import Target

FOLDER = FunctionFolder(Path("/lay"))


def variables(environ: dict[str, str] | None = None, **own: str) -> dict[str, str]:
    settings = FunctionSettings(environment=own, name="greeter")
    return function_environment(
        settings, Target("3.13"), FOLDER, "app.handler", "/py/bin/python3", environ or {}
    )


def test_the_variables_are_those_of_lambda() -> None:
    """Folders are those of this function."""
    found = variables()
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", found.pop("AWS_LAMBDA_LOG_STREAM_NAME"))
    trace = r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"
    assert re.fullmatch(trace, found.pop("_X_AMZN_TRACE_ID"))
    assert found.pop("PATH").startswith("/py/bin:")
    assert found == {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "greeter",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/greeter",
        "AWS_REGION": "us-east-1",
        "HOME": "/lay/home",
        "LAMBDA_RUNTIME_DIR": "/lay/var/runtime",
        "LAMBDA_TASK_ROOT": "/lay/var/task",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": "/lay/var/runtime:/lay/var/runtime/lib:/lay/var/task:/lay/var/task/lib:/lay/opt/lib",
        "PYTHONPATH": "/lay/var/runtime/python",
        "TMPDIR": "/lay/tmp",
        "TZ": ":UTC",
        "_HANDLER": "app.handler",
    }


def test_credentials_and_region_come_from_this_process() -> None:
    """They stand for the role; a profile, proxy or token of anything else does not get in."""
    environ = {
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "key",
        "AWS_SESSION_TOKEN": "token",
        "AWS_REGION": "eu-west-1",
        "AWS_PROFILE": "admin",
        "GITHUB_TOKEN": "secret",
        "HTTPS_PROXY": "http://proxy",
    }
    found = variables(environ)
    assert {name for name, value in environ.items() if found.get(name) == value} == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
    }
    assert function_arn(found) == "arn:aws:lambda:eu-west-1:123456789012:function:greeter"
    assert variables({"AWS_DEFAULT_REGION": "eu-west-2"})["AWS_REGION"] == "eu-west-2"


def test_the_functions_own_variables_win() -> None:
    assert variables(AWS_REGION="eu-north-1", STAGE="test")["AWS_REGION"] == "eu-north-1"
