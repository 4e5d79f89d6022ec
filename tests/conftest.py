"""No test sees the real AWS, the user's wheel store, or what an earlier run left behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.library_log import unchanged_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["tests.support.browser", "tests.support.builders.docker"]

# The same examples in every run: a failure that nobody can repeat helps nobody.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("suite")


# What is dear to set up is set up in one process: a Docker daemon, and the workloads' 250 MB. Two files look
# for a password in the arguments of every process, after they have proved that they would see it there.
_TOGETHER = {
    "test_workloads.py": "workloads",
    "test_same_bytes.py": "workloads",
    "test_canary.py": "docker",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file stay in one process."""
    for item in items:
        group = (
            "docker" if item.get_closest_marker("docker") else _TOGETHER.get(item.path.name, str(item.path))
        )
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("AWS_"):
                patch.delenv(name)
        # Several tests share few cores: what takes long is not broken yet.
        for name in ("PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT", "POETRY_REQUESTS_TIMEOUT"):
            patch.setenv(name, "120")
        nowhere = tmp_path_factory.mktemp("aws")
        patch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def session_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of the wheel store that everything here uses by default: each file is downloaded once."""
    root = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSTRUCTS_LIB_STORE", str(root))
        yield root


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    with unchanged_log():
        yield
