"""Documents of PEP 751: what is selected is what packaging, uv and pip select, and what they refuse is one line.

Nothing is fetched: the tools are asked what they would install.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Locked, LockedDirectory, LockedFile, LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.project.toml_table import parse_toml
from tests.support.builders.uv import uv
from tests.support.files.pylock_documents import DOCUMENTS, TARGETS, Document, write_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.target import Target

pytestmark = pytest.mark.integration

ALL = pytest.mark.parametrize("name", DOCUMENTS)
REFUSAL = re.compile(r"[a-z-]+: ")


def is_refused(answer: str) -> bool:
    return REFUSAL.match(answer) is not None


def resolved(root: Path, document: Document, target: Target) -> tuple[Locked, ...]:
    options = LockOptions("pylock", extras=document.extras, groups=document.groups)
    return resolve(Project.at(root), target, options).locked


def text_of(locked: Locked, root: Path) -> str:
    """Return a locked thing as the table of documents has it."""
    if isinstance(locked, LockedFile):
        return locked.filename
    if isinstance(locked, LockedDirectory):
        return f"{locked.name} from {os.path.relpath(locked.directory, root)}"
    return f"{locked.name} at {locked.commit}{locked.subdirectory and '#'}{locked.subdirectory}"


@ALL
def test_a_document_is_selected_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    """On two CPUs and three Pythons; a refusal has its id and names the file."""
    document = DOCUMENTS[name]
    root = write_document(document, tmp_path)
    for target in TARGETS:
        answer = document.answer(target)
        if not is_refused(answer):
            assert " ".join(text_of(locked, root) for locked in resolved(root, document, target)) == answer
            continue
        error_id, _, words = answer.partition(": ")
        with pytest.raises(ProjectError) as caught:
            resolved(root, document, target)
        text = str(caught.value)
        assert (caught.value.id, len(text.splitlines())) == (error_id, 1)
        assert words in text
        assert "pylock.toml" in text
        assert "hunter2" not in text


def selected_by_packaging(root: Path, document: Document, target: Target) -> list[str] | None:
    """Return the names that packaging selects; None if it refuses the document."""
    path = root / "pylock.toml"
    try:
        lock = Pylock.from_dict(parse_toml(path.read_text(), path))
        groups = [*(lock.default_groups or ()), *document.groups]
        selected = lock.select(
            environment=target.environment, tags=target.tags, extras=document.extras, dependency_groups=groups
        )
        return [package.name for package, _ in selected]
    except (PylockValidationError, PylockSelectError):
        return None


def installed_by_uv(root: Path, document: Document, target: Target) -> list[str] | None:
    """Return the names that uv would install for the target; None if it refuses."""
    extras = [f"--extra={extra}" for extra in document.extras]
    groups = [f"--group={group}" for group in document.groups]
    done = uv(
        *("pip", "install", "--dry-run", "--offline", "--no-cache", "--requirements=pylock.toml"),
        *(f"--python-version={target.python_version}", f"--python-platform={target.machine}-manylinux2014"),
        *(f"--target={root / 'installed'}", f"--python={sys.executable}", *extras, *groups),
        cwd=root,
    )
    assert "--help" not in done.stderr, done.stderr
    return re.findall(r"^ \+ ([\w-]+)", done.stderr, re.MULTILINE) if done.returncode == 0 else None


@ALL
@pytest.mark.parametrize("tool", ["packaging", "uv"])
def test_tools_select_the_same(name: str, tool: str, tmp_path: Path) -> None:
    """And refuse the same, except where the table names the tool."""
    document = DOCUMENTS[name]
    root = write_document(document, tmp_path)
    select = {"packaging": selected_by_packaging, "uv": installed_by_uv}[tool]
    for target in document.targets:
        names = select(root, document, target)
        if is_refused(document.answer(target)):
            assert (names is not None) == (tool in document.accepted_by), (target, names)
        elif tool in document.different_in:
            assert names != [locked.name for locked in resolved(root, document, target)]
        else:
            assert names is not None, target
            assert sorted(names) == [locked.name for locked in resolved(root, document, target)]


PURE = [
    name
    for name, document in DOCUMENTS.items()
    if len(document.chosen) == 1 and "files/" in document.text and ".whl" in document.text and "url" not in document.text
    and not document.extras and not document.groups and not document.accepted_by
]  # fmt: skip


@pytest.mark.parametrize("name", PURE)
def test_pip_installs_the_same(name: str, tmp_path: Path) -> None:
    """Documents whose files are all at hand and pure: pip looks into them, and installs for its own Python alone."""
    document = DOCUMENTS[name]
    root = write_document(document, tmp_path)
    options = ("--dry-run", "--quiet", "--no-index", "--report=-", "--requirement=pylock.toml")
    command = [sys.executable, "-m", "pip", "install", *options, f"--target={root / 'installed'}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if is_refused(document.chosen[0]):
        assert done.returncode == 1
        return
    assert done.returncode == 0, done.stderr
    installed = [row["metadata"] for row in json.loads(done.stdout)["install"]]
    assert sorted(f"{row['name']}=={row['version']}" for row in installed) == [
        str(locked) for locked in resolved(root, document, TARGETS[0])
    ]


def keys_of(value: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a document
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_the_documents_have_every_field_of_the_standard(tmp_path: Path) -> None:
    """As packaging models it."""
    models = (Pylock, Package, PackageWheel, PackageSdist, PackageVcs, PackageDirectory, PackageArchive)
    standard = {field.name.replace("_", "-") for model in models for field in fields(model)}
    present = {
        key
        for document in DOCUMENTS.values()
        for key in keys_of(parse_toml(document.text, tmp_path / "x.toml"))
    }
    assert sorted(standard - present) == []
    assert len(PURE) > 5
