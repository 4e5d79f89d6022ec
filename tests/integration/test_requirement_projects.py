"""Projects with requirements files as teams keep them: what is chosen is what uv installs for that Python."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.installers import plain_environment, uv_installs
from tests.support.builders.uv import must, uv
from tests.support.files.sources import write_files, write_sdist, write_src_project
from tests.support.files.wheels import make_wheel, wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.index.simple_index import Index

pytestmark = pytest.mark.integration

TARGETS = (Target("3.10"), Target("3.13", "arm64"))
NATIVE = (
    *("cp310-cp310-manylinux2014_x86_64", "cp313-cp313-manylinux2014_x86_64"),
    *("cp313-cp313-manylinux2014_aarch64", "cp313-cp313-win_amd64", "cp310-cp310-manylinux2014_aarch64"),
)
REQUIRES = {
    "web": ["tools>=1", "loop ; extra == 'fast'", "backport ; python_version < '3.11'"],
    "tools": ["typing-help ; python_version < '3.12'"],
}
PYPROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["web", "num"]

[build-system]
requires = ["uv_build"]
build-backend = "uv_build"
"""


@dataclass
class Team:
    """A project's folder and its index."""

    root: Path
    index: Index
    env: dict[str, str]

    def write(self, **files: str) -> None:
        names = {name.replace("__", "/") + ".txt": text for name, text in files.items()}
        write_files(self.root, names)

    def uv(self, *arguments: str) -> str:
        return must(uv(*arguments, cwd=self.root, env=self.env))

    def compile(self, source: str) -> str:
        """Return what `uv pip compile` writes, with the hashes of all files."""
        self.write(source=source)
        options = ("--quiet", "--generate-hashes", "--universal", "--python-version=3.10")
        return self.uv("pip", "compile", *options, "source.txt")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """Serve pure and native packages, one of them in a version for each Python."""
    with running_index() as index:
        for name, version in (
            *(("web", "1.0"), ("web", "2.0"), ("tools", "1.0"), ("tools", "1.5"), ("loop", "1.0")),
            *(("backport", "1.0"), ("typing_help", "4.0"), ("plus", "1.0+cpu")),
        ):
            extras = ["fast"] if name == "web" else []
            content = wheel_bytes(name, version, requires=REQUIRES.get(name, ()), extras=extras)
            index.add(wheel_name(name, version), content)
        for tag in NATIVE:
            index.add(wheel_name("num", "1.0", tag), wheel_bytes("num", "1.0", {"num.py": tag.encode()}, tag))
        late = wheel_bytes("num", "2.0", {"num.py": b""}, NATIVE[1], requires_python=">=3.11")
        index.add(wheel_name("num", "2.0", NATIVE[1]), late)
        late = wheel_bytes("num", "2.0", {"num.py": b""}, NATIVE[2], requires_python=">=3.11")
        index.add(wheel_name("num", "2.0", NATIVE[2]), late)
        index.add("old-1.0.tar.gz", write_sdist("old", {"src/old/__init__.py": ""}))
        env = plain_environment(UV_DEFAULT_INDEX=index.simple, UV_CACHE_DIR=str(tmp_path / "cache"))
        monkeypatch.setattr("os.environ", env)
        root = write_files(tmp_path / "shop", {"pyproject.toml": PYPROJECT, "src/shop/__init__.py": ""})
        yield Team(root, index, {"UV_PYTHON_PREFERENCE": "only-system", **env})


def layered(team: Team) -> None:
    """Keep a folder of files that include each other from their own places."""
    team.write(
        requirements="-r requirements/prod.txt\n",
        requirements__prod="-r base.txt\n-c ../limits.txt\nloop\n",
        requirements__base="web  # the framework\n",
        limits="web<2\ntools==1.0\n",
    )


def locked(team: Team) -> None:
    """Compile with hashes, for all Pythons at once."""
    team.write(requirements=team.compile("web[fast]\nnum"))


def exported(team: Team) -> None:
    """Export a uv.lock, which names two versions of one package, and the project as `-e .`."""
    team.uv("lock", "--quiet", f"--python={sys.executable}")
    export = ("--quiet", "--format=requirements-txt", "--no-emit-project", f"--python={sys.executable}")
    team.write(requirements=team.uv("export", *export))
    (team.root / "uv.lock").unlink()


def frozen_on_windows(team: Team) -> None:
    """Redirect `pip freeze` in PowerShell: UTF-16, with carriage returns."""
    text = "web==2.0\r\ntools==1.5\r\ntyping_help==4.0\r\nbackport==1.0\r\n"
    (team.root / "requirements.txt").write_bytes(text.encode("utf-16"))


def vendored(team: Team) -> None:
    """Keep the wheels in the repository."""
    make_wheel(team.root / "wheels", "inner", requires=["helper"])
    make_wheel(team.root / "wheels", "helper", "3.0")
    team.write(requirements="--no-index\n--find-links wheels\ninner\n")


def monorepo(team: Team) -> None:
    """Name a library in the next folder, and a wheel by its path."""
    write_src_project(team.root.parent / "common", "common", ["tools==1.0"])
    make_wheel(team.root / "wheels", "inner")
    team.write(requirements="-e ../common\n./wheels/inner-1.0-py3-none-any.whl\n")


def by_address(team: Team) -> None:
    """Name a wheel as PyTorch's are named."""
    url = f"{team.index.url}/files/plus-1.0%2Bcpu-py3-none-any.whl"
    team.index.files["plus-1.0%2Bcpu-py3-none-any.whl"] = team.index.files["plus-1.0+cpu-py3-none-any.whl"]
    team.write(requirements=f"plus @ {url}\nweb==1.0\n")


def by_marker(team: Team) -> None:
    """Choose by Python and CPU in the file itself."""
    team.write(
        requirements="web==1.0 ; python_version < '3.11'\nweb==2.0 ; python_version >= '3.11'\n"
        "loop ; platform_machine == 'aarch64'\ntools==9 ; sys_platform == 'win32'\n"
    )


def by_source(team: Team) -> None:
    """Allow the source distribution alone."""
    team.write(requirements=team.compile("old\nloop"))


def included_hashes(team: Team) -> None:
    """Keep open names, and all versions with their hashes in a file of constraints."""
    team.write(constraints=team.compile("web\nnum"), requirements="web\nnum\ntools\n-c constraints.txt\n")
    text = (team.root / "requirements.txt").read_text()
    text += "typing_help ; python_version < '3.12'\nbackport ; python_version < '3.11'\n"
    team.write(requirements=text)


def with_an_index(team: Team) -> None:
    """Name the index by a variable, as for a private one."""
    team.env["SHOP_INDEX"] = team.index.simple
    team.write(requirements="--index-url ${SHOP_INDEX}\n--trusted-host 127.0.0.1\nweb~=1.0\n")


SHAPES = (
    *(layered, locked, exported, frozen_on_windows, vendored, monorepo, by_address, by_marker, by_source),
    *(included_hashes, with_an_index),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_shape(team: Team, shape: Callable[[Team], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same names and versions as `uv pip install --target` takes, on two Pythons and two CPUs."""
    shape(team)
    monkeypatch.setenv("SHOP_INDEX", team.index.simple)
    for target in TARGETS:
        machine = f"--python-platform={target.machine}-manylinux_2_28"
        expected = uv_installs(team.root, team.env, f"--python-version={target.python_version}", machine)
        assert expected is not None
        chosen = resolve(Project.at(team.root), target).locked
        # Of an address uv's dry run names no version, so that the local part of one is not compared.
        assert {str(file).partition("+")[0] for file in chosen if isinstance(file, LockedFile)} | {
            f"{folder.name}==1.0" for folder in chosen if isinstance(folder, LockedDirectory)
        } == expected


def build(team: Team, target: Target) -> tuple[set[str], dict[str, str]]:
    """Build the layer; return its distributions, and the findings' texts by id."""
    store = WheelStore(team.root.parent / "store")
    layer = build_layer(team.root, team.root.parent / "layer.zip", target, store=store)
    return set(layer.distributions), {finding.id: finding.text for finding in (*layer.warnings, *layer.notes)}


def test_vendored_wheels_are_in_the_layer(team: Team) -> None:
    """From their folder to the zip, without an index."""
    vendored(team)
    distributions, _ = build(team, Target("3.13"))
    assert distributions == {"helper==3.0", "inner==1.0"}


@pytest.mark.parametrize("name", ["requirements.txt", "pylock.toml"])
def test_a_dependency_that_was_left_out_is_told(team: Team, name: str) -> None:
    """With hashes such a file is refused by pip; in Lambda it would be an ImportError."""
    team.write(source="web[fast]==2.0")
    options = ("--quiet", "--generate-hashes", "--no-deps", "--python-version=3.13")
    kind = [] if name == "requirements.txt" else ["--format=pylock.toml"]
    text = team.uv("pip", "compile", *options, *kind, "source.txt")
    (team.root / name).write_text(text)
    distributions, findings = build(team, Target("3.13"))
    assert distributions == {"web==2.0"}
    assert "web needs tools, which " in findings["missing-dependency"]
    assert f"{name} does not name" in findings["missing-dependency"]
    (team.root / name).unlink()
    team.write(requirements=team.compile("web[fast]==2.0"))
    distributions, findings = build(team, Target("3.13"))
    assert distributions == {"loop==1.0", "tools==1.5", "web==2.0"}
    assert "missing-dependency" not in findings


def test_a_wheel_that_was_added_later_changes_nothing(team: Team) -> None:
    """The release gets a wheel that fits better; the file allows the older ones."""
    team.write(requirements=team.compile("loop"))
    tag = "cp313-cp313-manylinux2014_x86_64"
    team.index.add(wheel_name("loop", "1.0", tag), wheel_bytes("loop", "1.0", tag=tag))
    [file] = resolve(Project.at(team.root), Target("3.13")).locked
    assert isinstance(file, LockedFile)
    assert file.filename == "loop-1.0-py3-none-any.whl"


def test_the_source_distribution_alone_is_allowed(team: Team) -> None:
    """Where its hash is the only one, it is taken, though the index has a wheel, as pip does."""
    source = team.index.add("loop-1.0.tar.gz", write_sdist("loop", {"src/loop/__init__.py": ""}))
    team.write(requirements=f"loop==1.0 --hash=sha256:{source.sha256}\n")
    [file] = resolve(Project.at(team.root), Target("3.13")).locked
    assert isinstance(file, LockedFile)
    assert file.filename == "loop-1.0.tar.gz"


@pytest.mark.parametrize("hashed", [True, False])
def test_no_binary_is_kept(team: Team, *, hashed: bool) -> None:
    """The index has a wheel of the release, which is not taken."""
    source = team.index.add("loop-1.0.tar.gz", write_sdist("loop", {"src/loop/__init__.py": ""}))
    wheel = team.index.files["loop-1.0-py3-none-any.whl"]
    hashes = (
        f" --hash=sha256:{source.sha256} --hash=sha256:{hashlib.sha256(wheel).hexdigest()}" if hashed else ""
    )
    team.write(requirements=f"--no-binary loop\n--index-url {team.index.simple}\nloop==1.0{hashes}\n")
    [file] = resolve(Project.at(team.root), Target("3.13")).locked
    assert isinstance(file, LockedFile)
    assert file.filename == "loop-1.0.tar.gz"


def test_an_export_with_the_project_needs_no_option(team: Team) -> None:
    """`uv export` writes `-e .` beside hashes; pip refuses that, and no layer holds the project."""
    team.uv("lock", "--quiet", f"--python={sys.executable}")
    text = team.uv("export", "--quiet", "--format=requirements-txt", f"--python={sys.executable}")
    (team.root / "uv.lock").unlink()
    team.write(requirements=text)
    assert "-e ." in text
    assert "--hash" in text
    chosen = {file.name for file in resolve(Project.at(team.root), Target("3.13")).locked}
    assert chosen - {"shop"} == {"num", "tools", "web"}


REMEDIES = {
    "hash-missing": ("web==2.0 --hash=sha256:" + "0" * 64 + "\ntools\n", "export the file again with hashes"),
    "hash-not-allowed": (
        "web==2.0 --hash=sha256:" + "0" * 64 + "\n",
        "find out why before you export it again",
    ),
}


@pytest.mark.parametrize("error", REMEDIES)
def test_the_remedy_helps(team: Team, error: str) -> None:
    """To export the file again with hashes gives a layer."""
    text, remedy = REMEDIES[error]
    team.write(requirements=text)
    with pytest.raises(ProjectError) as caught:
        resolve(Project.at(team.root), Target("3.13"))
    assert caught.value.id == error
    assert remedy in str(caught.value)
    team.write(requirements=team.compile("web==2.0\ntools"))
    assert len(resolve(Project.at(team.root), Target("3.13")).locked) == 2
