"""No test sees the real AWS, the user's wheel store, or what an earlier run left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from constructs_lib.core import progress
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.index import http_session
from constructs_lib.core.inspect import slim_proof, smoke
from constructs_lib.core.inspect.runtime_dates import NEAR
from constructs_lib.core.invoke import function_process
from tests.support.library_log import unchanged_log
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.support.browser", "tests.support.builders.docker"]

# jsii starts `node` when a test file is imported, so before any fixture: the one that the project brings.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# To start CDK's own checker of templates takes each program two seconds; tests/integration/test_nag.py runs it.
os.environ["CDK_VALIDATION"] = "false"
# Unpacking CDK anew for each home folder takes many seconds and proves nothing.
os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] = str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache")

# The same examples in every run: a failure that nobody can repeat helps nobody.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("few", settings.get_profile("suite"), max_examples=10)  # for `make pythons`
settings.load_profile("suite")


# Where there are few cores, tests that wait for other programs leave time to one more process.
_PROCESSES = 4


def pytest_xdist_auto_num_workers() -> int:
    """Answer `--numprocesses=auto`."""
    return min(_PROCESSES, (os.cpu_count() or 1) + 1)


# Whole files go to a process (`--dist=loadfile`), so that what a file shares is set up once. These take longest, by
# far; they go first, so that no process is left alone with one of them at the end.
_LONG = (
    "tests/integration/test_deployments.py",
    "tests/integration/test_same_bytes.py",
    "tests/integration/test_builders.py",
    "tests/integration/test_workloads.py",
    "tests/integration",
    "tests/tools",
    "tests/test_docs.py",
    "tests/cdk",
)


# Tables of many shapes of one truth, each shape with real tools. `make test` takes every fifth row; `make wide` the others.
_WIDE = (
    *("test_stale_shapes.py", "test_poetry_shapes.py", "test_pdm_pipenv.py", "test_lock_remedies.py"),
    *("test_requirement_projects.py", "test_build_failures.py", "test_lock_conformance.py"),
    *("test_pylock_conformance.py", "test_function_workloads.py", "test_backends.py", "test_source_routes.py"),
    *("test_builders.py", "test_backend_requirements.py"),
)
_SHARE = 5


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the rows that take long; put long files first where several processes share the tests."""
    rows: Counter[str] = Counter()
    for item in items:
        if item.path.name in _WIDE and hasattr(item, "callspec") and not item.get_closest_marker("docker"):
            name = item.nodeid.partition("[")[0]
            if rows[name] % _SHARE:
                item.add_marker("wide")
            rows[name] += 1
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: next(_ranks(item.nodeid)))


def _ranks(nodeid: str) -> Iterator[int]:
    yield from (rank for rank, start in enumerate(_LONG) if nodeid.startswith(start))
    yield len(_LONG)


@pytest.fixture(scope="session", autouse=True)
def _signals_as_in_a_terminal() -> None:
    """Ignored signals are inherited: by `nohup` and background jobs of a script, but not by what is tested here."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


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
    """Set up the wheel store that everything here uses by default: each file is downloaded once."""
    root = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSTRUCTS_LIB_STORE", str(root))
        patch.setenv("CONSTRUCTS_LIB_STORE_KEY", "a key of the tests, not the user's")
        yield root


@pytest.fixture(scope="session", autouse=True)
def _a_day_without_ends() -> Iterator[None]:
    """Runtimes end: a test that finds no warning today would find one next year."""
    ends = [runtime.end.deprecated for runtime in RUNTIMES.values() if runtime.end]
    day = min(ends) - NEAR - timedelta(days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("constructs_lib.core.layer.build_layer.current_day", lambda: day)
        yield


@pytest.fixture(scope="session", autouse=True)
def _limits_that_a_busy_machine_keeps() -> Iterator[None]:
    """Set limits and notices that depend on the time so far away that no test meets them by chance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "PATIENCE", PATIENCE)
        patch.setattr(http_session, "TIMEOUT", (PATIENCE, PATIENCE))
        patch.setattr(function_process, "INIT_LIMIT", PATIENCE)
        patch.setattr(function_process, "_LAST_LINES", PATIENCE)
        patch.setattr(smoke, "TIME_LIMIT", PATIENCE)
        patch.setattr(slim_proof, "PROOF_LIMIT", 2 * PATIENCE)
        yield


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    with unchanged_log():
        yield
