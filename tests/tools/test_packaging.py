"""The program that prints the figures of the ways to package a function."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

import tools.packaging
from tools.packaging import Seconds, Sizes, image_layer, main, render_seconds, render_sizes

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
    sizes = Sizes(4_000_000, 100_000, 4_050_000, 10_000_000, 3_500_000, 90_000)
    row = render_sizes({"W1": sizes}).splitlines()[-1]
    assert row == "| W1 | 4.00 | 0.10 | 4.05 | 10.00 | 3.50, 0.09 | 5.00, 40.50 |"


def test_times_have_a_ratio() -> None:
    assert render_seconds("Build", {"W1": Seconds(0.2, 0.21)}).splitlines()[-1] == "| W1 | 0.20 s | 0.21 s | 1.05 |"


@pytest.mark.integration
def test_a_workload_is_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A code change of one zip moves the dependencies too; that of a source or an image does not."""
    monkeypatch.setattr(tools.packaging, "RUNS", 1)
    assert main("W1") == 0
    sizes, builds, _ = capsys.readouterr().out.split("\n\n")
    layer, source, function, _, image, _ = sizes.splitlines()[-1].strip("| ").split(" | ")[1:]
    assert float(source) < 0.1 < float(layer) < float(function)
    assert float(image.split(", ")[1]) < 0.1
    assert builds.splitlines()[-1].startswith("| W1 | ")
