"""The one door to containers: `docker`, or the engine that `CDK_DOCKER` names (podman, finch)."""

from constructs_lib.core.docker.diagnosis import PROGRAM_VARIABLE
from constructs_lib.core.docker.engine import NAME_PREFIX, Engine
from constructs_lib.core.docker.environment import (
    HANDED_THROUGH,
    certificate_settings,
    certificates,
    handed_through,
)
from constructs_lib.core.docker.model import Image, Job, Mount

__all__ = [
    "HANDED_THROUGH",
    "NAME_PREFIX",
    "PROGRAM_VARIABLE",
    "Engine",
    "Image",
    "Job",
    "Mount",
    "certificate_settings",
    "certificates",
    "handed_through",
]
