"""The files of a project on its index, by JSON (PEP 691) and by HTML (PEP 503)."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.index.http_session import Pages
from constructs_lib.core.index.release_page import ReleaseFile, read_release_page
from tests.support.index.serving import serving
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator

SHA = "c" * 64


@pytest.fixture
def pages() -> Iterator[dict[str, tuple[str, str]]]:
    """Serve what a test puts here, path → type and text, below the address at the key `url`."""
    content: dict[str, tuple[str, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = content.get(self.path, ("", ""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

    with serving(Handler) as url:
        content["url"] = ("", url)
        yield content


def read(pages: dict[str, tuple[str, str]], kind: str, text: str) -> list[ReleaseFile]:
    pages["/simple/aa/"] = (kind, text)
    return read_release_page(f"{pages['url'][1]}/simple", "aa", Pages(Access()))


def test_json(pages: dict[str, tuple[str, str]]) -> None:
    """Relative addresses, files without a hash, and yanked ones with or without a reason."""
    files = [
        {"filename": "aa-1.tar.gz", "url": "../../f/aa-1.tar.gz", "hashes": {"sha256": SHA.upper()}},
        {"filename": "aa-1-py3-none-any.whl", "url": "https://h/a", "hashes": {}, "yanked": ""},
        {"filename": "b", "url": "https://h/b", "hashes": {}, "yanked": False, "requires-python": ">=3"},
    ]
    assert read(pages, "application/vnd.pypi.simple.v1+json", json.dumps({"files": files})) == [
        ReleaseFile("aa-1.tar.gz", f"{pages['url'][1]}/f/aa-1.tar.gz", SHA, "", is_yanked=False),
        ReleaseFile("aa-1-py3-none-any.whl", "https://h/a", "", "", is_yanked=True),
        ReleaseFile("b", "https://h/b", "", ">=3", is_yanked=False),
    ]


def test_html(pages: dict[str, tuple[str, str]]) -> None:
    """The name is that of the address, which may be encoded; a base is where relative ones start from."""
    page = (
        '<base href="https://h/base/"><a>no link</a>'
        f'<a href="aa-1%2Bcpu.tar.gz#sha256={SHA}" data-requires-python="&gt;=3.8">x</a>'
        '<a href="/aa-1-py3-none-any.whl#md5=1" data-yanked>x</a>'
    )
    assert read(pages, "text/html; charset=UTF-8", page) == [
        ReleaseFile("aa-1+cpu.tar.gz", "https://h/base/aa-1%2Bcpu.tar.gz", SHA, ">=3.8", is_yanked=False),
        ReleaseFile("aa-1-py3-none-any.whl", "https://h/aa-1-py3-none-any.whl", "", "", is_yanked=True),
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"files": [1]}', '{"files": [{"filename": "a"}]}', '{"files": 1}']
)
def test_an_answer_of_another_form_is_one_line(pages: dict[str, tuple[str, str]], text: str) -> None:
    with pytest.raises(
        FetchError, match=r"list of aa's files, .* /simple/aa/: the answer is no page|no page"
    ):
        read(pages, "application/json", text)


def test_an_index_without_the_project_lists_nothing(pages: dict[str, tuple[str, str]]) -> None:
    assert read_release_page(f"{pages['url'][1]}/simple", "bb", Pages(Access())) == []


def test_an_index_that_does_not_answer_is_one_line() -> None:
    with running_index() as index:
        closed = index.simple
    with pytest.raises(FetchError, match=r"^the list of bb's files, .*/bb/: .*refused"):
        read_release_page(closed, "bb", Pages(Access()))


def test_credentials_are_sent() -> None:
    """Those of its index; without them the line says how to give them."""
    with running_index() as index:
        index.credentials = "me:secret"
        index.add("aa-1.0.tar.gz", b"x")
        with pytest.raises(FetchError, match=r"HTTP 401 .*asks for a user name and password") as caught:
            read_release_page(index.simple, "aa", Pages(Access()))
        assert caught.value.id == "index-login-refused"
        access = Access([Credentials("vault", index.simple, "me", "secret")])
        [file] = read_release_page(index.simple, "aa", Pages(access))
        assert file.url == f"{index.url}/files/aa-1.0.tar.gz"
