from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.locked import LockedFile, LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

TARGET = Target("3.12")
SHA = "c" * 64
PYLOCK = f"""\
lock-version = "1.0"
created-by = "test"
extras = ["fast"]
dependency-groups = ["dev"]

[[packages]]
name = "main"
version = "1.0"
wheels = [{{ url = "https://example.org/main-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]

[[packages]]
name = "quick"
version = "1.0"
marker = "'fast' in extras"
wheels = [{{ url = "https://example.org/quick-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]

[[packages]]
name = "helper"
version = "1.0"
marker = "'dev' in dependency_groups"
wheels = [{{ url = "https://example.org/helper-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]
"""


class Notes:
    """Remembers in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None:
        return self.kept.get((kind, key))

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None:
        self.kept[kind, key] = note


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    return tmp_path


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for uv and poetry that writes down its arguments and prints `answer.toml`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{folder}/arguments"\nexec cat "{folder}/answer.toml"\n'
    for name in ("uv", "poetry", "python"):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    (folder / "answer.toml").write_text(PYLOCK)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


def names(project: Path, options: LockOptions | None = None, notes: Notes | None = None) -> list[str]:
    return [each.name for each in resolve(Project.at(project), TARGET, options, notes).locked]


def test_the_lock_file_says_which_tool(project: Path) -> None:
    """One lock file in `entry` needs no argument."""
    (project / "pylock.toml").write_text(PYLOCK)
    resolution = resolve(Project.at(project), TARGET)
    assert resolution.manifest.name == "pylock.toml"
    [locked] = resolution.locked
    assert isinstance(locked, LockedFile)
    assert (locked.name, locked.sha256, locked.location) == (
        "main",
        SHA,
        "https://example.org/main-1.0-py3-none-any.whl",
    )


def test_two_lock_files_must_be_decided(project: Path) -> None:
    """Two lock files are an error that names both and the argument that decides; the argument decides."""
    (project / "pylock.toml").write_text(PYLOCK)
    (project / "poetry.lock").write_text("")
    with pytest.raises(ProjectError) as caught:
        names(project)
    assert str(caught.value) == (
        f"{project} has poetry.lock and pylock.toml: say which one decides with "
        f"build_tool='poetry' or build_tool='pylock'"
    )
    assert names(project, LockOptions(build_tool="pylock")) == ["main"]


def test_no_lock_file_names_the_command(project: Path) -> None:
    """Without a lock the line says what to run; for a tool that was asked for, that tool's command."""
    with pytest.raises(
        ProjectError,
        match=r"uv\.lock does not exist \(nor poetry\.lock, requirements\.txt, pylock\.toml\): run 'uv lock'",
    ):
        names(project)
    with pytest.raises(ProjectError, match=r"poetry\.lock does not exist: run 'poetry lock'"):
        names(project, LockOptions(build_tool="poetry"))
    with pytest.raises(
        ProjectError, match="build_tool 'conda' is unknown: choose one of uv, poetry, pip, pylock"
    ):
        names(project, LockOptions(build_tool="conda"))


def test_pylock_selects_extras_and_groups(project: Path) -> None:
    """Markers of PEP 751 choose; what the file does not have is refused by name."""
    (project / "pylock.toml").write_text(PYLOCK)
    assert names(project, LockOptions(extras=("fast",), groups=("dev",))) == ["helper", "main", "quick"]
    with pytest.raises(ProjectError, match="has no extra 'slow': it has fast"):
        names(project, LockOptions(extras=("slow",)))
    with pytest.raises(ProjectError, match="has no group 'docs': it has dev"):
        names(project, LockOptions(groups=("docs",)))


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (LockOptions(extras=("dev",)), "extras"),
        (LockOptions(groups=("dev",)), "groups"),
        (LockOptions(only_groups=("dev",)), "only_groups"),
    ],
    ids=["extras", "groups", "only_groups"],
)
def test_a_requirements_file_has_no_groups(project: Path, options: LockOptions, name: str) -> None:
    """What the file cannot express is said, not ignored."""
    (project / "requirements.txt").write_text("main==1.0\n")
    with pytest.raises(ProjectError, match=f"requirements.txt has no {name}"):
        names(project, options)


def test_poetry_is_asked_like_this(project: Path, tool: Path) -> None:
    """The golden argument list; a second build of the same inputs starts no Poetry, a changed lock does."""
    (project / "poetry.lock").write_text("one")
    notes = Notes()
    options = LockOptions(extras=("fast",), groups=("dev",), only_groups=("web",))
    names(project, options, notes)
    wanted = ["export", "--format=pylock.toml", "--no-interaction", "--no-ansi"]
    wanted += ["--extras=fast", "--with=dev", "--only=web"]
    assert (tool / "arguments").read_text().splitlines() == wanted
    names(project, options, notes)
    assert (tool / "arguments").read_text().splitlines() == wanted
    (project / "poetry.lock").write_text("two")
    names(project, options, notes)
    assert (tool / "arguments").read_text().splitlines() == wanted * 2


def test_an_old_poetry_is_told_apart(project: Path, tool: Path) -> None:
    """Without the export plugin the line says what to install."""
    (project / "poetry.lock").write_text("")
    (tool / "poetry").write_text(
        "#!/bin/sh\necho 'The requested command \"export\" does not exist.' >&2\necho 'command \"export\" does not exist' >&2\nexit 1\n"
    )
    with pytest.raises(ToolError, match=r"poetry cannot export .* poetry-plugin-export 1\.10"):
        names(project)


def test_uv_compiles_requirements_like_this(project: Path, tool: Path) -> None:
    """The golden argument lists: hashes mean that the file is complete, without them it is resolved."""
    (project / "requirements.txt").write_text("main==1.0\n")
    names(project)
    common = ["pip", "compile", "--format=pylock.toml", "--no-header", "--quiet", "--no-python-downloads"]
    common += ["--python-version=3.12", "--python-platform=x86_64-manylinux_2_34"]
    assert (tool / "arguments").read_text().splitlines() == [*common, "requirements.txt"]
    (tool / "arguments").unlink()
    (project / "requirements.txt").write_text(f"main==1.0 --hash=sha256:{SHA}\n")
    notes = Notes()
    for _ in range(2):
        names(project, notes=notes)
    assert (tool / "arguments").read_text().splitlines() == [*common, "--no-deps", "requirements.txt"]


def test_the_hashes_in_the_file_are_enforced(project: Path, tool: Path) -> None:
    """A file whose sha256 is not among the requirement's hashes is refused, naming file and line."""
    (project / "requirements.txt").write_text(f"# top\nmain==1.0 --hash=sha256:{'d' * 64}\n")
    with pytest.raises(ProjectError) as caught:
        names(project)
    assert (
        f"{project / 'requirements.txt'}:2: the index has main-1.0-py3-none-any.whl with sha256 {SHA}"
        in str(caught.value)
    )


def test_what_is_not_pinned_is_said(project: Path, tool: Path) -> None:
    """Unpinned lines, and dependencies that no line names, are a warning that names them."""
    (project / "requirements.txt").write_text("main>=1.0\n")
    [warning] = resolve(Project.at(project), TARGET).warnings
    assert "requirements.txt does not pin main:" in warning
    (project / "requirements.txt").write_text("main==1.0\n")
    assert resolve(Project.at(project), TARGET).warnings == ()


def test_a_second_index_must_be_allowed(project: Path, tool: Path) -> None:
    """`--extra-index-url` is refused with its reason unless it is allowed in so many words."""
    (project / "requirements.txt").write_text("main==1.0\n--extra-index-url https://two.example/simple\n")
    with pytest.raises(ProjectError, match=r"requirements\.txt:2: --extra-index-url .*dependency confusion"):
        names(project)
    assert names(project, LockOptions(allow_extra_index_url=True)) == ["main"]


def test_a_manifest_that_changes_while_it_is_read_is_refused(project: Path, tool: Path) -> None:
    """An edit of the lock between reading and exporting never goes into a layer under the old name."""
    lock = project / "poetry.lock"
    lock.write_text("before")
    (tool / "poetry").write_text(f'#!/bin/sh\necho after > "{lock}"\ncat "{tool}/answer.toml"\n')
    with pytest.raises(ProjectError, match="changed while it was read"):
        names(project)


def test_a_member_uses_the_lock_of_its_workspace(tmp_path: Path) -> None:
    """Uv keeps one lock for a workspace; a folder below a foreign lock is not taken for a member."""
    shop = make_project(tmp_path / "space" / "shop")
    (shop / "uv.lock").unlink()
    (tmp_path / "space" / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["shop"]\n')
    from tests.support.files.projects import lock

    lock(tmp_path / "space")
    assert not (shop / "uv.lock").exists()
    resolution = resolve(Project.at(shop), TARGET)
    assert resolution.manifest.path == tmp_path / "space" / "uv.lock"
    assert [each.name for each in resolution.locked] == ["cart"]
    stranger = tmp_path / "space" / "stranger"
    stranger.mkdir()
    (stranger / "pyproject.toml").write_text('[project]\nname = "stranger"\nversion = "1"\n')
    with pytest.raises(ProjectError, match=r"stranger/uv\.lock does not exist"):
        names(stranger)


def test_a_file_of_no_line_must_have_a_known_hash(project: Path, tool: Path) -> None:
    """Where the file has hashes, nothing passes without one, also what no line names."""
    (project / "requirements.txt").write_text(f"other==1.0 --hash=sha256:{'d' * 64}\n")
    with pytest.raises(ProjectError, match=r"requirements\.txt: the index has main-1\.0"):
        names(project)
