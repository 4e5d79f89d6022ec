"""Layers without files that no function needs, proved by imports."""

from __future__ import annotations

import io
import platform
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import InspectionError
from constructs_lib.core.inspect.smoke import find_obstacle, find_python
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.progress import Progress
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import MACHINES, Target
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import Shop, lock_workload
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ARCHITECTURES = {machine: name for name, machine in MACHINES.items()}
HERE = Target(OWN, _ARCHITECTURES.get(platform.machine(), "x86_64"))
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(find_obstacle(HERE)), reason=find_obstacle(HERE)),
]
FILES = {
    "aa/__init__.py": b"",
    "aa/deep/__init__.py": b"",
    "aa/deep/broken.py": b"import aa.tests.data\n",
    "aa/tests/__init__.py": b"",
    "aa/tests/data.py": b"",
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        yield Shop(tmp_path, index, WheelStore(tmp_path / "store"), HERE)


def test_a_submodule_that_needs_a_left_out_file_stops_the_build(shop: Shop) -> None:
    """No zip is written; the remedy of the line is one."""
    shop.serve("aa", files=FILES)
    shop.locked("aa")
    with pytest.raises(InspectionError) as caught:
        shop.build(exclude_files=["tests/"], smoke_test=True)
    assert str(caught.value) == (
        "aa-1.0-py3-none-any.whl: aa.deep.broken cannot be imported without the files that exclude_files leaves out: "
        "ModuleNotFoundError: No module named 'aa.tests'; add the pattern '!aa/tests/', which takes back what it needs "
        "[exclude-files-breaks]"
    )
    assert not shop.zip.exists()
    layer = shop.build(exclude_files=["tests/", "*.pyi", "!aa/tests/"], smoke_test=True)
    assert (layer.excluded, layer.warnings) == ((), ())


def test_a_broken_module_can_be_accepted(shop: Shop) -> None:
    """By a note that has the error; without the smoke test nothing is imported."""
    shop.serve("aa", files=FILES)
    shop.locked("aa")
    accepted = ["exclude-files-breaks:aa"]
    [note] = shop.build(exclude_files=["tests/"], smoke_test=True, acknowledge=accepted).notes
    assert note.text.startswith("acknowledged: aa-1.0-py3-none-any.whl: aa.deep.broken cannot be imported")
    assert shop.build(exclude_files=["tests/"]).notes == ()


def test_elsewhere_one_note_tells_that_nothing_was_imported(shop: Shop) -> None:
    """The build goes on, as it does without the option."""
    shop.target = Target(OWN, next(name for name in MACHINES if name != HERE.architecture))
    shop.serve("aa", files=FILES)
    [note] = shop.locked("aa").build(exclude_files=["tests/"], smoke_test=True).notes
    assert note.id == "smoke-test-skipped"
    assert shop.zip.exists()


def test_numpy_pandas_and_scipy_import_without_their_tests(tmp_path: Path) -> None:
    """Of the pinned releases the tests have 18.8 % of the unzipped bytes, and no other module needs them."""
    target = Target("3.12" if find_python(Target("3.12", HERE.architecture)) else OWN, HERE.architecture)
    project = lock_workload("W3", tmp_path / "W3", target.python_version)
    lines = io.StringIO()
    layer = build_layer(
        project,
        tmp_path / "layer.zip",
        target,
        LayerOptions(exclude_files=["tests/"], smoke_test=True),
        progress=Progress(stream=lines),
    )
    assert "imported all modules without the files that are left out" in lines.getvalue()
    assert [row.name for row in layer.excluded] == ["numpy", "pandas", "scipy"]
    share = layer.excluded_bytes / (layer.excluded_bytes + layer.archive.unzipped)
    assert 0.15 < share < 0.25
    assert not [member.name for member in layer.archive.members if "/tests/" in member.name]
    assert [finding.id for finding in layer.warnings if finding.id == "import-failed"] == []
