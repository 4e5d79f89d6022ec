"""A password appears nowhere, whether a build succeeds, fails, takes too long or is interrupted.

Each case is a program of its own in a folder of its own, with its own store, caches and temporary folder, so that
afterwards everything it left can be read.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.builders.canary import forms, traces, watched_argument_lists
from tests.support.builders.uv import must, uv
from tests.support.files.wheels import make_wheel, unpacked
from tests.support.index.private_index import Manners, PrivateIndex, running_private_index
from tests.support.patience import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
USER = "bob@corp"
CANARY = "pa/ss#wo?rd@:%25é"
FORMS = forms(USER, CANARY)
BUILD_SYSTEM = """\

[build-system]
requires = ["uv_build>=0.9"]
build-backend = "uv_build"
"""
GIVEN = """\
from constructs_lib.core import Credentials
names = {{"username_variable": "SHOP_USER", "password_variable": "SHOP_PASSWORD"}}
hurried = {hurried!r}
given = [Credentials.from_env("vault", "{index}", **names)]
"""
SYNTH = """\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs_lib import PythonLayerArtifact, PythonSourceArtifact

app = cdk.App(outdir="cdk.out")
stack = cdk.Stack(app, "Shop")
PythonLayerArtifact(stack, "Deps", entry="shop", runtime=lambda_.Runtime.PYTHON_3_13, credentials=given)
PythonSourceArtifact(stack, "Code", entry="shop", credentials=given)
app.synth()
"""
# Says all that a failure knows: text, chain and attributes of every exception, and every log line.
BUILD = """\
import logging, subprocess, sys, traceback
from pathlib import Path
from constructs_lib.core import LayerOptions, Progress, Target, build_layer

logging.basicConfig(level=logging.DEBUG)
if hurried:
    communicate = subprocess.Popen.communicate

    def hurry(program, input=None, timeout=None):
        return communicate(program, input, 1 if hurried in program.args else timeout)

    subprocess.Popen.communicate = hurry
try:
    build_layer("shop", Path("layer.zip"), Target("3.13"), LayerOptions(credentials=given), progress=Progress())
except BaseException as error:
    traceback.print_exc()
    while error is not None:
        print(repr(error), error.args, vars(error), file=sys.stderr)
        error = error.__cause__ or error.__context__
    sys.exit(3)
"""
# Loaded by every Python that the program starts: writes down the argument list of each program that begins.
WITNESS = """\
import os, sys

def witness(event, arguments):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        with open(os.environ["WITNESS"], "a") as file:
            print(event, *arguments[:2], file=file)

sys.addaudithook(witness)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateIndex]:
    folder = tmp_path_factory.mktemp("private")
    make_wheel(folder / "packages", "cart")
    with running_private_index(folder, USER, CANARY) as running:
        yield running


@dataclass
class Ended:
    """A program that has ended."""

    code: int
    said: str


@dataclass
class Case:
    """A folder with a project and room for all that a program may write."""

    folder: Path
    index: PrivateIndex

    @property
    def shop(self) -> Path:
        return self.folder / "shop"

    def run(
        self,
        program: str,
        meanwhile: Callable[[subprocess.Popen[str]], None] = lambda _: None,
        *,
        hurried: str = "",
    ) -> Ended:
        """Run `program`; afterwards no argument list, output or file has held the password.

        The program with the argument `hurried` gets a second, which is not enough; all others their usual time.
        """
        env = {
            **os.environ,
            "SHOP_USER": USER,
            "SHOP_PASSWORD": CANARY,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "witness"), str(ROOT)]),
            "WITNESS": str(self.folder / "witness.log"),
            "CONSTRUCTS_LIB_STORE": str(self.folder / "store"),
            "UV_CACHE_DIR": str(self.folder / "uv-cache"),
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
        }
        command = [sys.executable, "-c", GIVEN.format(index=self.index.simple, hurried=hurried) + program]
        with (
            watched_argument_lists(FORMS) as lists,
            subprocess.Popen(
                command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process,
        ):
            meanwhile(process)
            said, _ = process.communicate(timeout=PATIENCE)
        assert lists == []
        assert not [form for form in FORMS if form in said.encode()], said
        assert traces(self.folder, FORMS) == []
        return Ended(process.returncode, said)

    def assets(self) -> set[str]:
        """Return the names in the zips of cdk.out."""
        return {name for path in (self.folder / "cdk.out").glob("asset.*.zip") for name in unpacked(path)}

    def leftovers(self) -> list[Path]:
        return list((self.folder / "tmp").iterdir())


@pytest.fixture
def case(tmp_path: Path, server: PrivateIndex) -> Case:
    server.reset()
    case = Case(tmp_path, server)
    for name in ("home", "tmp", "witness"):
        (tmp_path / name).mkdir()
    (tmp_path / "witness" / "sitecustomize.py").write_text(WITNESS)
    (case.shop / "src" / "shop").mkdir(parents=True)
    (case.shop / "src" / "shop" / "__init__.py").write_text("import cart\n")
    (case.shop / "pyproject.toml").write_text(server.pyproject() + BUILD_SYSTEM)
    must(
        uv(
            "lock",
            f"--python={sys.executable}",
            cwd=case.shop,
            env={"UV_INDEX_VAULT_USERNAME": USER, "UV_INDEX_VAULT_PASSWORD": CANARY},
        )
    )
    server.reset()
    return case


@pytest.fixture
def compiled(case: Case) -> Case:
    """Replace the lock by a requirements.txt, for which uv has to ask the index."""
    (case.shop / "uv.lock").unlink()
    (case.shop / "requirements.txt").write_text("cart\n")
    return case


def test_the_traces_would_be_found(tmp_path: Path) -> None:
    """In a file, percent-encoded, in a zip within a zip, in a name; and not where there are none."""
    (tmp_path / "plain").write_text(f"x{CANARY}x")
    (tmp_path / "encoded").write_text("pa%2Fss%23wo%3Frd%40%3A%2525%C3%A9")
    inner = make_wheel(tmp_path, "inner", files={"a.py": CANARY.encode()})
    make_wheel(tmp_path, "outer", files={"b.whl": inner.read_bytes()})
    make_wheel(tmp_path, "clean")
    found = ["encoded", "inner-1.0-py3-none-any.whl", "outer-1.0-py3-none-any.whl", "plain"]
    assert traces(tmp_path, FORMS) == found


def test_argument_lists_are_watched() -> None:
    """A secret in one is seen; it is not the others', whose tests may run on this machine right now."""
    secret = f"{CANARY[::-1]}{os.urandom(8).hex()}"
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", secret]
    with (
        watched_argument_lists(forms(USER, secret)) as found,
        subprocess.Popen(command, stdin=subprocess.PIPE) as process,
    ):
        wait_until(lambda: found, "the secret is seen")
        process.communicate()


def test_a_synth_that_succeeds(case: Case) -> None:
    """Layer and source are in cdk.out; the password went to uv and the index alone."""
    ended = case.run(SYNTH)
    assert ended.code == 0, ended.said
    assert {"python/cart.py", "shop/__init__.py"} <= case.assets()
    assert case.index.basic in {sent for _, sent in case.index.files_asked()}
    assert "uv" in (case.folder / "witness.log").read_text()


def test_a_synth_that_fails(case: Case) -> None:
    """The refusal is an annotation in cdk.out, without what was refused."""
    case.index.behave(Manners(refused=True))
    ended = case.run(SYNTH)
    assert ended.code == 0, ended.said
    written = "".join(path.read_text() for path in (case.folder / "cdk.out").glob("*.json"))
    assert "HTTP 403 Forbidden; it does not accept user name and password" in written
    assert "python/cart.py" not in case.assets()


def test_a_tool_that_fails(compiled: Case) -> None:
    """What uv says of the index is quoted, masked."""
    compiled.index.behave(Manners(refused=True))
    ended = compiled.run(BUILD)
    assert ended.code == 3
    assert "uv pip compile failed" in ended.said
    assert compiled.leftovers() == []


def test_a_tool_that_takes_too_long(compiled: Case) -> None:
    """It is stopped, and its arguments are not quoted in full."""
    compiled.index.behave(Manners(hanging=True))
    ended = compiled.run(BUILD, hurried="compile")
    assert ended.code == 3
    assert "uv pip compile did not end within " in ended.said
    assert compiled.leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt(compiled: Case, number: signal.Signals) -> None:
    """While uv waits for the index."""
    compiled.index.behave(Manners(hanging=True))

    def interrupt(process: subprocess.Popen[str]) -> None:
        compiled.index.wait_until_asked("/simple/")
        process.send_signal(number)

    assert compiled.run(BUILD, interrupt).code == 3
    assert compiled.leftovers() == []


def test_a_source_that_holds_the_password(case: Case) -> None:
    """It is refused by the file's name before anything is kept."""
    (case.shop / "src" / "shop" / "settings.py").write_text(
        'URL = "https://u:pa%2Fss%23wo%3Frd%40%3A%2525%C3%A9@h"'
    )
    program = """
from pathlib import Path
from constructs_lib.core import ArtifactError, SourceOptions, build_source
try:
    build_source("shop", Path("source.zip"), SourceOptions(credentials=given))
except ArtifactError as error:
    print(error)
"""
    secret = case.shop / "src" / "shop" / "settings.py"
    content = secret.read_bytes()

    def hide(process: subprocess.Popen[str]) -> None:
        process.wait()
        secret.write_bytes(b"")

    ended = case.run(program, hide)
    assert b"pa%2Fss" in content
    assert "shop/settings.py holds a password that was given as Credentials" in ended.said
    assert not (case.folder / "source.zip").exists()
