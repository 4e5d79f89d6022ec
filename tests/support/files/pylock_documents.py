"""Documents of the pylock.toml standard (PEP 751), one for each thing that packaging, pip, PDM and uv write or refuse."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.target import Target
from tests.support.files.sources import write_files, write_sdist
from tests.support.files.wheels import wheel_bytes

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = (Target("3.10"), Target("3.12", "arm64"), Target("3.14"))
_URL = "https://files.index.example"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_INTEL, _ARM = "cp310-abi3-manylinux2014_x86_64", "cp310-abi3-manylinux2014_aarch64"

A_WHEEL, B_WHEEL = "aa-1.0-py3-none-any.whl", "bb-1.0-py3-none-any.whl"
SDIST = "aa-1.0.tar.gz"


class Document(NamedTuple):
    """The text of a pylock.toml, and what it installs on each of `TARGETS`."""

    text: str
    chosen: tuple[str, ...]
    """File names, `name from folder` and `name at commit`, separated by blanks; or `id: ` and words of the refusal. One
    for all targets, or one for each."""
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    accepted_by: tuple[str, ...] = ()
    """The tools that install what is refused here on purpose."""
    different_in: tuple[str, ...] = ()
    """The tools that answer otherwise: uv compares `requires-python` with the Python that it runs, not with the target's,
    and takes a group instead of the default ones."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets for which the answers differ; the first one if all are equal."""
        return TARGETS[: len(self.chosen)]

    def answer(self, target: Target) -> str:
        return self.chosen[0] if len(self.chosen) == 1 else self.chosen[TARGETS.index(target)]


@cache  # a source distribution is packed with the time
def _content(filename: str) -> bytes:
    if filename.endswith(".tar.gz"):
        name = filename.partition("-")[0]
        return write_sdist(name, {f"src/{name}/__init__.py": ""})
    name, version, tag = filename.removesuffix(".whl").split("-", 2)
    return wheel_bytes(name, version, tag=tag)


def _hashes(filename: str) -> str:
    return f'hashes = {{ sha256 = "{hashlib.sha256(_content(filename)).hexdigest()}" }}'


def _by_url(filename: str, more: str = "") -> str:
    return f'{{ url = "{_URL}/{filename}", {_hashes(filename)}{more and ", "}{more} }}'


def _by_path(filename: str, more: str = "") -> str:
    return f'{{ path = "files/{filename}", {_hashes(filename)}{more and ", "}{more} }}'


def _facts(filename: str) -> str:
    """Return the fields that a tool may write beside address and hash."""
    return f'name = "{filename}", size = {len(_content(filename))}, upload-time = 2026-01-02T03:04:05Z'


def _package(name: str, *lines: str) -> str:
    return "\n".join(("", "[[packages]]", f'name = "{name}"', *lines, ""))


def _wheel(filename: str, *lines: str) -> str:
    """Return a package of one pure wheel in the folder `files`."""
    name, version, _ = filename.split("-", 2)
    return _package(name, f'version = "{version}"', *lines, f"wheels = [{_by_path(filename)}]")


def _document(*parts: str, head: str = "") -> str:
    return f'lock-version = "1.0"\ncreated-by = "somebody"\n{head}{"".join(parts)}'


def write_document(document: Document, root: Path) -> Path:
    """Write the document, and the files and folders that documents name."""
    for filename in (A_WHEEL, B_WHEEL, "cc-1.0-py3-none-any.whl", "aa-2.0-py3-none-any.whl", SDIST):
        (root / "files").mkdir(parents=True, exist_ok=True)
        (root / "files" / filename).write_bytes(_content(filename))
    manifest = '[project]\nname = "lib"\nversion = "1.0"\n'
    write_files(root, {"lib/pyproject.toml": manifest, "mono/lib/pyproject.toml": manifest})
    (root / "pylock.toml").write_text(document.text)
    return root


_BY_PYTHON = (
    _wheel(A_WHEEL, "marker = \"python_version < '3.12'\"")
    + _wheel("aa-2.0-py3-none-any.whl", "marker = \"python_version >= '3.12'\"")
)  # fmt: skip
_CHOICES = (
    _wheel(A_WHEEL)
    + _wheel(B_WHEEL, "marker = \"'fast' in extras\"")
    + _wheel("cc-1.0-py3-none-any.whl", "marker = \"'dev' in dependency_groups\"")
)  # fmt: skip
_CHOICES_HEAD = 'extras = ["fast"]\ndependency-groups = ["dev"]\n'
_DEFAULT = (
    _wheel(A_WHEEL, "marker = \"'default' in dependency_groups\"")
    + _wheel(B_WHEEL, "marker = \"'default' in dependency_groups or 'test' in dependency_groups\"")
    + _wheel("cc-1.0-py3-none-any.whl", "marker = \"'test' in dependency_groups and python_version >= '3.12'\"")
)  # fmt: skip
_DEFAULT_HEAD = 'dependency-groups = ["default", "test"]\ndefault-groups = ["default"]\n'
_PLATFORMS = f"wheels = [{_by_url(f'num-1.0-{_INTEL}.whl')}, {_by_url(f'num-1.0-{_ARM}.whl')}]"
_GIT = f'vcs = {{ type = "git", url = "https://git.example/mono.git", requested-revision = "main", commit-id = "{_COMMIT}"'

_SHA512 = "0" * 128
_BELOW = 'subdirectory = "lib"'

DOCUMENTS = {
    "files in a folder, as pip writes them": Document(
        _document(_wheel(A_WHEEL), _wheel(B_WHEEL)), (f"{A_WHEEL} {B_WHEEL}",)
    ),
    "every field about a file": Document(
        _document(
            _package(
                "aa",
                'version = "1.0"',
                'requires-python = ">=3.8"',
                'index = "https://index.example/simple"',
                'dependencies = [{ name = "bb", version = "1.0" }]',
                f"sdist = {_by_url(SDIST, _facts(SDIST))}",
                f"wheels = [{_by_url(A_WHEEL, _facts(A_WHEEL))}]",
                'attestation-identities = [{ kind = "GitHub", repository = "a/b", workflow = "x.yml" }]',
                "[packages.tool.somebody]",
                "since = 1",
            ),
            _wheel(B_WHEEL),
            "\n[tool.somebody]\nhash = 'abc'\n",
        ),
        (f"{A_WHEEL} {B_WHEEL}",),
    ),
    "no package": Document(_document(head="packages = []\n"), ("",)),
    "a later minor version": Document(_document(_wheel(A_WHEEL)).replace('"1.0"', '"1.1"', 1), (A_WHEEL,)),
    "versions by Python": Document(
        _document(_BY_PYTHON), (A_WHEEL, "aa-2.0-py3-none-any.whl", "aa-2.0-py3-none-any.whl")
    ),
    "wheels by CPU": Document(
        _document(_package("num", 'version = "1.0"', _PLATFORMS)),
        (f"num-1.0-{_INTEL}.whl", f"num-1.0-{_ARM}.whl", f"num-1.0-{_INTEL}.whl"),
    ),
    "a package for another system": Document(
        _document(_wheel(A_WHEEL, "marker = \"sys_platform == 'win32'\""), _wheel(B_WHEEL)), (B_WHEEL,)
    ),
    "environments": Document(
        _document(_wheel(A_WHEEL), head="environments = [\"python_version < '3.13'\"]\n"),
        (A_WHEEL, A_WHEEL, "lock-unfit: does not fit Python 3.14"),
    ),
    "extras and groups that were not asked for": Document(
        _document(_CHOICES, head=_CHOICES_HEAD), (A_WHEEL,)
    ),
    "an extra": Document(
        _document(_CHOICES, head=_CHOICES_HEAD), (f"{A_WHEEL} {B_WHEEL}",), extras=("fast",)
    ),
    "an extra and a group": Document(
        _document(_CHOICES, head=_CHOICES_HEAD),
        (f"{A_WHEEL} {B_WHEEL} cc-1.0-py3-none-any.whl",),
        extras=("fast",),
        groups=("dev",),
    ),
    "the default group, as PDM writes it": Document(
        _document(_DEFAULT, head=_DEFAULT_HEAD), (f"{A_WHEEL} {B_WHEEL}",)
    ),
    "a group beside the default one": Document(
        _document(_DEFAULT, head=_DEFAULT_HEAD),
        (f"{A_WHEEL} {B_WHEEL}", *[f"{A_WHEEL} {B_WHEEL} cc-1.0-py3-none-any.whl"] * 2),
        groups=("test",),
        different_in=("uv",),
    ),
    "a source distribution": Document(
        _document(_package("aa", 'version = "1.0"', f"sdist = {_by_path(SDIST)}")), (SDIST,)
    ),
    "a source distribution beside a wheel that fits": Document(
        _document(_package("aa", f"sdist = {_by_url(SDIST)}", f"wheels = [{_by_url(A_WHEEL)}]")), (A_WHEEL,)
    ),
    "an archive of the network": Document(
        _document(_package("aa", f"archive = {_by_url(SDIST, 'size = 900')}")), (SDIST,)
    ),
    "a wheel as an archive in a folder": Document(
        _document(_package("aa", f"archive = {_by_path(A_WHEEL)}")), (A_WHEEL,)
    ),
    "a folder of an archive": Document(
        _document(_package("lib", f"archive = {_by_url(SDIST, _BELOW)}")), (SDIST,)
    ),
    "a project on this machine": Document(
        _document(_package("lib", 'directory = { path = "lib", editable = true }')), ("lib from lib",)
    ),
    "a folder of a project on this machine": Document(
        _document(_package("lib", 'directory = { path = "mono", subdirectory = "lib" }')),
        ("lib from mono/lib",),
    ),
    "a git repository": Document(
        _document(_package("lib", 'version = "1.0"', f"{_GIT} }}")), (f"lib at {_COMMIT}",)
    ),
    "a folder of a git repository": Document(
        _document(_package("lib", f'{_GIT}, subdirectory = "lib" }}')), (f"lib at {_COMMIT}#lib",)
    ),
    "a git repository on this machine": Document(
        _document(_package("lib", f'vcs = {{ type = "git", path = "mono", commit-id = "{_COMMIT}" }}')),
        (f"lib at {_COMMIT}",),
    ),
    "another Python": Document(
        _document(_wheel(A_WHEEL), head='requires-python = ">=3.12"\n'),
        ("python-not-allowed: is for Python >=3.12", A_WHEEL, A_WHEEL),
        different_in=("uv",),
    ),
    "another Python of one package": Document(
        _document(_wheel(A_WHEEL, 'requires-python = ">=3.12"')), ("lock-unfit: 3.10", A_WHEEL, A_WHEEL)
    ),
    "no wheel that fits": Document(
        _document(_package("num", 'version = "1.0"', f"wheels = [{_by_url(f'num-1.0-{_ARM}.whl')}]")),
        ("wheel-missing: has no wheel for", f"num-1.0-{_ARM}.whl", "wheel-missing: has no wheel for"),
    ),
    "two versions at once": Document(
        _document(_wheel(A_WHEEL), _wheel("aa-2.0-py3-none-any.whl")), ("lock-unfit: aa",)
    ),
    "two kinds of source": Document(
        _document(_package("aa", 'directory = { path = "lib" }', f"wheels = [{_by_path(A_WHEEL)}]")),
        ("lock-invalid: None of vcs, directory, archive must be set",),
    ),
    "no source": Document(_document(_package("aa", 'version = "1.0"')), ("lock-invalid: packages[0]",)),
    "a later major version": Document(
        _document(_wheel(A_WHEEL)).replace('"1.0"', '"2.0"', 1), ("lock-invalid: 2.0",)
    ),
    "no version of the format": Document(
        _document(_wheel(A_WHEEL)).partition("\n")[2], ("lock-invalid: lock-version",)
    ),
    "no author": Document(
        _document(_wheel(A_WHEEL)).replace('created-by = "somebody"\n', ""), ("lock-invalid: created-by",)
    ),
    "no list of packages": Document(_document(), ("lock-invalid: packages",)),
    "a name that is not normalized": Document(
        _document(_wheel(A_WHEEL)).replace('"aa"', '"A_a"'), ("lock-invalid: 'A_a'",)
    ),
    "no hash": Document(
        _document(_package("aa", f'wheels = [{{ path = "files/{A_WHEEL}", hashes = {{}} }}]')),
        ("lock-invalid: hash",),
        accepted_by=("uv",),
    ),
    "a hash of another kind alone": Document(
        _document(
            _package("aa", f'wheels = [{{ path = "files/{A_WHEEL}", hashes = {{ sha512 = "{_SHA512}" }} }}]')
        ),
        ("hash-missing: has no sha256",),
        accepted_by=("packaging", "uv"),
    ),
    "neither path nor address": Document(
        _document(_package("aa", f'wheels = [{{ name = "{A_WHEEL}", {_hashes(A_WHEEL)} }}]')),
        ("lock-invalid: path or url",),
    ),
    "an attestation without a kind": Document(
        _document(_wheel(A_WHEEL, 'attestation-identities = [{ repository = "a/b" }]')),
        ("lock-invalid: kind",),
        accepted_by=("uv",),
    ),
    "a type that does not fit": Document(
        _document(_wheel(A_WHEEL)).replace('version = "1.0"\nwheels', "version = 1.0\nwheels"),
        ("lock-invalid: version",),
    ),
    "a repository that is not git": Document(
        _document(_package("lib", _GIT.replace('"git"', '"hg"') + " }")),
        ("source-unsupported: of that only git is read",),
        accepted_by=("packaging", "uv"),
    ),
    "a password in an address": Document(
        _document(_package("aa", f"wheels = [{_by_url(A_WHEEL).replace('://', '://me:hunter2hunter2@')}]")),
        ("credentials-exposed: ",),
        accepted_by=("packaging", "uv"),
    ),
}
