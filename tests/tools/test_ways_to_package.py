"""The program that prints the figures of the ways to package a function."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

import tools.ways_to_package
from tools.ways_to_package import Seconds, Sizes, image_layer, main, render_seconds, render_sizes

if TYPE_CHECKING:
    from pathlib import Path


def test_an_image_layer_has_the_files_of_the_zip(tmp_path: Path) -> None:
    """Its size is then that of the same files in an image."""
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr("python/a.py", "A = 1\n")
        archive.writestr("python/b.py", "B = 2\n" * 100)
    layer = image_layer(tmp_path / "layer.zip")
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer))) as tar:
        assert {entry.name: entry.size for entry in tar} == {"python/a.py": 6, "python/b.py": 600}
    assert image_layer(tmp_path / "layer.zip") == layer


def test_bytes_are_printed_in_mb() -> None:
    """Functions that share a layer store it once; each zip of its own is stored by itself."""
    sizes = Sizes(4_000_000, 100_000, 4_050_000, 3_500_000, 90_000)
    code, dependencies, stored = render_sizes({"W1": sizes}).split("\n\n")
    assert code.splitlines()[-1] == "| W1 | 0.10 | 4.05 | 0.09 |"
    assert dependencies.splitlines()[-1] == "| W1 | 4.00 | 4.05 | 3.50 |"
    assert stored.splitlines()[-1] == "| W1 | 5.00 | 40.50 |"


def test_times_have_a_ratio() -> None:
    assert (
        render_seconds("build", "the layer alone", {"W1": Seconds(0.2, 0.21)}).splitlines()[-1]
        == "| W1 | 0.20 s | 0.21 s | 1.05 |"
    )


@pytest.mark.integration
def test_a_workload_is_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A code change of one zip moves the dependencies too; that of a source or an image does not."""
    monkeypatch.setattr(tools.ways_to_package, "RUNS", 1)
    assert main("W1") == 0
    code, dependencies, _, builds, _ = capsys.readouterr().out.split("\n\n")
    source, function, image = _row(code)
    assert max(source, image) < 0.1 < function
    layer, function_again, image_dependencies = _row(dependencies)
    assert function == function_again
    assert min(layer, image_dependencies) > 1
    assert builds.splitlines()[-1].startswith("| W1 | ")


def _row(table: str) -> list[float]:
    return [float(cell) for cell in table.splitlines()[-1].strip("| ").split(" | ")[1:]]
