"""The settings of uv that reach a build, and those that do not."""

from __future__ import annotations

import pwd
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.wheels.build_settings import build_variables, is_closed, uv_settings, uv_size
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person without settings."""
    for name in ("UV_CONFIG_FILE", "XDG_CONFIG_DIRS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "UV_INDEX_URL",
            "UV_DEFAULT_INDEX",
            "UV_BUILD_CONSTRAINT",
            "UV_CONSTRAINT",
            "UV_FIND_LINKS",
            "UV_NO_CONFIG",
        ),
        *(
            "UV_CONFIG_FILE",
            "UV_NO_BUILD_ISOLATION",
            "UV_EXCLUDE_NEWER",
            "UV_PRERELEASE",
            "UV_NO_SOURCES",
            "UV_NEW",
        ),
        *(
            "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_PKG",
            "SETUPTOOLS_SCM_OVERRIDES_FOR_X",
            "PBR_VERSION",
            "HATCH_BUILD_X",
        ),
        *(
            "PDM_BUILD_SCM_VERSION",
            "UV_DYNAMIC_VERSIONING_BYPASS",
            "POETRY_DYNAMIC_VERSIONING_BYPASS",
            "PYTHONPATH",
        ),
    ],
)
def test_a_variable_that_counts(name: str) -> None:
    assert build_variables({name: "a"}) != build_variables({name: "b"}) != build_variables({})


@pytest.mark.parametrize(
    "name",
    [
        *(
            "UV_CACHE_DIR",
            "UV_HTTP_TIMEOUT",
            "UV_LINK_MODE",
            "UV_CONCURRENT_DOWNLOADS",
            "UV_PYTHON_DOWNLOADS",
        ),
        *(
            "UV_INDEX_CORP_PASSWORD",
            "UV_INDEX_CORP_USERNAME",
            "UV_FROZEN",
            "UV_WORKING_DIR",
            "PATH",
            "GIT_DIR",
        ),
    ],
)
def test_a_variable_that_does_not_count(name: str) -> None:
    """Where uv works, how it downloads, who somebody is, and what a build does not get."""
    assert build_variables({name: "a"}) == []


def test_a_login_does_not_count() -> None:
    """A token is another each day; the index is the same."""
    one, two = ("https://aws:token1@host/simple/", "https://aws:token2@host/simple/")
    assert build_variables({"UV_INDEX": f"corp={one}"}) == build_variables({"UV_INDEX": f"corp={two}"})
    assert "token1" not in str(build_variables({"UV_INDEX": f"corp={one}"}))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "repo/app/pyproject.toml",
            "repo/app/uv.toml",
            "repo/lib/pyproject.toml",
            "repo/pyproject.toml",
            "repo/uv.toml",
        ),
        *("home/.config/uv/uv.toml", "home/.pydistutils.cfg", "xdg/uv/uv.toml", "named.toml"),
    ],
)
def test_each_place_of_settings_counts(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the project that builds, of the one that is built, of a workspace above them, of the person."""
    root = home.parent
    monkeypatch.setenv("UV_CONFIG_FILE", str(root / "named.toml"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{root}/none:{root}/xdg")
    folders = (root / "repo" / "app", root / "repo" / "lib")
    before = uv_settings(folders)
    write_files(root, {name: '[tool.uv]\nbuild-constraint-dependencies = ["hatchling<1.27"]\n'})
    assert uv_settings(folders) != before


def test_an_invalid_file_hides_no_other_one(home: Path) -> None:
    """Where both are, `uv.toml` is the one that holds."""
    app = write_files(home.parent / "app", {"pyproject.toml": "x = [", "uv.toml": 'index-strategy = "x"\n'})
    assert b'index-strategy = "x"\n' in uv_settings([app])


def test_a_user_without_a_home_has_no_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a number: neither a variable nor an entry of the system names a folder."""

    def no_entry(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    app = write_files(home.parent / "app", {"uv.toml": "a = 1\n"})
    assert b"a = 1\n" in uv_settings([app])


def test_other_tables_do_not_count(home: Path) -> None:
    app = home.parent / "app"
    write_files(app, {"pyproject.toml": '[tool.uv]\nindex-strategy = "x"\n[tool.ruff]\nline-length = 1\n'})
    before = uv_settings([app])
    write_files(app, {"pyproject.toml": '[tool.uv]\nindex-strategy = "x"\n[tool.ruff]\nline-length = 2\n'})
    assert uv_settings([app, None]) == before


@pytest.mark.parametrize(
    ("settings", "environment"),
    [
        ([{"no-build-isolation": True}], {}),
        ([{"no-build-isolation-package": ["pkg"]}], {}),
        ([{"extra-build-dependencies": {"pkg": ["torch"]}}], {}),
        ([b'no-build-isolation-package = ["pkg"]'], {}),
        ([{"sources": {"Hatchling": {"path": "../hatchling"}}}], {}),
        ([], {"UV_NO_BUILD_ISOLATION": "1"}),
    ],
)
def test_a_build_that_takes_what_no_key_names(settings: list[object], environment: dict[str, str]) -> None:
    """The packages of the environment around it, or a backend in a folder: it is built each time."""
    assert not is_closed(settings, {"hatchling"}, environment)


def test_a_build_whose_key_names_all() -> None:
    settings: list[object] = [
        None,
        b'index-url = "https://index.example"',
        {"sources": {"other": {"path": "x"}}, "build-constraint-dependencies": ["hatchling<2"]},
        {"no-build-isolation": False, "config-settings": {"a": "b"}},
    ]
    assert is_closed(settings, {"hatchling"}, {"UV_NO_BUILD_ISOLATION": "0"})


def test_another_uv_is_another_size() -> None:
    """Its own backend is a part of it."""
    assert uv_size() > 1_000_000
