"""The export of requirements.txt, by a stand-in for uv."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.lock.locked import ExportRequest, LockedFile, LockOptions, Manifest
from constructs_lib.core.lock.pip import export
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.files.locks import PYLOCK, SHA, TARGET, Notes, names
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index


def only_main() -> str:
    """Return uv's answer for one package; PYLOCK holds others behind extras and groups."""
    head, main, *_ = PYLOCK.split("[[packages]]")
    return f"{head}[[packages]]{main}"


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


def test_uv_compiles_requirements_like_this(project: Path, tool: Path) -> None:
    """The golden argument lists: hashes mean that the file is complete, without them it is resolved."""
    (project / "requirements.txt").write_text("main==1.0\n")
    names(project)
    common = ["pip", "compile", "--format=pylock.toml", "--no-header", "--quiet", "--no-python-downloads"]
    common += ["--python-version=3.12", "--python-platform=x86_64-manylinux_2_34"]
    *arguments, path = (tool / "arguments").read_text().splitlines()
    assert arguments == common
    assert path.endswith("/requirements.txt")
    assert not path.startswith(str(project))
    (tool / "arguments").unlink()
    (project / "requirements.txt").write_text(f"main==1.0 --hash=sha256:{SHA}\n")
    notes = Notes()
    for _ in range(2):
        names(project, notes=notes)
    *arguments, path = (tool / "arguments").read_text().splitlines()
    assert arguments == [*common, "--no-deps"]
    assert not Path(path).parent.exists()


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
    (tool / "answer.toml").write_text(only_main())
    [warning] = resolve(Project.at(project), TARGET).warnings
    assert "requirements.txt does not pin main:" in warning
    for text in ("main==1.0\n", "main\n-c limits.txt"):
        (project / "limits.txt").write_text("main==1.0\n")
        (project / "requirements.txt").write_text(text)
        assert resolve(Project.at(project), TARGET).warnings == ()


def test_a_second_index_must_be_allowed(project: Path, tool: Path) -> None:
    """`--extra-index-url` is refused with its reason unless it is allowed in so many words."""
    (project / "requirements.txt").write_text("main==1.0\n--extra-index-url https://two.example/simple\n")
    with pytest.raises(ProjectError, match=r"requirements\.txt:2: --extra-index-url .*dependency confusion"):
        names(project)
    assert names(project, LockOptions(allow_extra_index_url=True)) == ["main"]


def test_a_file_of_no_line_must_have_a_known_hash(project: Path, tool: Path) -> None:
    """Where the file has hashes, nothing passes without one, also what no line names."""
    (project / "requirements.txt").write_text(f"other==1.0 --hash=sha256:{'d' * 64}\n")
    with pytest.raises(ProjectError, match=r"requirements\.txt: the index has main-1\.0"):
        names(project)


@pytest.mark.parametrize(("pin", "glibc"), [("", "2_17"), (f" --hash=sha256:{SHA}", "2_28")])
def test_the_platform_that_uv_is_asked_for_an_older_runtime(
    project: Path, tool: Path, pin: str, glibc: str
) -> None:
    """Versions are chosen by what surely runs; wheels of a pinned version between 2.17 and 2.26 are not lost."""
    (project / "requirements.txt").write_text(f"main==1.0{pin}\n")
    resolve(Project.at(project), Target("3.11"))
    assert f"--python-platform=x86_64-manylinux_{glibc}" in (tool / "arguments").read_text().splitlines()


def test_a_wheel_that_came_later_is_not_taken(project: Path, tool: Path) -> None:
    """Of the release's wheels those are considered whose hash the file allows, as pip does."""
    later, answer = "main-1.0-cp312-cp312-manylinux2014_x86_64.whl", tool / "answer.toml"
    entry = f'{{ url = "https://example.org/{later}", hashes = {{ sha256 = "{"d" * 64}" }} }}'
    answer.write_text(answer.read_text().replace("wheels = [", f"wheels = [{entry}, ", 1))
    (project / "requirements.txt").write_text(f"main==1.0 --hash=sha256:{SHA.upper()}\n")
    [locked] = resolve(Project.at(project), TARGET).locked
    assert isinstance(locked, LockedFile)
    assert locked.sha256 == SHA
    (project / "requirements.txt").write_text("main==1.0\n")
    [locked] = resolve(Project.at(project), TARGET).locked
    assert isinstance(locked, LockedFile)
    assert locked.filename == later


@pytest.mark.parametrize("option", ["--extra-index-url", "--find-links"])
@pytest.mark.parametrize("text", ["\ufeff{option} {url}\nmain", "--pre {option} {url}\nmain", "-r more.txt"])
def test_a_second_index_is_seen_wherever_it_stands(project: Path, tool: Path, option: str, text: str) -> None:
    """Behind a byte order mark, behind another option, in an included file; a flat index is a second one too."""
    url = "https://two.example/simple"
    (project / "more.txt").write_text(f"main\n{option} {url}\n")
    (project / "requirements.txt").write_text(text.format(option=option, url=url))
    with pytest.raises(ProjectError, match=f"{option} lets anybody .*dependency confusion"):
        names(project)
    assert not (tool / "arguments").exists()


def test_nothing_for_this_target_needs_no_uv(project: Path, tool: Path) -> None:
    """A file of comments, and one whose markers do not hold."""
    (project / "requirements.txt").write_text("# nothing\nmain==1.0 ; sys_platform == 'win32'\n")
    assert names(project) == []
    assert not (tool / "arguments").exists()


def test_the_project_itself_is_in_the_export_for_the_note(project: Path, tool: Path) -> None:
    """With hashes uv is not asked about it, yet a person is told that it is left out."""
    (tool / "answer.toml").write_text(only_main())
    (project / "requirements.txt").write_text(f"-e .\nmain==1.0 --hash=sha256:{SHA}\n")
    manifest = Manifest(project / "requirements.txt", b"")
    exported = export(ExportRequest(Project.at(project), manifest, TARGET, LockOptions()))
    assert [(package.name, package.directory is not None) for package in exported.pylock.packages] == [
        ("main", False),
        ("x", True),
    ]


def test_a_file_of_this_machine_is_a_path(project: Path, tool: Path) -> None:
    """A folder of `--find-links` gives addresses in uv's answer."""
    text = only_main().replace("https://example.org/", f"{project.as_uri()}/a%20b/")
    (tool / "answer.toml").write_text(text)
    (project / "a b").mkdir()
    (project / "requirements.txt").write_text("main==1.0\n-f 'a b'\n")
    [locked] = resolve(Project.at(project), TARGET).locked
    assert isinstance(locked, LockedFile)
    assert locked.location == project / "a b" / "main-1.0-py3-none-any.whl"


@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
@pytest.mark.parametrize("password", ["", "secret"])
def test_the_index_of_the_file_wins(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, password: str
) -> None:
    """The one of the environment is not asked, as by pip; credentials go to the file's."""
    with running_index() as index, running_index() as other:
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        index.credentials = f"bob:{password}" if password else ""
        other.credentials = "nobody:enters"  # uv ends with an error where it asks here
        monkeypatch.setenv(variable, other.simple)
        (project / "requirements.txt").write_text(f"--index-url {index.simple}\naa==1.0\n")
        credentials = [Credentials("vault", index.simple, "bob", password)] if password else []
        [locked] = resolve(Project.at(project), TARGET, credentials=credentials).locked
    assert isinstance(locked, LockedFile)
    assert locked.location == file.location


@pytest.mark.parametrize("entry", ["{user}", "own={user}", "own={plain}"])
def test_a_login_of_the_environment_for_the_files_index_is_used(
    project: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """The variable names the same index, so it stays as it is."""
    with running_index() as index:
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        index.credentials = "bob:secret"
        user = index.simple.replace("://", "://bob:secret@")
        monkeypatch.setenv("UV_DEFAULT_INDEX", entry.format(user=user, plain=index.simple))
        if "plain" in entry:
            monkeypatch.setenv("UV_INDEX_OWN_USERNAME", "bob")
            monkeypatch.setenv("UV_INDEX_OWN_PASSWORD", "secret")
        (project / "requirements.txt").write_text(f"--index-url {index.simple}/\naa==1.0\n")
        [locked] = resolve(Project.at(project), TARGET).locked
    assert isinstance(locked, LockedFile)
    assert locked.location == file.location


@pytest.mark.parametrize("default", ["index", "other"])
def test_the_index_of_the_file_wins_over_that_of_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch, default: str
) -> None:
    """`[tool.uv]` is not for pip; a login for the same index there is used."""
    with running_index() as index, running_index() as other:
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        other.credentials = "nobody:enters"
        url = (index if default == "index" else other).simple
        if default == "index":
            index.credentials = "bob:secret"
        with (project / "pyproject.toml").open("a") as pyproject:
            pyproject.write(f'[[tool.uv.index]]\nname = "own"\nurl = "{url}"\ndefault = true\n')
        monkeypatch.setenv("UV_INDEX_OWN_USERNAME", "bob")
        monkeypatch.setenv("UV_INDEX_OWN_PASSWORD", "secret")
        (project / "requirements.txt").write_text(f"--index-url {index.simple}\naa==1.0\n")
        [locked] = resolve(Project.at(project), TARGET).locked
    assert isinstance(locked, LockedFile)
    assert locked.location == file.location
