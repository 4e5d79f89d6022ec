"""Every spelling of a requirements file is read as pip and uv read it, or refused by name."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.builders.installers import Installed, pip_installs, plain_environment, uv_installs
from tests.support.files.requirement_spellings import SPELLINGS, Spelling
from tests.support.files.sources import write_files, write_sdist
from tests.support.files.wheels import make_wheel, wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.index.simple_index import Index

pytestmark = pytest.mark.integration

TARGET = Target(f"{sys.version_info.major}.{sys.version_info.minor}")
BACKEND = """\
import shutil


def build_wheel(folder, settings=None, metadata=None):
    name = "{name}-1.0-py3-none-any.whl"
    shutil.copy(name, folder)
    return name


build_editable = build_wheel
"""
PROJECT = """\
[project]
name = "{name}"
version = "1.0"
dependencies = ["other"]

[project.optional-dependencies]
more = ["demo"]

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@dataclass
class Verdicts:
    """What the three make of each spelling."""

    ours: Mapping[str, Installed | str]
    """Distributions, or the text of the refusal."""
    pip: Mapping[str, Installed]
    uv: Mapping[str, Installed]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def stock(index: Index, extra: Index) -> dict[str, str]:
    """Fill two indexes and return the values that the spellings name."""
    requires = {"app": ["other", "demo ; extra == 'more'"]}
    hashes = {}
    for name, version in (
        *(("demo", "1.0"), ("demo", "2.0"), ("other", "1.0"), ("app", "1.0"), ("two_words", "1.0")),
        *(("early", "1.0"), ("early", "2.0a1"), ("both", "1.0")),
    ):
        extras = ["more"] if name in requires else []
        content = wheel_bytes(name, version, requires=requires.get(name, ()), extras=extras)
        hashes[name + version] = index.add(wheel_name(name, version), content).sha256
    source = index.add("both-1.0.tar.gz", write_sdist("both", {"both.py": ""})).sha256
    for name, version in (("demo", "9.0"), ("onlyextra", "1.0")):
        extra.add(wheel_name(name, version), wheel_bytes(name, version))
    return {
        "A": hashes["demo1.0"],
        "A63": hashes["demo1.0"][:63],
        "B": hashes["demo2.0"],
        "S": source,
        "W": "d" * 64,
        "Z": "z" * 64,
        "L": sha256(wheel_bytes("linked")),
        "INDEX": index.simple,
        "EXTRA": extra.simple,
        "FILES": f"{index.url}/files",
    }


def plant(folder: Path, spelling: Spelling, values: Mapping[str, str]) -> Path:
    """Write a project with the requirements of one spelling."""
    for name, place in (("shop", folder), ("local", folder / "local")):
        write_files(
            place, {"pyproject.toml": PROJECT.format(name=name), "backend.py": BACKEND.format(name=name)}
        )
        make_wheel(place, name, requires=["other", "demo ; extra == 'more'"], extras=["more"])
    make_wheel(folder / "links", "linked")
    make_wheel(folder, "linked")
    texts = {
        "a b": "demo==1.0",
        "con": "demo==1.0",
        "hashed": "demo==1.0 --hash=sha256:{A}",
        "more": "other==1.0",
        "nested": "-r con.txt",
        "unnamed": "./local",
        "wrong": "demo==1.0 --hash=sha256:{W}",
    }
    values = {**values, "HERE_URL": folder.as_uri(), "LINKS_URL": (folder / "links").as_uri()}
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(fill(text, values))
    content = fill(spelling.text, values).encode(spelling.encoding)
    (folder / "requirements.txt").write_bytes(content)
    return folder


def fill(text: str, values: Mapping[str, str]) -> str:
    text = text.replace("{A!u}", values["A"].upper())
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text.replace("{{", "{").replace("}}", "}")


def ours(folder: Path) -> Installed | str:
    try:
        locked = resolve(Project.at(folder), TARGET).locked
    except ArtifactError as error:
        return str(error)
    return frozenset(
        f"{file.name}=={file.version if isinstance(file, LockedFile) else '1.0'}" for file in locked
    )


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdicts]:
    """Ask all three about all spellings, with one index that each finds by its default."""
    root = tmp_path_factory.mktemp("spellings")
    with running_index() as index, running_index() as extra, pytest.MonkeyPatch.context() as patch:
        values = stock(index, extra)
        folders = {
            spelling.name: plant(root / f"s{number}", spelling, values)
            for number, spelling in enumerate(SPELLINGS)
        }
        here = root / "here"
        write_files(here, {"more.txt": "other==1.0\n"})
        env = plain_environment(UV_DEFAULT_INDEX=index.simple, PIP_INDEX_URL=index.simple, HERE=str(here))
        patch.setattr("os.environ", env | {"UV_CACHE_DIR": str(root / "cache")})
        with ThreadPoolExecutor(2) as threads:
            uv = threads.map(partial(uv_installs, env=env), folders.values())
            pip = threads.submit(pip_installs, list(folders.values()), env).result()
            yield Verdicts(
                {name: ours(folder) for name, folder in folders.items()},
                {name: pip[folder] for name, folder in folders.items()},
                dict(zip(folders, uv, strict=True)),
            )


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling.name)
def test_a_spelling(verdicts: Verdicts, spelling: Spelling) -> None:
    """The same distributions as a tool installs, or one line; nothing is built that both tools refuse."""
    verdict, pip, uv = (row[spelling.name] for row in (verdicts.ours, verdicts.pip, verdicts.uv))
    if isinstance(verdict, str):
        assert spelling.gives[:1] == "!", verdict
        assert spelling.gives[1:] in verdict
        assert "\n" not in verdict
        assert len(verdict) < 500
        assert spelling.alone or None in (pip, uv)
    else:
        assert spelling.gives[:1] != "!", verdict
        assert verdict == frozenset(spelling.gives.split())
        # The project itself is never in its layer.
        assert {verdict, verdict | {"shop==1.0"}} & {pip, uv}
