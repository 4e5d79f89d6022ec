"""The four steps of a build, on this machine and in a container: the bases of all builders."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from constructs_lib.core.compat.logger import KeywordLogger
from constructs_lib.core.compat.path_layout import DIR_IN_CONTAINER, LayerPathLayout
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE
from constructs_lib.core.system.docker.engine import NAME_PREFIX, Engine
from constructs_lib.core.system.docker.environment import certificate_settings, certificates, handed_through
from constructs_lib.core.system.docker.settings import Job, Mount
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials

_AUTHORITIES_IN_CONTAINER = "/constructs-lib/authorities.pem"


@runtime_checkable
class T_BUILDER(Protocol):  # noqa: N801 - compatible with aws_lbd_art_builder_core
    """A builder that installs packages into `artifacts/python` or `repo/.venv` of a project."""

    @property
    def path_layout(self) -> LayerPathLayout:
        """The folders of the build."""
        ...

    def run(self) -> object:
        """Clear the folder and install the packages."""
        ...


@dataclass(frozen=True)
class Builder(KeywordLogger):
    """The steps that all builders share."""

    path_pyproject_toml: Path

    @cached_property
    def path_layout(self) -> LayerPathLayout:
        """The folders of the build."""
        return LayerPathLayout(self.path_pyproject_toml)

    def run(self) -> None:
        """Take the four steps in order."""
        self.step_1_preflight_check()
        self.step_2_prepare_environment()
        self.step_3_execute_build()
        self.step_4_finalize_artifacts()

    def step_1_preflight_check(self) -> None:
        """Raise for missing files, programs and images, before anything is cleared."""
        layout = self.path_layout
        if not layout.path_pyproject_toml.is_file():
            raise ProjectError(
                "pyproject-missing",
                f"{layout.path_pyproject_toml} does not exist: give the path of the project's pyproject.toml",
            )
        self.log(f"Build the layer of {layout.dir_project_root}")
        self._check_inputs()

    def _check_inputs(self) -> None:
        """Check the inputs of one tool; a builder of a tool overrides this."""

    def step_2_prepare_environment(self) -> None:
        """Clear the layer's folder and make the folders that the build fills."""
        raise NotImplementedError

    def step_3_execute_build(self) -> None:
        """Install the packages; a subclass overrides this."""
        raise NotImplementedError

    def step_4_finalize_artifacts(self) -> None:
        """Finish the installed packages; a subclass overrides this if it has to."""


@dataclass(frozen=True)
class BaseLambdaLayerLocalBuilder(Builder):
    """A build on this machine. A subclass overrides `step_3_execute_build`, and step 4 if it has to."""

    credentials: Credentials | None = None
    skip_prompt: bool = False

    def step_2_prepare_environment(self) -> None:
        self.path_layout.clean(self.skip_prompt)
        self.path_layout.mkdirs()


@dataclass(frozen=True)
class BaseLambdaLayerContainerBuilder(Builder):
    """A build in the SAM build image, with the project at /var/task.

    The script `path_script` runs there; a build without one is refused. It gets credentials as environment variables;
    on this machine they are in no file and no argument list.
    """

    py_ver_major: int
    py_ver_minor: int
    is_arm: bool
    path_script: Path | None = None
    credentials: Credentials | None = None
    skip_prompt: bool = False
    timeout: float = field(default=1800, kw_only=True)
    """Seconds."""
    script_arguments: ClassVar[tuple[str, ...]] = ()
    """The script's arguments. Every user of the machine can read them."""

    @property
    def target(self) -> Target:
        """The Python and CPU of the build; a ProjectError for a Python that Lambda does not run."""
        return Target(f"{self.py_ver_major}.{self.py_ver_minor}", "arm64" if self.is_arm else "x86_64")

    @property
    def image_tag(self) -> str:
        """The part of `image_uri` behind the colon."""
        return self.image_uri.rpartition(":")[2]

    @property
    def image_uri(self) -> str:
        return self.target.build_image

    @property
    def container_name(self) -> str:
        """The name that the earlier packages gave the container.

        Here each container has a name of its own, so that two builds can run at the same time.
        """
        cpu = self.platform.rpartition("/")[2]
        return f"lambda_layer_builder-python{self.py_ver_major}{self.py_ver_minor}-{cpu}"

    @property
    def script_args(self) -> list[str]:
        """The script's arguments; a subclass may override them."""
        return list(self.script_arguments)

    @property
    def platform(self) -> str:
        return self.target.platform

    @property
    def handed_credentials(self) -> Mapping[str, str]:
        """The environment variables that hold the credentials in the container."""
        if self.credentials is None:
            return {}
        return {**self.credentials.environment(), "PIP_INDEX_URL": self.credentials.pip_extra_index_url}

    @property
    def job(self) -> Job:
        """The container that step 3 runs."""
        layout = self.path_layout
        mounts = [Mount(layout.dir_project_root, DIR_IN_CONTAINER, writable=True)]
        settings = {"HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}  # noqa: S108
        if authorities := certificates(os.environ):
            mounts.append(Mount(authorities.resolve(), _AUTHORITIES_IN_CONTAINER))
            settings |= certificate_settings(_AUTHORITIES_IN_CONTAINER)
        script = layout.path_build_lambda_layer_in_container_script_in_container
        return Job(
            self.image_uri,
            self.platform,
            (f"python{self.target.python_version}", script, *self.script_args),
            mounts,
            settings,
            {**handed_through(os.environ), **self.handed_credentials},
            workdir=DIR_IN_CONTAINER,
            timeout=self.timeout,
        )

    @property
    def docker_run_args(self) -> list[str]:
        """The whole command, for reading: secrets are the names of variables only.

        Step 3 runs the same, and removes the container also after an interrupt.
        """
        name = f"{NAME_PREFIX}{secrets.token_hex(8)}"
        user = [f"--user={os.getuid()}:{os.getgid()}"] if sys.platform != "win32" else []
        return [os.environ.get(PROGRAM_VARIABLE) or "docker", *self.job.arguments(name, user)]

    def step_1_preflight_check(self) -> None:
        """Check the inputs and pull the image if the engine does not have it."""
        super().step_1_preflight_check()
        _ = self._script
        engine = Engine.find()
        image = engine.image(self.image_uri)
        if image is None or image.platform != self.platform:
            self.log(f"Pull {self.image_uri}")
            engine.pull(self.image_uri, self.platform)

    def step_2_prepare_environment(self) -> None:
        self.path_layout.clean(self.skip_prompt)
        self.path_layout.mkdirs()
        self.path_layout.copy_build_script(self._script, self.log)

    def step_3_execute_build(self) -> None:
        """Run the script in the container."""
        self.log(f"Run {self._script.name} in {self.image_uri} for {self.platform}")
        Engine.find().run(self.job)

    @property
    def _script(self) -> Path:
        if self.path_script is None:
            raise ProjectError(
                "build-script-missing",
                f"{type(self).__name__} has no path_script: it is the script that runs in the container",
            )
        if not self.path_script.is_file():
            raise ProjectError(
                "build-script-missing",
                f"{self.path_script} does not exist: path_script is the script that runs in the container",
            )
        return self.path_script


BasedLambdaLayerLocalBuilder = BaseLambdaLayerLocalBuilder
BasedLambdaLayerContainerBuilder = BaseLambdaLayerContainerBuilder
