"""Git dependencies of the real tools: the wheels that uv makes of the same commits, by the person's own access."""

from __future__ import annotations

import base64
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system import process
from constructs_lib.core.target import Target
from tests.support.builders.uv import must, uv
from tests.support.files.repositories import ALLOW_FILE, SCM_TOML, Repository, package_files
from tests.support.files.wheels import unpacked
from tests.support.index.git_server import running_git_server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.layer.artifact import LayerArtifact

pytestmark = pytest.mark.integration

TARGET = Target("3.12")
PYPROJECT = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.10,<3.15"
dependencies = [{dependencies}]

[tool.uv]
package = false

[tool.poetry]
package-mode = false
"""
SECRET = "hunter2hunter2"
# What an installer writes beside the files of a wheel, and what a layer leaves out.
INSTALLERS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")


@pytest.fixture
def mono(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Return a repository with three projects, a submodule and a tag; it has moved on since then."""
    Repository.made(tmp_path / "shared", {"table.txt": "shared\n"})
    repository = Repository.made(
        tmp_path / "mono",
        {
            **package_files("outer"),
            **package_files("inner", "packages/inner/"),
            "packages/versioned/pyproject.toml": SCM_TOML.format(name="versioned", root="../.."),
            "packages/versioned/versioned/__init__.py": "",
        },
    )
    repository.git("submodule", "--quiet", "add", "../shared", "packages/inner/src/inner/shared")
    repository.commit()
    repository.tag("v1.0")
    repository.commit({"src/outer/second.py": ""})
    for name, value in ALLOW_FILE.items():
        monkeypatch.setenv(name, value)
    return repository


def write_app(root: Path, dependencies: Mapping[str, str]) -> Path:
    """Write a project with these requirements by name."""
    root.mkdir()
    listed = ", ".join(f'"{name} @ {place}"' for name, place in dependencies.items())
    (root / "pyproject.toml").write_text(PYPROJECT.format(dependencies=listed))
    return root


def run(folder: Path, *command: str) -> str:
    return process.run([process.find_tool(command[0]), *command[1:]], cwd=folder)


def lock(folder: Path) -> None:
    must(uv("lock", "--quiet", f"--python={sys.executable}", cwd=folder))


def export(folder: Path, form: str) -> str:
    options = ("--frozen", "--quiet", "--no-emit-project", "--no-header", "--no-hashes", "--no-annotate")
    return must(uv("export", *options, f"--format={form}", cwd=folder))


def build(app: Path, store: Path) -> LayerArtifact:
    return build_layer(app, app.parent / f"{app.name}.zip", TARGET, store=WheelStore(store))


def layer_files(app: Path) -> dict[str, bytes]:
    return {
        name.removeprefix("python/"): content
        for name, (content, _) in unpacked(app.parent / f"{app.name}.zip").items()
    }


def installed(requirements: str, folder: Path) -> dict[str, bytes]:
    """Return the files that uv installs of a requirements file."""
    (folder.parent / "installed.txt").write_text(requirements)
    must(
        uv(
            *("pip", "install", "--quiet", "--target", folder, "-r", "installed.txt"),
            f"--python={sys.executable}",
            cwd=folder.parent,
        )
    )
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (*INSTALLERS, ".lock") and path.suffix != ".pyc"
    }


def test_each_lock_gives_what_uv_installs(mono: Repository, tmp_path: Path) -> None:
    """uv.lock, pylock.toml and a requirements.txt of commits: tag and branch as they were locked, byte for byte."""
    app = write_app(
        tmp_path / "app",
        {
            "inner": f"git+{mono.url}@v1.0#subdirectory=packages/inner",
            "outer": f"git+{mono.url}@main",
            "versioned": f"git+{mono.url}#subdirectory=packages/versioned",
        },
    )
    lock(app)
    requirements = export(app, "requirements.txt")
    for name, text in (("pylock", export(app, "pylock.toml")), ("requirements", requirements)):
        other = write_app(tmp_path / name, {})
        (other / f"{name}.{'toml' if name == 'pylock' else 'txt'}").write_text(text)
    mono.commit({"src/outer/third.py": ""})
    apps = [app, tmp_path / "pylock", tmp_path / "requirements"]
    layers = [
        build(each, tmp_path / store) for each, store in zip(apps, ("first", "second", "second"), strict=True)
    ]
    assert {layer.distributions for layer in layers} == {
        ("inner==1.0", "outer==1.0", layers[0].distributions[2])
    }
    assert layers[0].distributions[2].startswith("versioned==1.1.dev1+g")
    assert len({layer.archive.sha256 for layer in layers}) == 1
    assert len({layer.fingerprint for layer in layers}) == 1
    assert [layer.warnings for layer in layers] == [(), (), ()]
    files = layer_files(app)
    assert files == installed(requirements, tmp_path / "target")
    assert files["inner/shared/table.txt"] == b"shared\n"
    assert "outer/second.py" in files
    assert "outer/third.py" not in files


def test_poetry_gives_the_same(mono: Repository, tmp_path: Path) -> None:
    """Its lock has the commit of a tag and a folder of the repository too."""
    app = write_app(tmp_path / "app", {})
    with (app / "pyproject.toml").open("a") as file:
        file.write(
            f'\n[tool.poetry.dependencies]\npython = ">=3.10,<3.15"\nouter = {{ git = "{mono.url}", branch = "main" }}\n'
            f'inner = {{ git = "{mono.url}", tag = "v1.0", subdirectory = "packages/inner" }}\n'
        )
    text = (app / "pyproject.toml").read_text()
    (app / "pyproject.toml").write_text(text.replace("dependencies = []\n", 'dynamic = ["dependencies"]\n'))
    run(app, "poetry", "lock", "--no-interaction")
    commits = [mono.git("rev-parse", name).strip() for name in ("v1.0", "main")]
    assert build(app, tmp_path / "store").distributions == ("inner==1.0", "outer==1.0")
    assert layer_files(app) == installed(
        f"inner @ git+{mono.url}@{commits[0]}#subdirectory=packages/inner\nouter @ git+{mono.url}@{commits[1]}\n",
        tmp_path / "target",
    )


def test_a_moving_reference_is_named_with_its_commit(mono: Repository, tmp_path: Path) -> None:
    """A requirements file that names a branch is no lock: the next build takes the next commit."""
    app = write_app(tmp_path / "app", {})
    (app / "requirements.txt").write_text(f"outer @ git+{mono.url}@main\n")
    first = build(app, tmp_path / "store")
    [warning] = first.warnings
    assert f"takes outer from main of {mono.url}, which is commit {mono.head} now" in warning.text
    commit = mono.commit({"src/outer/third.py": ""})
    second = build(app, tmp_path / "store")
    assert commit in second.warnings[0].text
    assert second.fingerprint != first.fingerprint
    (app / "requirements.txt").write_text(f"outer @ git+{mono.url}@{commit}\n")
    third = build(app, tmp_path / "store")
    assert (third.warnings, third.archive.sha256) == ((), second.archive.sha256)


def test_a_full_store_needs_neither_git_nor_the_repository(
    mono: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel is kept by commit."""
    app = write_app(tmp_path / "app", {"outer": f"git+{mono.url}"})
    lock(app)
    first = build(app, tmp_path / "store")
    mono.root.rename(tmp_path / "gone")
    monkeypatch.setenv("PATH", str(Path(process.find_tool("uv")).parent))
    assert shutil.which("git") is None
    assert build(app, tmp_path / "store").archive.sha256 == first.archive.sha256


def watched_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a git on PATH that writes down its arguments; return the file."""
    folder.mkdir()
    arguments = folder / "arguments"
    real = shutil.which("git")
    (folder / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{arguments}"\nexec "{real}" "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return arguments


HELPER = '[credential]\n\thelper = "!f() {{ echo username=ada; echo password={secret}; }}; f"\n'
INSTEAD = '[url "http://ada:{secret}@{host}/"]\n\tinsteadOf = "http://{host}/"\n'


@pytest.mark.parametrize("settings", [HELPER, INSTEAD], ids=["helper", "insteadOf"])
def test_a_private_repository_is_read_by_the_persons_access(
    mono: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: str,
) -> None:
    """By git's own settings; the password is in no argument, log line or file of the store."""
    with running_git_server(tmp_path) as server:
        mono.git(
            "config",
            "--file",
            ".gitmodules",
            "submodule.packages/inner/src/inner/shared.url",
            "../../shared/.git",
        )
        mono.commit()
        app = write_app(
            tmp_path / "app", {"inner": f"git+{server.url}/mono/.git#subdirectory=packages/inner"}
        )
        lock(app)
        server.credentials = f"ada:{SECRET}"
        host = server.url.removeprefix("http://")
        (tmp_path / "gitconfig").write_text(settings.format(secret=SECRET, host=host))
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
        arguments = watched_git(tmp_path / "bin", monkeypatch)
        with caplog.at_level(logging.DEBUG):
            layer = build(app, tmp_path / "store")
    assert layer.distributions == ("inner==1.0",)
    assert layer_files(app)["inner/shared/table.txt"] == b"shared\n"
    assert "fetch" in arguments.read_text()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    encoded = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    for text in (arguments.read_text(), caplog.text, str(kept)):
        assert SECRET not in text
        assert encoded not in text


def test_a_repository_is_read_by_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the person's own command, which here runs the server's program on this machine."""
    command = tmp_path / "ssh"
    calls = tmp_path / "calls"
    command.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{calls}"\nfor last; do :; done\nexec sh -c "$last"\n'
    )
    command.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(command))
    repository = Repository.made(tmp_path / "outer", package_files("outer"))
    app = write_app(tmp_path / "app", {"outer": f"git+ssh://git@host.example{repository.root}"})
    lock(app)
    calls.unlink()
    assert build(app, tmp_path / "store").distributions == ("outer==1.0",)
    assert "git@host.example git-upload-pack" in calls.read_text()


@pytest.mark.parametrize("kind", ["uv", "requirements"])
def test_a_refused_access_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """One line with a remedy, and no question; a host that is gone is another line."""
    Repository.made(tmp_path / "mono", package_files("outer"))
    with running_git_server(tmp_path) as server:
        place = f"git+{server.url}/mono/.git"
        app = write_app(tmp_path / "app", {"outer": place} if kind == "uv" else {})
        if kind == "uv":
            lock(app)
        else:
            (app / "requirements.txt").write_text(f"outer @ {place}\n")
        server.credentials = f"ada:{SECRET}"
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
        assert failure(app, tmp_path) == ("git-refused", True)
    assert failure(app, tmp_path) == ("git-unreachable", True)


def failure(app: Path, tmp_path: Path) -> tuple[str, bool]:
    """Return the id of the error, and whether its text is one line that names the dependency."""
    with pytest.raises(ArtifactError) as caught:
        build(app, tmp_path / "store")
    text = str(caught.value)
    return caught.value.id, "\n" not in text and text.startswith("outer ")


def test_what_a_lock_names_wrongly_is_one_line(mono: Repository, tmp_path: Path) -> None:
    """A commit that is gone, a folder that is not there, and a folder with another project."""
    app = write_app(tmp_path / "app", {"outer": f"git+{mono.url}"})
    lock(app)
    text = export(app, "pylock.toml")
    (app / "uv.lock").unlink()
    for changed, error_id in (
        (text.replace(mono.head, "0" * 40), "git-commit-unknown"),
        (text.replace('" }', '", subdirectory = "packages/nowhere" }'), "subdirectory-missing"),
        (text.replace('" }', '", subdirectory = "packages/inner" }'), "build-result-other"),
        (text.replace(mono.head, mono.head[:7]), "lock-invalid"),
    ):
        assert changed != text
        (app / "pylock.toml").write_text(changed)
        with pytest.raises(ArtifactError, match="outer") as caught:
            build(app, tmp_path / "store")
        assert caught.value.id == error_id
        assert "\n" not in str(caught.value)
