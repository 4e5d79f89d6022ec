"""Containers: started, asked for and removed by the engine's command line."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.docker.engine import NAME_PREFIX, Engine
from constructs_lib.core.system.docker.settings import Image, Job
from tests.core.system.docker.test_diagnosis import DENIED, DOWN
from tests.support.builders.fake_docker import AMD64, FakeDocker
from tests.support.patience import wait_until

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2/#?@:%"  # what a password may hold


def job(**values: object) -> Job:
    return Job(**{"image": "image:tag", "platform": "linux/amd64", "command": ("tool", "-x"), **values})  # type: ignore[arg-type]


def test_values_travel_in_the_environment(fake: FakeDocker) -> None:
    """The program gets the names on its command line and the values in its environment."""
    Engine.find().run(job(handed={"PIP_INDEX_URL": SECRET}))
    assert fake.ran.env["PIP_INDEX_URL"] == SECRET
    assert not any(SECRET in argument for call in fake.calls for argument in call.arguments)


def test_every_container_has_a_name_of_its_own(fake: FakeDocker) -> None:
    """Two builds at once do not meet."""
    for _ in range(2):
        Engine.find().run(job())
    names = {call.arguments[2] for call in fake.calls if call.arguments[0] == "run"}
    assert len(names) == 2
    assert all(name.startswith(f"--name={NAME_PREFIX}") for name in names)


@pytest.mark.parametrize("name", ["podman", "finch"])
def test_cdk_docker_names_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As for the CDK: a name on PATH, or a path."""
    fake = FakeDocker(tmp_path / "bin", name)
    monkeypatch.setenv("CDK_DOCKER", str(fake.program))
    assert Engine.find().name == name
    monkeypatch.setenv("CDK_DOCKER", name)
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    Engine.find().run(job())
    assert fake.ran.arguments[0] == "run"


@pytest.mark.parametrize(
    ("name", "security", "user", "expected"),
    [
        ("docker", [], 1000, ["--user=1000:7"]),
        ("docker", ["name=rootless"], 1000, ["--user=0:0"]),
        ("docker", [], 0, ["--user=0:7"]),
        ("finch", [], 1000, ["--user=1000:7"]),
        ("podman", [], 1000, ["--user=1000:7", "--userns=keep-id"]),
        ("podman", [], 0, ["--user=0:7"]),
    ],
    ids=["docker", "rootless docker", "docker as root", "finch", "podman", "podman as root"],
)
def test_files_belong_to_the_caller(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    security: list[str],
    user: int,
    expected: list[str],
) -> None:
    """The caller's ids; where the engine maps root to the caller, root, or podman's own way."""
    fake = FakeDocker(tmp_path / "bin", name)
    fake.set(security=security)
    monkeypatch.setattr(os, "getuid", lambda: user)
    monkeypatch.setattr(os, "getgid", lambda: 7)
    Engine(str(fake.program)).run(job())
    assert [each for each in fake.ran.arguments if each.startswith("--user")] == expected


def test_the_digest_is_the_registrys_or_the_images_own(fake: FakeDocker) -> None:
    """An image that came from no registry has an id only; podman writes that without its kind."""
    engine = Engine.find()
    assert engine.image("host:5000/it:1") == Image(f"sha256:{'1' * 64}", "linux/amd64")
    fake.set(image={**AMD64, "Id": "2" * 64})
    assert engine.image("it") == Image(f"sha256:{'2' * 64}", "linux/amd64")
    digests = [f"other@sha256:{'3' * 64}", f"host:5000/it@sha256:{'4' * 64}"]
    fake.set(image={**AMD64, "RepoDigests": digests})
    assert engine.image("host:5000/it:1") == Image(f"sha256:{'4' * 64}", "linux/amd64")


def test_an_image_that_is_not_there_is_none(fake: FakeDocker) -> None:
    """Asking does not pull."""
    fake.set(image=None)
    assert Engine.find().image("it") is None
    assert fake.verbs == ["image"]


# --- what goes wrong ------------------------------------------------------------------------------------------


def test_no_engine_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S37: which program, and how to name another."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CDK_DOCKER", raising=False)
    with pytest.raises(
        ToolError, match=r"^docker was not found on PATH.*: install Docker, or name podman .*CDK_DOCKER$"
    ):
        Engine.find()
    monkeypatch.setenv("CDK_DOCKER", "podman")
    with pytest.raises(ToolError, match=r"^podman was not found on PATH"):
        Engine.find()


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        (DOWN, r"^docker is installed, but its daemon does not answer: Cannot connect .*; start it$"),
        (DENIED, r"^docker may not be used by this user: permission denied .*; join the group of its socket"),
    ],
    ids=["down", "denied"],
)
@pytest.mark.parametrize("verb", ["image inspect", "pull", "run", "info"])
def test_any_question_finds_out_an_engine_out_of_reach(
    fake: FakeDocker, verb: str, stderr: str, expected: str
) -> None:
    """S37: whichever question finds it out."""
    fake.fail(verb, stderr, code=125 if verb == "run" else 1)
    engine = Engine.find()
    asks = {"image inspect": lambda: engine.image("it"), "pull": lambda: engine.pull("it", "linux/amd64")}
    with pytest.raises(ToolError, match=expected):
        asks.get(verb, lambda: engine.run(job()))()


def test_a_refused_connection_inside_is_no_missing_daemon(fake: FakeDocker) -> None:
    """What pip says of an index it cannot reach stays what it is."""
    fake.fail("run", "ERROR: Cannot connect to proxy: Connection refused")
    with pytest.raises(
        ToolError, match=r"^tool in image:tag for linux/amd64 failed: ERROR: Cannot connect to proxy"
    ):
        Engine.find().run(job())


def test_a_pull_that_fails_names_image_and_platform(fake: FakeDocker) -> None:
    """S38."""
    fake.fail("pull", "Error response from daemon: manifest unknown")
    with pytest.raises(
        ToolError, match=r"^image it:1 for linux/arm64 could not be pulled: .*manifest unknown$"
    ):
        Engine.find().pull("it:1", "linux/arm64")


def test_an_image_for_another_platform_is_refused(fake: FakeDocker) -> None:
    """S38: some engines only warn."""
    with pytest.raises(
        ToolError, match=r"^image it for linux/arm64 .*: it is for linux/amd64, name an image for"
    ):
        Engine.find().pull("it", "linux/arm64")


def test_an_answer_that_is_no_description_is_said(fake: FakeDocker) -> None:
    """Some engine that is asked in docker's words and answers in its own."""
    fake.set(image={"Name": "it"})
    with pytest.raises(
        ToolError, match=r"^docker image inspect it gave an answer that cannot be read: KeyError"
    ):
        Engine.find().image("it")


def test_a_run_that_fails_is_one_line(fake: FakeDocker) -> None:
    """The end of what the program wrote."""
    fake.fail("run", "noise\n" * 500 + "the reason")
    with pytest.raises(ToolError, match=r"^tool in image:tag for linux/amd64 failed: ….*\| the reason$"):
        Engine.find().run(job())


@pytest.mark.parametrize("said", [SECRET, "hunter2%2F%23%3F%40%3A%25"], ids=["decoded", "encoded"])
def test_passwords_are_masked(fake: FakeDocker, said: str) -> None:
    """Of each address that was handed through, also where a program wrote it without the address."""
    fake.fail("run", f"no entry for {said}")
    with pytest.raises(ToolError, match=r"no entry for \*\*\*\*$"):
        Engine.find().run(job(handed={"PIP_INDEX_URL": "https://me:hunter2%2F%23%3F%40%3A%25@host/simple"}))


def test_a_value_that_is_no_address_is_no_trouble(fake: FakeDocker) -> None:
    """Whatever stands in a proxy variable, the error stays the program's."""
    fake.fail("run", "the reason")
    with pytest.raises(ToolError, match=r"the reason$"):
        Engine.find().run(job(handed={"HTTP_PROXY": "http://[half", "NO_PROXY": "a,b"}))


# --- nothing stays behind ---------------------------------------------------------------------------------------


def test_a_timeout_removes_the_container(fake: FakeDocker) -> None:
    """S8: the engine's client is killed, which alone would not end the container."""
    fake.set(seconds=3600)
    for seconds in (1, 10, 100):  # a busy machine takes its time to start the engine's client at all
        fake.forget()
        with pytest.raises(
            ToolError,
            match=rf"^tool in image:tag for linux/amd64 did not end within {seconds} s and was stopped$",
        ):
            Engine.find().run(job(timeout=seconds))
        if "rm" in fake.verbs:
            break
    assert not fake.is_running
    name = fake.ran.arguments[2].removeprefix("--name=")
    assert ["rm", "--force", "--volumes", name] in [call.arguments for call in fake.calls]


@pytest.mark.parametrize(
    ("number", "raised"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)],
    ids=["INT", "TERM"],
)
def test_a_signal_removes_the_container(
    fake: FakeDocker, number: signal.Signals, raised: type[BaseException]
) -> None:
    """S31: once, and a second signal while it is being removed does nothing."""
    fake.set(seconds=3600, **{"slow removal": True})

    def interrupt() -> None:
        wait_until(lambda: fake.is_running, "the container runs")
        os.kill(os.getpid(), number)
        wait_until(lambda: fake.is_removing, "the container is being removed")
        os.kill(os.getpid(), number)
        fake.finish_removal()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(raised):
        Engine.find().run(job())
    thread.join()
    assert not fake.is_running
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
