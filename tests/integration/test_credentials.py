"""Private indexes: every way to give a password, and no way for it to get out."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from constructs_lib.core import (
    Credentials,
    LayerOptions,
    Progress,
    SourceOptions,
    Target,
    WheelStore,
    build_layer,
    build_source,
)
from constructs_lib.core.errors import ArtifactError, FetchError, ProjectError, ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.system import process
from constructs_lib.core.wheels.build_in_container import BuildsInContainer
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.container_sources import Prepared
from tests.cli.commands import run
from tests.support.builders.uv import must, uv
from tests.support.files.wheels import make_wheel, unpacked
from tests.support.index.private_index import Manners, PrivateIndex, basic, running_private_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.integration

USER = "bob@corp"
CANARY = "pa/ss#wo?rd@:%25é"
SENT = basic(USER, CANARY)
TARGET = Target("3.12")
PLAIN = "pa/ss#wo?rd@:%25"
CART = "cart-1.0-py3-none-any.whl"
LAYER = {"python/cart.py", "python/cart-1.0.dist-info/METADATA", "python/cart-1.0.dist-info/WHEEL"}
ENVIRONMENT = {"UV_INDEX_BIG_VAULT_1_USERNAME": USER, "UV_INDEX_BIG_VAULT_1_PASSWORD": CANARY}
KEYRING = """\
#!{python}
import sys
open({log!r}, "a").write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1:] != {question!r}:
    sys.exit("no such entry")
print({answer!r})
"""


@pytest.fixture(autouse=True)
def _nobody_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials of the person who runs this."""
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateIndex]:
    folder = tmp_path_factory.mktemp("private")
    make_wheel(folder / "packages", "cart")
    with running_private_index(folder, USER, CANARY) as running:
        yield running


@pytest.fixture
def index(server: PrivateIndex) -> PrivateIndex:
    server.reset()
    return server


@pytest.fixture
def shop(tmp_path: Path, index: PrivateIndex) -> Path:
    """Make a project that is locked against the private index."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "pyproject.toml").write_text(index.pyproject("Big.vault-1"))
    must(uv("lock", "--quiet", f"--python={sys.executable}", cwd=root, env=ENVIRONMENT))
    index.reset()
    return root


def build(project: Path, credentials: Sequence[Credentials] = ()) -> set[str]:
    """Build the layer with an empty store; return the names in it."""
    path = project.parent / "layer.zip"
    options, store = LayerOptions(credentials=credentials), WheelStore(project.parent / "store")
    build_layer(project, path, TARGET, options, store=store)
    return set(unpacked(path))


def fails(
    project: Path, credentials: Sequence[Credentials] = (), kind: type[ArtifactError] = FetchError
) -> str:
    with pytest.raises(kind) as caught:
        build(project, credentials)
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert CANARY not in text
    assert quote(CANARY, safe="") not in text
    return text


def test_the_lock_holds_no_password(shop: Path) -> None:
    """It is left out by uv, so the lock file may be committed."""
    assert "vault" not in (shop / "uv.lock").read_text()
    assert CANARY not in (shop / "uv.lock").read_text()


def test_credentials_that_are_given(shop: Path, index: PrivateIndex) -> None:
    """The file is asked for once, with the password at once: no first try without."""
    assert build(shop, [index.credentials()]) >= LAYER
    assert index.files_asked() == [(f"/packages/{CART}", SENT)]


def test_credentials_in_the_environment(
    shop: Path, index: PrivateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables of the index that pyproject.toml names; uv itself locked with the same names."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert build(shop) >= LAYER
    assert index.files_asked() == [(f"/packages/{CART}", SENT)]


def test_credentials_in_netrc(shop: Path, index: PrivateIndex, tmp_path: Path) -> None:
    """Also a password that is not Latin-1 alone arrives as uv would send it."""
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {USER} password {CANARY}\n", encoding="utf-8")
    (tmp_path / "netrc").chmod(0o600)
    assert build(shop) >= LAYER
    assert index.files_asked() == [(f"/packages/{CART}", SENT)]


@pytest.mark.parametrize("with_username", [False, True])
def test_credentials_in_keyring(
    shop: Path, index: PrivateIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_username: bool
) -> None:
    """Asked after a 401 and not before, for the index first and then for its host; the answer is used."""
    host = index.url.removeprefix("http://")
    question = ["get", host, USER] if with_username else ["--mode", "creds", "get", host]
    answer = CANARY if with_username else f"{USER}\n{CANARY}"
    log = tmp_path / "questions"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "keyring"
    program.write_text(
        KEYRING.format(python=sys.executable, log=str(log), question=question, answer=answer),
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    if with_username:
        monkeypatch.setenv("UV_INDEX_BIG_VAULT_1_USERNAME", USER)
    assert build(shop) >= LAYER
    assert [sent for _, sent in index.files_asked()] == ["", SENT]
    first = " ".join(question).replace(host, index.simple)
    assert log.read_text().splitlines() == [first, " ".join(question)]


@pytest.mark.parametrize("origin", ["environment", "netrc"])
def test_details_name_the_origin_of_a_login_and_no_password(
    shop: Path, index: PrivateIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    """`-vv` is pasted into issues."""
    if origin == "netrc":
        (tmp_path / "netrc").write_text(
            f"machine 127.0.0.1 login {USER} password {CANARY}\n", encoding="utf-8"
        )
        (tmp_path / "netrc").chmod(0o600)
    else:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
    done = run(
        "build", shop, "--python", "3.12", "--out", tmp_path / "out", "--store", tmp_path / "store", "-vv"
    )
    assert done.exit_code == 0, done.output
    assert re.search(
        rf"GET {index.url}/packages/{CART}[^ ]*: HTTP 200, login from .*, first byte", done.stderr
    )
    assert CANARY not in done.output
    assert USER not in done.output


def test_nobody_is_asked_for_a_password_that_is_missing(shop: Path) -> None:
    """One line with the ways to give it."""
    text = fails(shop)
    assert "HTTP 401 Unauthorized; it asks for a user name and password: give Credentials" in text


def test_a_wrong_password(shop: Path, index: PrivateIndex) -> None:
    """The line says whose password was not accepted, and not which it was."""
    wrong = Credentials("vault", index.simple, USER, f"{CANARY}!")
    text = fails(shop, [wrong])
    assert "HTTP 403 Forbidden; it does not accept user name and password from the credentials given" in text
    assert USER not in text


def test_a_refusal(shop: Path, index: PrivateIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that has ended looks like this."""
    index.behave(Manners(refused=True))
    monkeypatch.setenv("UV_INDEX_BIG_VAULT_1_USERNAME", USER)
    monkeypatch.setenv("UV_INDEX_BIG_VAULT_1_PASSWORD", CANARY)
    assert "from the environment (UV_INDEX_BIG_VAULT_1_PASSWORD)" in fails(shop)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_redirect_never_carries_credentials_to_another_host(
    shop: Path, index: PrivateIndex, tmp_path: Path, host: str
) -> None:
    """Neither to another port nor to another name; and what comes from there is verified like everything."""
    make_wheel(tmp_path / "other" / "packages", "cart")
    with running_private_index(tmp_path / "other", host=host) as other:
        index.behave(Manners(redirects={f"/packages/{CART}": f"{other.url}/packages/{CART}"}))
        assert build(shop, [index.credentials()]) >= LAYER
        assert index.files_asked() == [(f"/packages/{CART}", SENT)]
        assert other.asked == [(f"/packages/{CART}", "")]


def test_a_redirect_to_the_same_host_keeps_them(shop: Path, index: PrivateIndex) -> None:
    """An index may have moved its files."""
    (shop / "uv.lock").write_text((shop / "uv.lock").read_text().replace("/packages/", "/old/"))
    index.behave(Manners(redirects={f"/old/{CART}": f"/packages/{CART}"}))
    assert build(shop, [index.credentials()]) >= LAYER
    assert index.asked == [(f"/old/{CART}", SENT), (f"/packages/{CART}", SENT)]


def test_credentials_of_another_host_are_not_sent(shop: Path, index: PrivateIndex) -> None:
    """`localhost` and `127.0.0.1` are two hosts, and another port is another host."""
    elsewhere = Credentials("vault", index.simple.replace("127.0.0.1", "localhost"), USER, CANARY)
    assert "HTTP 401" in fails(shop, [elsewhere])
    assert {sent for _, sent in index.asked} == {""}


def test_a_requirements_file_that_names_the_index(tmp_path: Path, index: PrivateIndex) -> None:
    """`uv pip compile` asks the index too, and is told of the password by its environment alone."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1.0"\n')
    (root / "requirements.txt").write_text(f"--index-url {index.simple}\ncart==1.0\n")
    assert "401" in fails(root, kind=ToolError)
    assert build(root, [index.credentials()]) >= LAYER
    assert {sent for _, sent in index.files_asked()} >= {SENT}


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[PrivateIndex]:
    """Run an index whose password is ASCII: Poetry and pip, by way of requests, send others as Latin-1."""
    make_wheel(tmp_path / "plain" / "packages", "cart")
    with running_private_index(tmp_path / "plain", USER, PLAIN) as running:
        yield running


def test_poetry(tmp_path: Path, plain: PrivateIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source's name is what both Poetry and we go by; the export asks the index too."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.10"\ndependencies = ["cart"]\n'
        f'[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "big-vault"\nurl = "{plain.simple}"\n'
    )
    for name in ("CACHE_DIR", "CONFIG_DIR", "DATA_DIR"):
        monkeypatch.setenv(f"POETRY_{name}", str(tmp_path / f"poetry-{name}"))
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "false")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    given = plain.credentials("big-vault")
    environment = {**os.environ, **given.poetry_environment()}
    process.run([process.find_tool("poetry"), "lock", "--no-interaction"], cwd=root, env=environment)
    assert PLAIN not in (root / "poetry.lock").read_text()
    plain.reset()
    assert build(root, [given]) >= LAYER
    assert plain.files_asked()[-1][1] == plain.basic


def test_pip_finds_the_index_in_a_private_file(tmp_path: Path, plain: PrivateIndex) -> None:
    """What the builders use: nothing in the argument list, and the file is gone afterwards."""
    with plain.credentials().pip_environment() as environment:
        config = Path(environment["PIP_CONFIG_FILE"])
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
        process.run(
            [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "cart"],
            cwd=tmp_path,
            env=environment,
        )
    assert (tmp_path / CART).is_file()
    assert not config.parent.exists()


def test_a_backend_from_the_private_index(tmp_path: Path, index: PrivateIndex) -> None:
    """What a build needs is asked for with the same credentials."""
    root = tmp_path / "app"
    (root / "src" / "app").mkdir(parents=True)
    (root / "src" / "app" / "__init__.py").write_text("")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
        '[build-system]\nrequires = ["uv_build>=0.9", "cart"]\nbuild-backend = "uv_build"\n'
        f'[[tool.uv.index]]\nname = "vault"\nurl = "{index.simple}"\n'
    )
    store = WheelStore(tmp_path / "store")
    options = SourceOptions(credentials=[index.credentials()])
    build_source(root, tmp_path / "source.zip", options, store=store)
    assert SENT in {sent for _, sent in index.asked}


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_a_manifest_with_a_password_is_refused(shop: Path, index: PrivateIndex, name: str) -> None:
    """File and line, the value masked; nothing is asked of the index."""
    path = shop / name
    secret = quote(CANARY, safe="")
    path.write_text(path.read_text().replace("http://", f"http://bob:{secret}@"))
    text = fails(shop, kind=ProjectError)
    assert text.startswith(f"{path}:")
    assert "http://****@127.0.0.1" in text
    assert index.asked == []


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "requirements.txt", "more.txt", "pylock.toml", "poetry.lock"]
)
def test_other_manifests_with_a_password_are_refused(tmp_path: Path, name: str) -> None:
    """Also a file that a requirements file includes; no tool is started for it."""
    files = {"pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\n', "more.txt": ""}
    files |= {name: "-r more.txt\n"} if name == "requirements.txt" else {}
    files |= {"requirements.txt": "-r more.txt\n"} if name in ("pyproject.toml", "more.txt") else {}
    files[name] = files.get(name, "") + "# https://hunter2@host/simple\n"
    for each, text in files.items():
        (tmp_path / each).write_text(text)
    line = files[name].count("\n")
    with pytest.raises(ProjectError) as caught:
        build_layer(tmp_path, tmp_path / "layer.zip", TARGET, store=WheelStore(tmp_path / "store"))
    assert str(caught.value).startswith(f"{tmp_path / name}:{line}: https://****@host carries")


def test_a_path_dependency_with_a_password_is_refused(tmp_path: Path) -> None:
    """Its pyproject.toml is a manifest too."""
    for name, more in (
        ("shop", 'dependencies = ["lib"]\n[tool.uv.sources]\nlib = { path = "../lib" }\n'),
        ("lib", ""),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.10"\n{more}'
        )
    must(uv("lock", "--offline", f"--python={sys.executable}", cwd=tmp_path / "shop"))
    with (tmp_path / "lib" / "pyproject.toml").open("a") as file:
        file.write('[tool.x]\nurl = "https://bob:hunter2@host"\n')
    text = fails(tmp_path / "shop", kind=ProjectError)
    assert "lib/pyproject.toml:6: https://****@host carries" in text


def test_a_wheel_of_an_earlier_build_is_looked_at_again(tmp_path: Path) -> None:
    """It was built before anybody said that what it holds is a password."""
    given = Credentials("vault", "https://host", USER, CANARY)
    (tmp_path / "app" / "src" / "app").mkdir(parents=True)
    (tmp_path / "app" / "src" / "app" / "__init__.py").write_text(
        f"PASSWORD = {CANARY!r}\n", encoding="utf-8"
    )
    (tmp_path / "app" / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1.0"\n[build-system]\nrequires = ["uv_build>=0.9"]\nbuild-backend = "uv_build"\n'
    )
    path, store = tmp_path / "source.zip", WheelStore(tmp_path / "store")
    build_source(tmp_path / "app", path, store=store)
    path.unlink()
    with pytest.raises(
        ProjectError, match=r"app/__init__\.py holds a password that was given as Credentials"
    ):
        build_source(tmp_path / "app", path, SourceOptions(credentials=[given]), store=store)
    assert not path.exists()


def test_in_a_container_the_password_is_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in its environment, which the engine shows to whoever may ask it."""
    monkeypatch.setenv("PIP_INDEX_URL", "https://host/simple")
    given = Credentials("vault", "https://host", USER, CANARY)
    builds = BuildsInContainer(
        Container(), TARGET, WheelStore(tmp_path), Progress(quiet=True), Access([given])
    )
    job = builds._job(tmp_path, tmp_path, Prepared("x.tar.gz"))
    assert "PIP_INDEX_URL" not in job.handed
    config = tmp_path / Path(job.settings["PIP_CONFIG_FILE"]).name
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert given.pip_extra_index_url in config.read_text()
    assert not [each for each in job.arguments("name") if quote(CANARY, safe="") in each or CANARY in each]
