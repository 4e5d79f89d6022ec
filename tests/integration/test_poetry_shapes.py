"""What is chosen from a poetry.lock is what `poetry install` installs, for projects of many shapes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedFile, LockOptions
from constructs_lib.core.lock.poetry_lock import content_hash
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.files.sources import write_files
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.forked_poetry import poetry_program
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
HEAD = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10,<4"\n'
OLD = '[tool.poetry]\nname = "shop"\nversion = "1"\ndescription = ""\nauthors = []\n'
PLAIN = "[tool.poetry]\npackage-mode = false\n"
REQUIRES = {
    ("aa", "1.0"): (),
    ("aa", "2.0"): ("dd; python_version < '3.20'", "ee; sys_platform == 'win32'"),
    ("bb", "1.0"): ("cc[fast]",),
    ("cc", "1.0"): ("dd; extra == 'fast'", "ee; extra == 'slow'"),
    ("dd", "1.0"): (),
    ("ee", "1.0"): (),
}


class Shape(NamedTuple):
    """A pyproject.toml, and the parts to choose."""

    toml: str
    choices: tuple[LockOptions, ...] = (LockOptions(),)


def extras(*names: str) -> LockOptions:
    return LockOptions(extras=names)


def groups(*names: str) -> LockOptions:
    return LockOptions(groups=names)


SHAPES = {
    "project": Shape(f'{HEAD}dependencies = ["aa", "bb"]\n{PLAIN}'),
    "project-extras": Shape(
        f'{HEAD}dependencies = ["aa"]\n[project.optional-dependencies]\nFast_One = ["bb"]\nother = ["ee", "dd"]\n{PLAIN}',
        (LockOptions(), extras("fast-one"), extras("other"), extras("fast-one", "other")),
    ),
    "project-groups": Shape(
        f'{HEAD}dependencies = ["aa==1.0"]\n{PLAIN}'
        '[tool.poetry.group.web.dependencies]\nbb = "*"\n[tool.poetry.group.ops]\noptional = true\n'
        '[tool.poetry.group.ops.dependencies]\nee = "*"\ndd = { version = "*", markers = "sys_platform == \'win32\'" }\n',
        (
            LockOptions(),
            groups("web"),
            groups("ops"),
            LockOptions(only_groups=("ops",)),
            groups("ops", "web"),
        ),
    ),
    "standard-groups": Shape(
        f'{HEAD}dependencies = ["aa==1.0"]\n[dependency-groups]\nweb = ["bb"]\nall = [{{ include-group = "web" }}, "ee"]\n{PLAIN}',
        (LockOptions(), groups("web"), groups("all"), LockOptions(only_groups=("all",))),
    ),
    "markers": Shape(
        f"{HEAD}dependencies = [\"aa; python_version < '3.10'\", \"bb; sys_platform == 'linux'\", "
        f"\"ee; platform_machine == 'x86_64'\"]\n{PLAIN}"
    ),
    "one-package-in-two-versions": Shape(
        f"{HEAD}dependencies = [\"aa==1.0; python_version < '{HERE}'\", \"aa==2.0; python_version >= '{HERE}'\"]\n{PLAIN}"
    ),
    "one-package-in-two-groups": Shape(
        f"{HEAD}dependencies = [\"ee; sys_platform == 'win32'\"]\n{PLAIN}"
        '[tool.poetry.group.web.dependencies]\nee = { version = "*", markers = "sys_platform == \'linux\'" }\naa = "*"\n',
        (groups("web"), LockOptions(only_groups=("web",))),
    ),
    "old": Shape(
        f'{OLD}package-mode = false\n[tool.poetry.dependencies]\npython = "^3.10"\naa = "^1.0"\nbb = "*"\n'
    ),
    "old-extras": Shape(
        f'{OLD}package-mode = false\n[tool.poetry.dependencies]\npython = "^3.10"\naa = "^1.0"\n'
        'bb = { version = "*", optional = true }\nee = { version = "*", optional = true }\n'
        '[tool.poetry.extras]\nfast = ["bb"]\nslow = ["bb", "ee"]\n',
        (LockOptions(), extras("fast"), extras("slow")),
    ),
    "old-dev": Shape(
        f'{OLD}package-mode = false\n[tool.poetry.dependencies]\npython = "^3.10"\naa = "1.0"\n'
        '[tool.poetry.dev-dependencies]\nbb = "*"\n',
        (LockOptions(), groups("dev"), LockOptions(only_groups=("dev",))),
    ),
    "path": Shape(
        f'{HEAD}dependencies = ["lib"]\n{PLAIN}[tool.poetry.dependencies]\nlib = {{ path = "../lib", develop = true }}\n'
    ),
    "alternatives-of-python": Shape(
        f'{OLD}package-mode = false\n[tool.poetry.dependencies]\npython = "~3.9 || ^3.10"\n'
        'aa = [{ version = "1.0", python = "<3.10" }, { version = "2.0", python = ">=3.10" }]\n'
    ),
    "dynamic": Shape(
        '[project]\nname = "shop"\ndynamic = ["version", "dependencies"]\nrequires-python = ">=3.10,<4"\n'
        '[tool.poetry]\nversion = "1"\npackage-mode = false\n[tool.poetry.dependencies]\naa = "*"\nbb = { version = "*", extras = ["none"] }\n'
    ),
}


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as index:
        for (name, version), requires in REQUIRES.items():
            content = wheel_bytes(name, version, {f"{name}.py": b""}, requires=requires)
            index.add(wheel_name(name, version), content)
        yield index


def poetry(folder: Path, *arguments: str) -> str:
    env = {
        **os.environ,
        "POETRY_VIRTUALENVS_CREATE": "false",
        "POETRY_CACHE_DIR": str(folder.parent / "cache"),
    }
    command = [str(poetry_program()), *arguments, "--no-interaction", "--no-ansi"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def installed(folder: Path, options: LockOptions) -> list[str]:
    """Return what `poetry install` would install, as `name version`."""
    chosen = [f"--extras={name}" for name in options.extras]
    chosen += [f"--only={','.join(options.only_groups or ('main', *options.groups))}"]
    answer = poetry(folder, "install", "--dry-run", "--no-root", *chosen)
    return sorted(
        " ".join(match) for match in re.findall(r"- Installing (\S+) \(([^ )]+)[^)]*\)(?!.*Skipped)", answer)
    )


def chosen(folder: Path, options: LockOptions, store: WheelStore) -> list[str]:
    packages = resolve(Project.at(folder), Target(HERE), options, store).locked
    return sorted(
        f"{package.name} {package.version if isinstance(package, LockedFile) else '1.0'}"
        for package in packages
    )


@pytest.mark.parametrize("name", SHAPES)
def test_what_poetry_installs_is_chosen(
    name: str, tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Poetry, and where its pages are known once, without an index too."""
    source = f'[[tool.poetry.source]]\nname = "here"\nurl = "{index.simple}/"\npriority = "primary"\n'
    lib = f'{HEAD.replace("shop", "lib").replace("1", "1.0", 1)}dependencies = ["bb"]\n'
    write_files(
        tmp_path,
        {
            "shop/pyproject.toml": SHAPES[name].toml + source,
            "lib/pyproject.toml": lib.replace('version = "1"', 'version = "1.0"'),
            "lib/lib.py": "",
        },
    )
    folder, store = tmp_path / "shop", WheelStore(tmp_path / "store")
    poetry(folder, "lock")
    wanted = {options: installed(folder, options) for options in SHAPES[name].choices}
    monkeypatch.setitem(sys.modules, "constructs_lib.core.lock.poetry_tool", None)
    for _ in range(2):
        index.asked.clear()
        assert {options: chosen(folder, options, store) for options in SHAPES[name].choices} == wanted
    assert any(wanted.values())
    assert sum(index.asked.values()) == 0


def downgraded(lock: str, version: str) -> str:
    """Return a lock as Poetry 1 wrote it: no groups and markers, and before 2.0 all files in one table."""
    lock = re.sub(r"^(groups|markers) = .*\n", "", lock, flags=re.MULTILINE)
    lock = lock.replace('lock-version = "2.1"', f'lock-version = "{version}"')
    if version < "2":
        names = re.findall(r'^name = "(.+)"$', lock, re.MULTILINE)
        files = re.findall(r"^files = (\[\n(?:.*\n)*?\])$", lock, re.MULTILINE)
        lock = re.sub(r"^files = \[\n(?:.*\n)*?\]\n", "", lock, flags=re.MULTILINE)
        rows = "".join(f"{name} = {rows}\n" for name, rows in zip(names, files, strict=True))
        lock += f"\n[metadata.files]\n{rows}"
    return lock


@pytest.mark.parametrize("version", ["2.0", "1.1", "1.0"])
def test_an_older_lock_is_exported_by_poetry(version: str, tmp_path: Path, index: Index) -> None:
    """Its schema has no groups; Poetry finds them out. A full store needs no second answer of Poetry."""
    source = f'[[tool.poetry.source]]\nname = "here"\nurl = "{index.simple}/"\npriority = "primary"\n'
    shape = SHAPES["old-dev"]
    write_files(tmp_path, {"shop/pyproject.toml": shape.toml + source})
    folder, store = tmp_path / "shop", WheelStore(tmp_path / "store")
    poetry(folder, "lock")
    wanted = {options: installed(folder, options) for options in shape.choices}
    path = folder / "poetry.lock"
    path.write_text(downgraded(path.read_text(), version))
    for _ in range(2):
        index.asked.clear()
        assert {options: chosen(folder, options, store) for options in shape.choices} == wanted
    assert sum(index.asked.values()) == 0


def test_an_older_lock_that_poetry_cannot_export_gets_a_remedy_that_keeps_versions(
    tmp_path: Path, index: Index
) -> None:
    """`poetry lock` of Poetry 2 writes the schema that is read directly; a newer release is not taken."""
    source = f'[[tool.poetry.source]]\nname = "here"\nurl = "{index.simple}/"\npriority = "primary"\n'
    pinned = f'{HEAD}dependencies = ["aa==1.0", "bb"]\n{PLAIN}{source}'
    write_files(tmp_path, {"shop/pyproject.toml": pinned})
    folder, store = tmp_path / "shop", WheelStore(tmp_path / "store")
    poetry(folder, "lock")
    path, pyproject = folder / "poetry.lock", folder / "pyproject.toml"
    pyproject.write_text(pinned.replace("aa==1.0", "aa"))
    old = downgraded(path.read_text(), "2.0").replace('name = "cc"', 'name = "xx"')
    path.write_text(
        re.sub(r'content-hash = ".*"', f'content-hash = "{content_hash(Project(folder).pyproject)}"', old)
    )
    with pytest.raises(
        ProjectError, match=r"schema 2\.0, which Poetry does not export \(.*\)\. Run 'poetry lock'"
    ) as error:
        chosen(folder, LockOptions(), store)
    assert error.value.id == "lock-too-old"
    path.write_text(path.read_text().replace('name = "xx"', 'name = "cc"'))
    poetry(folder, "lock")
    assert "aa 1.0" in chosen(folder, LockOptions(), store)


def test_a_stale_lock_is_refused_until_poetry_made_it_again(tmp_path: Path, index: Index) -> None:
    source = f'[[tool.poetry.source]]\nname = "here"\nurl = "{index.simple}/"\npriority = "primary"\n'
    text = f'{HEAD}dependencies = ["aa"]\n{PLAIN}{source}'
    write_files(tmp_path, {"shop/pyproject.toml": text})
    folder, store = tmp_path / "shop", WheelStore(tmp_path / "store")
    poetry(folder, "lock")
    (folder / "pyproject.toml").write_text(text.replace('["aa"]', '["bb"]'))
    before = (folder / "poetry.lock").read_bytes()
    with pytest.raises(
        ProjectError, match=r"poetry\.lock is stale: .* Run 'poetry lock' in .*shop and commit"
    ):
        chosen(folder, LockOptions(), store)
    assert (folder / "poetry.lock").read_bytes() == before
    poetry(folder, "lock")
    assert "bb 1.0" in chosen(folder, LockOptions(), store)
