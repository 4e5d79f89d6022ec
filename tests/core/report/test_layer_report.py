"""The data of a report: distributions with their sizes, findings and changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.compat.tree.zipper import create_layer_zip_file
from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.report.layer_report import Lock, report_archive, report_layer
from constructs_lib.core.report.page import render_html
from constructs_lib.core.target import Target
from tests.support.files.projects import PYPROJECT, lock, make_project
from tests.support.files.reports import report_of
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_files_belong_to_the_wheel_that_brings_them() -> None:
    """The largest distribution first; nothing is counted twice or lost."""
    report = report_of(
        ("python/small.py", 10, 4, "small-2.0+cpu-py3-none-any.whl"),
        ("python/big_one/a.so", 900, 300, "big_one-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"),
        ("python/big_one/b.py", 100, 50, "big_one-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"),
    )
    rows = [(row.name, row.version, row.unzipped, row.zipped, len(row.members)) for row in report.rows]
    assert rows == [("big-one", "1.0", 1000, 350, 2), ("small", "2.0+cpu", 10, 4, 1)]
    assert report.rows[0].share == 1000 / UNZIPPED_LIMIT
    assert report.share == 1010 / UNZIPPED_LIMIT


def test_without_a_wheel_the_owner_counts_or_else_the_package() -> None:
    """Trees: `name==version` if it is known; else the folder, or the module, below python/."""
    report = report_of(
        ("python/six.py", 3, 3, "python"),
        ("python/pkg/a.py", 2, 2, "python"),
        ("python/pkg/b.py", 2, 2, "python"),
        ("python/known/a.py", 1, 1, "known==1.0"),
    )
    assert [(row.name, row.version, row.unzipped) for row in report.rows] == [
        ("pkg", "", 4),
        ("six.py", "", 3),
        ("known", "1.0", 1),
    ]


def test_a_built_layer_and_what_has_changed(tmp_path: Path) -> None:
    """Project, target, sizes of the archive, warnings; and against its own SBOM nothing has changed."""
    layer = build_layer(make_project(tmp_path / "shop"), tmp_path / "layer.zip", Target("3.13", "arm64"))
    report = report_layer(layer, layer.sbom)
    assert (report.title, report.subtitle) == ("shop 1.2.3", "Python 3.13 on arm64")
    assert [(row.name, row.version) for row in report.rows] == [("cart", "1.0")]
    assert report.rows[0].unzipped == layer.archive.unzipped
    assert report.findings == (*layer.warnings, *layer.notes)
    assert report.changes is not None
    assert report.changes.rows == ()
    assert report_layer(layer).changes is None


def test_it_names_the_lock_and_what_requires_what(tmp_path: Path) -> None:
    """As the SBOM has it: the project's own requirements, and those of the distributions."""
    layer = build_layer(make_project(tmp_path / "shop"), tmp_path / "layer.zip", Target("3.13", "arm64"))
    report = report_layer(layer)
    assert report.direct == ("cart",)
    assert report.rows[0].requires == ()
    assert report.lock == Lock(
        "uv.lock", hashlib.sha256((tmp_path / "shop" / "uv.lock").read_bytes()).hexdigest()
    )
    tree = report_of(("python/a.py", 1, 1, "a==1"))
    assert (tree.direct, tree.lock) == (None, None)


def test_a_zipped_tree(tmp_path: Path) -> None:
    """The other route ends in the same kind of archive."""
    (tmp_path / "tree" / "pkg").mkdir(parents=True)
    (tmp_path / "tree" / "pkg" / "__init__.py").write_text("x = 1\n")
    archive = create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", verbose=False)
    report = report_archive(archive, "tree")
    assert [(row.unzipped, len(row.members)) for row in report.rows] == [(6, 1)]


def test_left_out_files_are_reported(tmp_path: Path) -> None:
    """Those of the artifact, by distribution."""
    options = LayerOptions(exclude_files=["*.txt"])
    project = make_project(tmp_path / "shop")
    make_wheel(project / "vendor", "cart", files={"cart.py": b"", "notes.txt": b"12345"})
    (project / "uv.lock").unlink()
    lock(project)
    layer = build_layer(project, tmp_path / "layer.zip", Target("3.13"), options)
    assert report_layer(layer).excluded == layer.excluded
    assert report_layer(layer).excluded_bytes == {"cart": 5}


def test_a_functions_paths_are_those_in_its_zip(tmp_path: Path) -> None:
    """Only of a layer `python/` is on the path: a folder of that name in a project is the project's own."""
    root = make_project(tmp_path / "shop", PYPROJECT.replace("[build-system]", "[tool.unused]"))
    (root / "python").mkdir()
    for folder in (root, root / "python"):
        (folder / "handler.py").write_text(f"# {folder.name}\n")
    report = report_layer(build_function(root, tmp_path / "function.zip", Target("3.13")))
    shown = {report.shown_path(member) for row in report.rows for member in row.members}
    assert {"handler.py", "python/handler.py", "cart.py"} <= shown
    assert {"handler.py", "python"} <= {row.name for row in report.rows}
    page = render_html(report)
    assert "shop 1.2.3: function report" in page
    assert "Lambda function" in page
