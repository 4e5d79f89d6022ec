"""The environment variables of a function, as Lambda sets them."""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.invoke.function_folder import FunctionFolder
    from constructs_lib.core.invoke.function_settings import FunctionSettings
    from constructs_lib.core.target import Target

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Taken over from this process: in Lambda they are those of the function's role."""
_ACCOUNT = "123456789012"
_REGION = "us-east-1"
_PROGRAMS = ("/usr/local/bin", "/usr/bin", "/bin")


def function_environment(
    settings: FunctionSettings,
    target: Target,
    folder: FunctionFolder,
    handler: str,
    python: str,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return all variables of the function's process; of this process it has the AWS credentials and region alone."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or _REGION
    day = datetime.now(timezone.utc).strftime("%Y/%m/%d")
    code, runtime, layers = str(folder.code), str(folder.runtime), str(folder.layers)
    libraries = (runtime, f"{runtime}/lib", code, f"{code}/lib", f"{layers}/lib")
    return {
        **{name: environ[name] for name in CREDENTIALS if name in environ},
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{target.python_version}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory),
        "AWS_LAMBDA_FUNCTION_NAME": settings.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{settings.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{day}/[$LATEST]{uuid.uuid4().hex}",
        "AWS_REGION": region,
        "LAMBDA_RUNTIME_DIR": runtime,
        "LAMBDA_TASK_ROOT": code,
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
        "PATH": os.pathsep.join([str(Path(python).parent), *_PROGRAMS, f"{layers}/bin"]),
        "PYTHONPATH": str(folder.runtime_packages),
        "TZ": ":UTC",
        "_HANDLER": handler,
        "_X_AMZN_TRACE_ID": _trace_id(),
        # Not Lambda's: the SDK must not ask this machine for a role, and files go where they are removed.
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(folder.home),
        "TMPDIR": str(folder.temporary),
        **settings.environment,
    }


def function_arn(environment: Mapping[str, str]) -> str:
    """Return the ARN that the context has; the account is the one of AWS's examples."""
    region, name = environment["AWS_REGION"], environment["AWS_LAMBDA_FUNCTION_NAME"]
    return f"arn:aws:lambda:{region}:{_ACCOUNT}:function:{name}"


def _trace_id() -> str:
    number = uuid.uuid4().hex
    return f"Root=1-{number[:8]}-{number[8:]};Parent={uuid.uuid4().hex[:16]};Sampled=0"
