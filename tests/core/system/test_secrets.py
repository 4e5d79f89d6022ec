"""Passwords in addresses, texts, environments and files."""

from __future__ import annotations

import base64
import json
import sys
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import (
    Address,
    mask,
    passwords_in,
    redact,
    refuse_credentials,
    refuse_secrets,
    secrets_of,
    without_user,
)

if TYPE_CHECKING:
    from pathlib import Path

NASTY = "pa/ss#wo?rd@:%25é"


@pytest.mark.parametrize(
    "line",
    [
        'url = "https://bob:hunter2@host/simple"',
        "--index-url https://hunter2@host/simple",
        'cart = { git = "https://hunter2:x-oauth-basic@host/cart" }',
        "cart @ git+https://hunter2@host/cart.git@v1",
        "cart @ git+ssh://git:hunter2@host/cart.git",
        '"https://hunter2:@host/"',
        "https://aws:hunter2@host/simple",
        "https://bob:hun/ter#2hunter2@host/simple",
        "# https://bob:hunter2@host",
        "https://bob:h@unter2@host",
        "postgresql://bob:hunter2@host/db",
        r'url = "http:\u002f\u002fbob:hunter2@host/x"',
        r'"url": "https:\/\/bob:hunter2@host\/x"',
        r'url = "https://bob:hunter2\U00000040host/x"',
    ],
)
def test_a_password_or_token_in_an_address_is_refused(line: str) -> None:
    """With file and line; the value is masked."""
    with pytest.raises(ProjectError) as caught:
        refuse_credentials(f"fine\n{line}\n", "/x/pyproject.toml")
    text = str(caught.value)
    assert text.startswith("/x/pyproject.toml:2: ")
    assert "://****@" in text
    assert "hunter2" not in text
    assert "unter2" not in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "x @ https://host/x.whl?token=hunter2hunter2",
        'url = "https://host/x.whl?a=b&X-Amz-Signature=hunter2hunter2"',
        "https://host/x.whl?sv=1&sig=hunter2%2Bhunter2",
        r'url = "https:\u002f\u002fhost/x.whl?api_key=hunter2hunter2"',
    ],
)
def test_a_token_in_a_query_is_refused(line: str) -> None:
    """Signed addresses are passwords with an end; neither belongs into a lock file."""
    with pytest.raises(
        ProjectError, match=r"^uv\.lock:1: https://host carries a token in its query: "
    ) as caught:
        refuse_credentials(line, "uv.lock")
    assert "unter2" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        'url = "https://host/simple"',
        "https://host/x.whl?token=${TOKEN_OF_THE_INDEX}",
        "https://host/x.whl?tokens=2&format=json&ref=0123456789abcdef",
        "cart @ git+ssh://git@host/cart.git@v1",
        "cart @ git+ssh://me@host/cart.git",
        "cart @ git+https://git@host/cart.git",
        "--index-url https://${USER}:${PASSWORD}@host/simple",
        "--index-url https://bob:${PASSWORD}@host/simple",
        "--index-url https://aws@domain-1.d.codeartifact.region.amazonaws.com/pypi/x/simple/",
        "--index-url https://__token__@host/simple",
        "#    uv pip compile --index-url https://****:****@host/simple",
        "https://host:8080/path@v1",
        "https://host/x?mail=a@b",
        "https://host/#a@b",
        "http://[::1]:8080/x@v1",
        'authors = [{ name = "Bob", email = "bob@host" }]',
        "see https://host, mail bob@host",
        "https://host:8080, bob@host",
    ],
)
def test_what_is_no_secret_is_not_refused(line: str) -> None:
    """User names that are everybody's, placeholders, revisions and mail addresses."""
    refuse_credentials(line, "x")


@pytest.mark.parametrize("user", ["${TOKEN}", "bob:${TOKEN}", "${USER}:${TOKEN}", "oauth2:${TOKEN}"])
def test_a_placeholder_in_the_address_of_a_repository_is_refused(user: str) -> None:
    """Its value would stand in an argument of git, which every user of the machine can read."""
    with pytest.raises(ProjectError, match=r"^x:1: git\+https://\*\*\*\*@host .* by a credential helper$"):
        refuse_credentials(f"lib @ git+https://{user}@host/lib.git", "x")
    refuse_credentials("lib @ git+https://****@host/lib.git", "x")


def test_every_toml_manifest_is_looked_at(tmp_path: Path) -> None:
    """Whoever reads a pyproject.toml through the project module."""
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\nindex-url = "https://bob:hunter2@host"\n')
    with pytest.raises(ProjectError, match=r"pyproject\.toml:2: https://\*\*\*\*@host carries a user name"):
        read_pyproject(tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://bob:pw@host/x", "https://****@host/x"),
        ("git+https://TOKEN@host/x.git@v1", "git+https://****@host/x.git@v1"),
        ("https://bob:p@ss@host/x", "https://****@host/x"),
        ("https://a:b@one and https://c:d@two", "https://****@one and https://****@two"),
        ("https://host/x@1.0", "https://host/x@1.0"),
        ("https://host?mail=a@b", "https://host?mail=****"),
        (
            "get https://host/x.whl?token=SECRET&X-Amz-Signature=0ab#f failed",
            "get https://host/x.whl?token=****&X-Amz-Signature=****#f failed",
        ),
        ("https://bob:pw@host/x?SECRET", "https://****@host/x?****"),
        ("is this https://host/x? yes", "is this https://host/x? yes"),
        ("Authorization: Basic Ym9iOmh1bnRlcjI=", "Authorization: Basic ****"),
        ("{'authorization': 'Bearer abcdefghij'}", "{'authorization': 'Bearer ****'}"),
        ("mail me@host", "mail me@host"),
    ],
)
def test_user_names_and_passwords_are_masked(text: str, masked: str) -> None:
    """Also a password with an @ in it, and a token without a password; addresses themselves stay readable."""
    assert redact(text) == masked


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://host/simple/", Address("https://host/simple/", "", "")),
        ("https://aws@host/simple?x=1#y", Address("https://host/simple", "aws", "")),
        ("https://ci%40corp:pa%2Fss@host:8443/x", Address("https://host:8443/x", "ci@corp", "pa/ss")),
        ("https://bob:p@ss@host/x", Address("https://host/x", "bob", "p@ss")),
        ("https://host/x@1.0", Address("https://host/x@1.0", "", "")),
    ],
)
def test_an_address_is_split_from_its_user_name_and_password(url: str, address: Address) -> None:
    """Decoded; query and fragment, where some indexes take tokens, go too."""
    assert without_user(url) == address


def test_the_passwords_in_a_text_are_found_as_written_and_decoded() -> None:
    """Of each address in it; a lone user name may be a token."""
    text = "name=https://bob:p%2fw@host/x https://token@host, and http://[half and a,b"
    assert passwords_in(text) == {"p%2fw", "p/w", "token"}


def test_the_secrets_of_an_environment() -> None:
    """Passwords and tokens of uv, pip and Poetry, and what stands in addresses; a token may be a user name."""
    found = secrets_of(
        {
            "UV_INDEX_A_USERNAME": "bob",
            "UV_INDEX_A_PASSWORD": "one",
            "UV_INDEX_B_USERNAME": "two",
            "POETRY_HTTP_BASIC_A_PASSWORD": "three",
            "POETRY_PYPI_TOKEN_A": "four",
            "PIP_INDEX_URL": "https://u:fi%2Fve@host",
            "UV_DEFAULT_INDEX": "https://six@host",
            "https_proxy": "http://u:seven@proxy",
            "UV_PUBLISH_TOKEN": "eight",
            "HOME": "/home/bob",
            "UV_CACHE_DIR": "/cache",
            "DATABASE_PASSWORD": "not ours",
        }
    )
    assert found == {"one", "two", "three", "four", "fi%2Fve", "fi/ve", "six", "seven", "eight"}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=30))
def test_a_secret_is_masked_however_it_is_written(secret: str) -> None:
    """Plain, percent-encoded in any way and case, and as JSON."""
    forms = [secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]]
    forms += [unicodedata.normalize(form, secret) for form in ("NFC", "NFD")]
    for form in (*forms, quote(secret, safe="").lower(), quote(quote(secret, safe=""))):
        assert mask(f"<{form}>", [secret]) == "<****>"


@given(st.binary(max_size=5), st.text("abcdefgh:/+é", min_size=12), st.binary(max_size=5))
def test_a_secret_is_masked_in_base64(before: bytes, secret: str, after: bytes) -> None:
    """As basic authentication writes it, behind a user name of any length."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + secret.encode() + after).decode()
        assert mask(encoded, [secret]).count("****") == 1


def test_a_secret_is_masked_where_a_line_was_broken() -> None:
    """Programs wrap what they write at the width of a terminal."""
    assert mask("the password is hunter2-\n   hunter2", ["hunter2-hunter2"]) == "the password is ****"


def test_what_is_too_short_is_not_masked() -> None:
    """A text without any `a` says nothing."""
    assert mask("a banana", ["a", ""]) == "a banana"


def test_of_two_secrets_the_longer_goes_first() -> None:
    """Otherwise its rest would stay."""
    assert mask("abcdefgh", ["abcd", "abcdefgh"]) == "****"


def test_a_program_does_not_tell_what_it_was_given(tmp_path: Path) -> None:
    """Raw and encoded, on stderr and in its arguments."""
    code = "import os, sys; from urllib.parse import quote; p = os.environ['UV_INDEX_X_PASSWORD']; sys.exit(f'{p} {quote(p)}')"
    with pytest.raises(ToolError) as caught:
        process.run([sys.executable, "-c", code, NASTY], cwd=tmp_path, env={"UV_INDEX_X_PASSWORD": NASTY})
    assert str(caught.value).endswith(": **** ****")


def test_a_file_with_a_password_is_refused() -> None:
    """By its name, in any form; a short one is there by chance."""
    for form in (
        NASTY,
        quote(NASTY, safe=""),
        quote(NASTY, safe="").lower(),
        base64.b64encode(NASTY.encode()).decode(),
    ):
        with pytest.raises(
            ProjectError, match=r"^a\.py holds a password that was given as Credentials"
        ) as caught:
            refuse_secrets("a.py", f"x = {form}".encode(), [NASTY])
        assert NASTY not in str(caught.value)
    with pytest.raises(ProjectError):
        refuse_secrets("a.reg", f"x = {NASTY}".encode("utf-16"), [NASTY])
    refuse_secrets("a.py", b"x = 'secret'", ["secret"])
    refuse_secrets("a.py", b"x", [NASTY])
