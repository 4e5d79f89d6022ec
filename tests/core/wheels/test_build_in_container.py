"""Wheels that the index lacks, built in a container."""

from __future__ import annotations

import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile
from constructs_lib.core.progress import Progress
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.acquire import acquire
from constructs_lib.core.wheels.build_in_container import BuildsInContainer
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.builders import native
from tests.support.builders.fake_docker import AMD64, FakeDocker
from tests.support.files.backends import git
from tests.support.files.sources import write_files
from tests.support.files.wheels import Member, locked_file, make_wheel, wheel_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.built import BuiltWheel
    from constructs_lib.core.wheels.wheel import Wheel
    from tests.support.aws.shared_store import SharedStore

TARGET = Target("3.13")
SAM = "public.ecr.aws/sam/build-python3.13:latest-x86_64"
PINNED = f"it@sha256:{'9' * 64}"
TAG = "cp313-cp313-linux_x86_64"
SETTINGS = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """Put an engine on PATH in whose containers every build gives a native wheel of `crunch`."""
    fake = FakeDocker(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    for name in ("CDK_DOCKER", *SETTINGS, *(name for name in os.environ if name.startswith("PIP_"))):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    fake.set(wheel=str(make_wheel(tmp_path / "made", "crunch", tag=TAG)))
    return fake


def unread(wheel: Wheel) -> Wheel:
    return wheel


@dataclass
class Builds:
    """A store, and what is asked of it."""

    store: WheelStore
    folder: Path
    said: io.StringIO

    def sdist(self, no_wheel: str = "") -> LockedFile:
        content = native.sdist()
        path = self.folder / "crunch-1.0.tar.gz"
        path.write_bytes(content)
        file = locked_file(path.name, content, path)
        return LockedFile(file.name, file.version, file.filename, file.sha256, path, no_wheel=no_wheel)

    def acquire(self, locked: Sequence[Locked], container: Container | None = None) -> list[Wheel]:
        source = WheelSource(TARGET, self.store, Progress(stream=self.said), container)
        return acquire(locked, source, unread)

    def build(self, container: Container | None = None) -> Wheel:
        [wheel] = self.acquire([self.sdist()], container or Container())
        return wheel


@pytest.fixture
def builds(store: WheelStore, tmp_path: Path, fake: FakeDocker) -> Builds:
    return Builds(store, tmp_path, io.StringIO())


def test_the_arguments_of_a_build(builds: Builds, fake: FakeDocker, tmp_path: Path) -> None:
    """The whole list, with the two folders and the name cut out."""
    builds.build()
    folder = next(each for each in fake.ran.arguments if "target=/constructs-lib/in" in each)
    scratch = folder.partition("source=")[2].partition("/in,")[0]
    assert Path(scratch).parent == tmp_path / "scratch"
    arguments = [
        each.replace(scratch, "SCRATCH") for each in fake.ran.arguments if not each.startswith("--name=")
    ]
    assert arguments == [
        "run",
        "--rm",
        "--platform=linux/amd64",
        "--pull=never",
        "--security-opt=no-new-privileges",
        f"--user={os.getuid()}:{os.getgid()}",
        "--workdir=/tmp",
        "--env=HOME=/tmp",
        "--env=SOURCE_DATE_EPOCH=315532800",
        "--mount=type=bind,source=SCRATCH/in,target=/constructs-lib/in,readonly",
        "--mount=type=bind,source=SCRATCH/out,target=/constructs-lib/out",
        "--entrypoint=python3.13",
        SAM,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-cache-dir",
        "--no-input",
        "--disable-pip-version-check",
        "--wheel-dir=/constructs-lib/out",
        "/constructs-lib/in/crunch-1.0.tar.gz",
    ]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_certificates_are_there_for_every_tool(
    builds: Builds, fake: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy in the read-only folder, which pip, requests and OpenSSL are pointed to."""
    (tmp_path / "bundle.pem").write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bundle.pem"))
    builds.build()
    for name in SETTINGS:
        assert f"--env={name}=/constructs-lib/in/authorities.pem" in fake.ran.arguments
    assert (fake.folder / "given" / "authorities.pem").read_text() == "certificates"


def test_a_secret_is_handed_through_by_name(
    builds: Builds, fake: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No argument has its value, nor has anything that is kept or said."""
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:hunter2@host/simple")
    builds.build()
    assert "--env=PIP_INDEX_URL" in fake.ran.arguments
    assert fake.ran.env["PIP_INDEX_URL"].endswith("hunter2@host/simple")
    assert not any("hunter2" in argument for call in fake.calls for argument in call.arguments)
    assert "hunter2" not in builds.said.getvalue()
    kept = [path for path in builds.store.root.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"hunter2" in path.read_bytes() for path in kept)


# --- once -----------------------------------------------------------------------------------------------------


def test_it_happens_once(builds: Builds, fake: FakeDocker) -> None:
    """The second time the engine is only asked what the tag means now."""
    first = builds.build()
    assert first.identity != first.sha256
    assert f"built crunch in {SAM}" in builds.said.getvalue()
    fake.forget()
    assert builds.build() == first
    assert [call.arguments for call in fake.calls] == [["image", "inspect", SAM]]


def test_a_pinned_image_needs_no_engine_afterwards(
    builds: Builds, fake: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing at all is started; Docker need not be installed."""
    first = builds.build(Container(PINNED))
    assert fake.ran.arguments[-10] == PINNED
    fake.forget()
    monkeypatch.setenv("PATH", "/nowhere")
    assert builds.build(Container(PINNED)) == first
    assert fake.calls == []


def test_another_machine_takes_what_a_container_built_here(
    shared: SharedStore, builds: Builds, fake: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the image's digest: after a look at the image for a tag, and without Docker for a pinned one."""
    builds.store = shared.machine(tmp_path / "first", writes=True)
    first, pinned = builds.build(), builds.build(Container(PINNED))
    fake.forget()
    builds.store = shared.machine(tmp_path / "second")
    assert builds.build() == first
    assert fake.verbs.count("run") == 0
    fake.forget()
    monkeypatch.setenv("PATH", "/nowhere")
    assert builds.build(Container(PINNED)) == pinned
    assert fake.calls == []
    assert {key.split("/")[3] for key in shared.objects} == {"built", "files"}


def test_the_digest_counts_not_the_name(builds: Builds, fake: FakeDocker) -> None:
    """A tag that names another image now means another build, and another fingerprint; the same image, none."""
    first = builds.build()
    assert builds.build(Container("other-name:1")).identity == first.identity
    fake.set(image={**AMD64, "Id": f"sha256:{'2' * 64}"})
    assert builds.build().identity != first.identity
    assert fake.verbs.count("run") == 2


@pytest.mark.parametrize("trouble", ["down", "gone", "missing"])
def test_the_last_known_image_is_better_than_none(
    builds: Builds,
    fake: FakeDocker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    """A wheel of the same source and image name is used, nothing is pulled, and a line says why."""
    first = builds.build()
    fake.forget()
    if trouble == "down":
        fake.fail("image inspect", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
    elif trouble == "gone":
        fake.set(image=None)
    else:
        monkeypatch.setenv("PATH", "/nowhere")
    assert builds.build() == first
    assert set(fake.verbs) <= {"image"}
    [line] = caplog.messages
    assert line.startswith(f"crunch as it was last built in {SAM}: ")


def test_without_an_engine_and_without_a_wheel_it_fails(builds: Builds, fake: FakeDocker) -> None:
    """No fallback to this machine's own compiler."""
    fake.fail("image inspect", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
    with pytest.raises(ToolError, match=r"its daemon does not answer"):
        builds.build()


def test_an_image_that_is_not_there_is_pulled(builds: Builds, fake: FakeDocker) -> None:
    """By us, for the target's platform; the run itself never pulls."""
    fake.set(image=None, pulled=AMD64)
    builds.build()
    pull = ["pull", "--quiet", "--platform=linux/amd64", SAM]
    assert pull in [call.arguments for call in fake.calls]


def test_an_image_for_another_cpu_is_pulled_anew(builds: Builds, fake: FakeDocker) -> None:
    """One tag may stand for several platforms, of which the engine has another one."""
    fake.set(image={**AMD64, "Architecture": "arm64"}, pulled=AMD64)
    builds.build(Container("it:1"))
    assert fake.verbs == ["image", "pull", "image", "info", "run"]


# --- what is built where --------------------------------------------------------------------------------------


def test_a_wheel_that_fits_is_fetched(builds: Builds, fake: FakeDocker) -> None:
    """A container is for what the index lacks."""
    content = wheel_bytes()
    path = builds.folder / "demo-1.0-py3-none-any.whl"
    path.write_bytes(content)
    [wheel] = builds.acquire([locked_file(path.name, content, path)], Container())
    assert wheel.identity == wheel.sha256
    assert fake.calls == []


def test_without_a_container_a_native_package_is_refused_before_anything_is_fetched(builds: Builds) -> None:
    """S14: what exists, and the option that helps."""
    refused = builds.sdist(no_wheel="crunch 1.0 in x has no wheel for y")
    with pytest.raises(
        ProjectError, match=rf"^crunch 1.0 in x has no wheel .*container=True \({SAM}, needs Docker\)$"
    ):
        builds.acquire([refused])
    assert not builds.store.root.exists()


def test_without_a_container_a_native_result_is_refused(builds: Builds, fake: FakeDocker) -> None:
    """Nothing in the lock told that this one holds C; the second time it is known at once."""
    for _ in range(2):
        with pytest.raises(
            ProjectError, match=r"^crunch-1.0.tar.gz became crunch-1.0-.*, which holds code .*container=True"
        ):
            builds.acquire([builds.sdist()])
    assert fake.calls == []


def test_a_pure_path_dependency_needs_no_container(builds: Builds, fake: FakeDocker) -> None:
    """It is built here as ever."""
    root = builds.folder / "pure"
    (root / "src" / "pure").mkdir(parents=True)
    (root / "src" / "pure" / "__init__.py").touch()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "pure"\nversion = "1"\n[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'
    )
    builds.acquire([LockedDirectory("pure", root)], Container())
    assert fake.calls == []


def test_a_native_path_dependency_is_built_there(builds: Builds, fake: FakeDocker) -> None:
    """In a copy, less ignored files and secrets; the tree itself stays as it is."""
    root = native.write_tree(builds.folder / "tree")
    write_files(root, {".env": "PASSWORD=hunter2", ".gitignore": "local.py\n.gitignore\n"})
    write_files(root, {"crunch/local.py": "PASSWORD = 'hunter2'"})
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    [wheel] = builds.acquire([LockedDirectory("crunch", root)], Container())
    assert wheel.filename == f"crunch-1.0-{TAG}.whl"
    copy = fake.folder / "tree" / "tree"
    assert {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()} == set(
        native.sources()
    )
    assert fake.ran.arguments[-1] == "/constructs-lib/tree/tree"
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    assert builds.acquire([LockedDirectory("crunch", root)], Container())[0].identity == wheel.identity
    assert fake.verbs.count("run") == 1
    write_files(root, {"crunch/__init__.py": "changed"})
    assert builds.acquire([LockedDirectory("crunch", root)], Container())[0].identity != wheel.identity


def test_a_path_dependency_that_cannot_be_built_here_is_built_there(builds: Builds, fake: FakeDocker) -> None:
    """This machine may have no compiler."""
    root = native.write_tree(builds.folder / "tree", before="raise SystemExit('no compiler')")
    builds.acquire([LockedDirectory("crunch", root)], Container())
    assert fake.verbs.count("run") == 1


def build_tree(builds: Builds, root: Path) -> BuiltWheel:
    builder = BuildsInContainer(Container(), TARGET, builds.store, Progress(quiet=True))
    return builder.directory(LockedDirectory("crunch", root))


def write_scm_project(root: Path) -> Path:
    """Write a native project in a repository, with a version from git."""
    native.write_tree(root)
    pyproject = (root / "pyproject.toml").read_text().replace('version = "1.0"', 'dynamic = ["version"]')
    (root / "pyproject.toml").write_text(pyproject.replace("requires = []", 'requires = ["setuptools-scm"]'))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def test_a_build_that_asks_git_sees_the_repository(
    builds: Builds, fake: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the copy's git directory, which names the original's; the original is read-only."""
    root = write_scm_project(builds.folder / "repo")
    monkeypatch.setenv("SETUPTOOLS_SCM_PRETEND_VERSION", "1.0.dev3")
    build_tree(builds, root)
    mounts = [argument for argument in fake.ran.arguments if argument.startswith("--mount")]
    [git_directory] = [mount for mount in mounts if "/git," in mount]
    source, _, target = git_directory.removeprefix("--mount=type=bind,source=").partition(",target=")
    assert source == target
    assert (fake.folder / "tree" / "repo" / ".git").read_text() == f"gitdir: {source}\n"
    assert f"--mount=type=bind,source={root}/.git,target={root}/.git,readonly" in mounts
    assert "--env=SETUPTOOLS_SCM_PRETEND_VERSION" in fake.ran.arguments
    assert fake.ran.env["SETUPTOOLS_SCM_PRETEND_VERSION"] == "1.0.dev3"
    assert any("which('git')" in argument for argument in fake.ran.arguments)


def test_another_commit_is_built_and_is_the_same_source(builds: Builds, fake: FakeDocker) -> None:
    """What a commit changes is seen in the wheel, by the version or not at all."""
    root = write_scm_project(builds.folder / "repo")
    first = build_tree(builds, root)
    git(root, "commit", "--allow-empty", "-qm", "second")
    second = build_tree(builds, root)
    assert fake.verbs.count("run") == 2
    assert second.source == first.source


def test_an_image_without_git_is_named(builds: Builds, fake: FakeDocker) -> None:
    """A plugin may take a default version where there is no git."""
    root = write_scm_project(builds.folder / "repo")
    fake.fail("run", "constructs-lib: no git")
    with pytest.raises(
        ToolError, match=rf"^image {SAM} for linux/amd64 has no git, which the build of {root} asks"
    ):
        build_tree(builds, root)


@pytest.mark.parametrize("where", ["work tree", "untracked", "siblings"])
def test_what_lies_beside_the_project_is_seen(builds: Builds, fake: FakeDocker, where: str) -> None:
    """Tracked files by the copy, which is built anew when they change; others by a mount, each time."""
    root = native.write_tree(builds.folder / "all" / "tree")
    write_files(root, {"pyproject.toml": (root / "pyproject.toml").read_text() + "# ../shared\n"})
    shared = write_files(builds.folder / "all" / "shared", {"a.c": "int a;"})
    if where != "siblings":
        git(root.parent, "init", "-q")
    if where == "work tree":
        git(root.parent, "add", "shared")
    for text in ("int a;", "int a;", "int b;"):
        write_files(shared, {"a.c": text})
        build_tree(builds, root)
    copy = fake.folder / "tree" / ("shared" if where == "siblings" else "all/shared")
    last = [call for call in fake.calls if call.arguments[0] == "run"][-1]
    mount = f"--mount=type=bind,source={shared},target=/constructs-lib/beside/0,readonly"
    if where == "work tree":
        assert fake.verbs.count("run") == 2
        assert (copy / "a.c").read_text() == "int b;"
        assert mount not in last.arguments
    else:
        assert fake.verbs.count("run") == 3
        assert str(copy.readlink()).startswith("/constructs-lib/beside/")
        assert mount in last.arguments


def test_a_failed_build_quotes_the_backend_with_the_projects_path(builds: Builds, fake: FakeDocker) -> None:
    """Not pip's words around it, nor the container's path."""
    root = native.write_tree(builds.folder / "tree")
    fake.fail(
        "run",
        "  error: subprocess-exited-with-error\n  x Building wheel did not run successfully.\n  > [9 lines of output]\n"
        '      one\n      Traceback (most recent call last):\n        File "backend.py", line 1\n'
        "      ValueError: no luck in /constructs-lib/tree/tree/crunch\n      [end of output]\n\n"
        "  note: This error originates from a subprocess\nERROR: Failed building wheel for crunch\n",
    )
    with pytest.raises(ToolError) as caught:
        build_tree(builds, root)
    assert str(caught.value) == (
        f"{root} cannot be built in {SAM} for linux/amd64: one | Traceback (most recent call last): | "
        f'File "backend.py", line 1 | ValueError: no luck in {root}/crunch'
    )
    assert caught.value.id == "build-failed"


@pytest.mark.parametrize(
    ("name", "tag"),
    [("crunch", "cp312-cp312-linux_x86_64"), ("crunch", "cp313-cp313-linux_aarch64"), ("other", TAG)],
    ids=["another Python", "another CPU", "another package"],
)
def test_a_result_that_does_not_fit_is_refused(builds: Builds, fake: FakeDocker, name: str, tag: str) -> None:
    """Nothing of it is kept."""
    fake.set(wheel=str(make_wheel(builds.folder / "wrong", name, tag=tag)))
    with pytest.raises(
        ProjectError, match=rf"^crunch became {name}-1.0-{tag}.whl in {SAM}, which Python 3.13 on x86_64"
    ):
        builds.build()
    assert not list(builds.store.root.rglob("*.whl"))


def test_a_password_in_a_wheel_never_reaches_the_store(
    builds: Builds, fake: FakeDocker, tmp_path: Path
) -> None:
    """A build that copies the password it was given into its wheel is refused before the wheel is kept."""
    credentials = Credentials("vault", "https://index.example/simple", "bob", "tweety-and-cat")
    content: dict[str, bytes | Member] = {"crunch.py": b"PASSWORD = 'tweety-and-cat'\n"}
    fake.set(wheel=str(make_wheel(tmp_path / "told", "crunch", files=content, tag=TAG)))
    file = builds.sdist()
    source = WheelSource(TARGET, builds.store, container=Container(), credentials=[credentials])
    with pytest.raises(ProjectError, match=r"crunch\.py holds a password") as caught:
        acquire([file], source, str)
    assert "tweety" not in str(caught.value)
    assert not list(builds.store.root.rglob("*.whl"))


def test_no_result_is_refused(builds: Builds, fake: FakeDocker) -> None:
    """An image whose pip does something else."""
    fake.set(wheel=None)
    with pytest.raises(
        ProjectError, match=r"^crunch became nothing in .*, where one wheel was expected: name another image$"
    ):
        builds.build()


@pytest.mark.parametrize("fails", ["build", "timeout"])
def test_a_failed_build_leaves_nothing(builds: Builds, fake: FakeDocker, tmp_path: Path, fails: str) -> None:
    """No temporary folder, no entry in the store, no container."""
    if fails == "build":
        fake.fail("run", "error: gcc failed")
    else:
        fake.set(seconds=3600)
    with pytest.raises(ToolError, match=r"gcc failed$|did not end within 1 s"):
        builds.build(Container(timeout=1))
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not list(builds.store.root.rglob("*.json"))
    assert not fake.is_running


def test_what_people_give_as_container() -> None:
    """True is the SAM build image of Python and CPU, a text an image."""
    assert Container.of(None) is None
    assert Container.of(container=False) is None
    assert Container.of("it:1") == Container("it:1")
    assert Container.of(Container("it:1")) == Container("it:1")
    sam = Container.of(container=True)
    assert sam is not None
    assert sam.image_for(TARGET) == SAM
    assert sam.image_for(Target("3.11", "arm64")) == "public.ecr.aws/sam/build-python3.11:latest-arm64"
    for wrong in ("", " ", "--privileged"):
        with pytest.raises(ProjectError, match=r"^container image .* is no image name"):
            Container.of(wrong)
