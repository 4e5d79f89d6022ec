"""The builders as plain functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.compat.builders.by_tool import (
    PipBasedLambdaLayerContainerBuilder,
    PipBasedLambdaLayerLocalBuilder,
    PoetryBasedLambdaLayerContainerBuilder,
    PoetryBasedLambdaLayerLocalBuilder,
    UvBasedLambdaLayerContainerBuilder,
    UvBasedLambdaLayerLocalBuilder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials


def build_layer_artifacts_using_pip_in_local(
    path_pyproject_toml: Path,
    credentials: Credentials | None = None,
    skip_prompt: bool = False,
    *,
    python: str | Path | None = None,
) -> None:
    """Install the packages of requirements.txt into `artifacts/python`, for the interpreter `python` or the running one."""
    PipBasedLambdaLayerLocalBuilder(path_pyproject_toml, credentials, skip_prompt, python=python).run()


def build_layer_artifacts_using_pip_in_container(
    path_pyproject_toml: Path,
    py_ver_major: int,
    py_ver_minor: int,
    is_arm: bool,
    credentials: Credentials | None = None,
    *,
    skip_prompt: bool = False,
) -> None:
    """Install the packages of requirements.txt into `artifacts/python`, in the SAM build image of that Python and CPU."""
    PipBasedLambdaLayerContainerBuilder(
        path_pyproject_toml,
        py_ver_major,
        py_ver_minor,
        is_arm,
        credentials=credentials,
        skip_prompt=skip_prompt,
    ).run()


def build_layer_artifacts_using_poetry_in_local(
    path_pyproject_toml: Path,
    credentials: Credentials | None = None,
    skip_prompt: bool = False,
    *,
    python: str | Path | None = None,
) -> None:
    """Install the packages of poetry.lock into `artifacts/python`, for the interpreter `python` or the running one."""
    PoetryBasedLambdaLayerLocalBuilder(path_pyproject_toml, credentials, skip_prompt, python=python).run()


def build_layer_artifacts_using_poetry_in_container(
    path_pyproject_toml: Path,
    py_ver_major: int,
    py_ver_minor: int,
    is_arm: bool,
    credentials: Credentials | None = None,
    *,
    skip_prompt: bool = False,
) -> None:
    """Install the packages of poetry.lock into `artifacts/python`, in the SAM build image of that Python and CPU."""
    PoetryBasedLambdaLayerContainerBuilder(
        path_pyproject_toml,
        py_ver_major,
        py_ver_minor,
        is_arm,
        credentials=credentials,
        skip_prompt=skip_prompt,
    ).run()


def build_layer_artifacts_using_uv_in_local(
    path_pyproject_toml: Path,
    credentials: Credentials | None = None,
    skip_prompt: bool = False,
    *,
    python: str | Path | None = None,
) -> None:
    """Install the packages of uv.lock into `artifacts/python`, for the interpreter `python` or the running one."""
    UvBasedLambdaLayerLocalBuilder(path_pyproject_toml, credentials, skip_prompt, python=python).run()


def build_layer_artifacts_using_uv_in_container(
    path_pyproject_toml: Path,
    py_ver_major: int,
    py_ver_minor: int,
    is_arm: bool,
    credentials: Credentials | None = None,
    *,
    skip_prompt: bool = False,
) -> None:
    """Install the packages of uv.lock into `artifacts/python`, in the SAM build image of that Python and CPU."""
    UvBasedLambdaLayerContainerBuilder(
        path_pyproject_toml,
        py_ver_major,
        py_ver_minor,
        is_arm,
        credentials=credentials,
        skip_prompt=skip_prompt,
    ).run()
