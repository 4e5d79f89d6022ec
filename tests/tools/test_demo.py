"""The steps of the demo, with a driver in memory: each broken promise is noticed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support.patience import wait_until
from tools import demo
from tools.demo_driver import Driver, Surprise

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
ARN = "arn:aws:lambda:eu-central-1:000000000042:layer:deps:"
MANIFEST = 'dependencies = [\n    "humanize==4.15.0",  # pure\n    "pydantic==2.13.4",\n]\n'


class FakeDriver:
    """Keeps every promise: a new version for a new manifest, the old one for an old manifest."""

    def __init__(self, folder: Path) -> None:
        self.greeter = folder
        self.manifest = folder / "pyproject.toml"
        self.manifest.write_text(MANIFEST)
        self.versions: list[str] = []
        self.live = ""

    def lock(self) -> None:
        (self.greeter / "uv.lock").write_text(
            '[[package]]\nname = "humanize"\n\n[[package]]\nname = "greeter"\n'
        )

    def bootstrap(self) -> None:
        pass

    def publish(self) -> str:
        text = self.manifest.read_text()
        if text not in self.versions:
            self.versions.append(text)
        return text

    def deploy(self) -> str:
        self.live = self.publish()
        return self.live_arn()

    def deploy_broken(self) -> str:
        self.publish()
        return "UPDATE_ROLLBACK_COMPLETE"

    def live_arn(self) -> str:
        return f"{ARN}{self.versions.index(self.live) + 1}"

    def published(self, arn: str) -> list[int]:
        assert arn.startswith(ARN)
        return [number + 1 for number, _ in enumerate(self.versions)]

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        packages = dict(re.findall(r'"(.+)==(.+)"', self.live))
        slug = {"slug": "ada"} if "python-slugify" in packages else {}
        return {"greeting": f"Hello {event['name']}!", "packages": packages, **slug}

    def destroy(self) -> None:
        pass


class PublishesAlways(FakeDriver):
    def publish(self) -> str:
        self.versions.append(self.manifest.read_text())
        return self.versions[-1]


class NumbersGoBackwards(FakeDriver):
    def live_arn(self) -> str:
        return f"{ARN}{len(self.versions)}"


class KeepsOldCode(FakeDriver):
    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().invoke(event), "packages": {"humanize": "4.15.0", "pydantic": "2.13.4"}, "slug": ""}


class KeepsNewCode(FakeDriver):
    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        answer = super().invoke(event)
        answer["packages"] |= {"python-slugify": "8.0.4"} if len(self.versions) > 1 else {}
        return answer


class RollbackFails(FakeDriver):
    def deploy_broken(self) -> str:
        super().deploy_broken()
        return "UPDATE_ROLLBACK_FAILED"


class RollbackEndsElsewhere(FakeDriver):
    def deploy_broken(self) -> str:
        self.live = self.publish()
        return "UPDATE_ROLLBACK_COMPLETE"


class LayerWasNotTouched(FakeDriver):
    def deploy_broken(self) -> str:
        return "UPDATE_ROLLBACK_COMPLETE"


def run_steps(driver: FakeDriver) -> None:
    demo.run_steps(cast("Driver", driver))


def test_each_step_is_one_line_with_its_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If every promise holds, there are nine steps, one line each."""
    run_steps(FakeDriver(tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert all(re.fullmatch(r"  [a-z ]{18} *\d+\.\d s  \S.*", line) for line in lines)
    assert "'Hello Ada Lovelace!', with humanize 4.15.0, pydantic 2.13.4 from the layer" in lines[3]


@pytest.mark.parametrize(
    ("driver", "says"),
    [
        (PublishesAlways, r"expected \[1\], found \[1, 2\]"),
        (NumbersGoBackwards, r"expected \S+:1, found \S+:2"),
        (KeepsOldCode, "should have {'python-slugify': '8.0.4'}"),
        (KeepsNewCode, "should have {'python-slugify': 'none'}"),
        (RollbackFails, "found UPDATE_ROLLBACK_FAILED"),
        (RollbackEndsElsewhere, r"expected \S+:1, found \S+:3"),
        (LayerWasNotTouched, r"expected \[1, 2, 3\], found \[1, 2\]"),
    ],
)
def test_a_broken_promise_is_a_surprise(tmp_path: Path, driver: type[FakeDriver], says: str) -> None:
    """A difference ends the demo, and the text has the expected and the actual value."""
    with pytest.raises(Surprise, match=says):
        run_steps(driver(tmp_path))


@pytest.mark.integration
def test_a_surprise_keeps_the_logs_and_names_the_one_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project without the cdk command line: the text says so and names a log, which is there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    project = tmp_path / "project"
    shutil.copytree(ROOT / "app_example", project / "app_example")
    with pytest.raises(Surprise, match=r"cdk command line is missing: .* look at ") as caught:
        demo.show(project)
    named = Path(str(caught.value).rpartition("look at ")[2])
    assert named.is_file()
    assert {file.name for file in named.parent.iterdir()} == {
        "01-uv-lock.log",
        "ministack.log",
        "functions.log",
    }


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="the demo needs Linux")
@pytest.mark.parametrize(
    ("number", "step"),
    [(signal.SIGINT, "cdk bootstrap"), (signal.SIGINT, "cdk deploy"), (signal.SIGTERM, "cdk deploy")],
    ids=["Ctrl-C in bootstrap", "Ctrl-C in deploy", "SIGTERM in deploy"],
)
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, step: str) -> None:
    """Ctrl-C or SIGTERM in the middle of a command ends with 130, without processes and temporary files."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "tools/demo.py"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        said = b""
        assert process.stdout is not None
        while step.encode() not in said:
            chunk = os.read(process.stdout.fileno(), 4096)
            assert chunk, said.decode()
            said += chunk
        time.sleep(0.7)  # the command is under way
        process.send_signal(number)
        said += process.stdout.read()
    assert process.returncode == 130, said.decode()
    assert b"demo: interrupted; nothing is left behind" in said
    assert list(temporary.iterdir()) == []
    environments = Path("/proc")
    wait_until(
        lambda: not any(_mentions(path, temporary) for path in environments.glob("[0-9]*/environ")),
        "no process of the demo is left",
    )


def _mentions(environ: Path, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in environ.read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return False
