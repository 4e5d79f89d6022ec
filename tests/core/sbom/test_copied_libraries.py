"""Libraries that auditwheel copied, by their files."""

from __future__ import annotations

import pytest

from constructs_lib.core.sbom.bundled import Component
from constructs_lib.core.sbom.copied_libraries import copied_libraries


@pytest.mark.parametrize(
    ("path", "name", "version"),
    [
        ("pillow.libs/libjpeg-6dc8d115.so.62.4.0", "libjpeg", "62.4.0"),
        ("numpy.libs/libscipy_openblas64_-4b78795a.so", "libscipy_openblas64_", ""),
        ("scipy.libs/libgfortran-040039e1-0352e75f.so.5.0.0", "libgfortran", "5.0.0"),
        ("psycopg2_binary.libs/libk5crypto-b1f99d5c.so.3.1", "libk5crypto", "3.1"),
        ("numpy/.libs/libz-dead10cc.so.1", "libz", "1"),
        (".libs_cffi_backend/libffi-806b1a9d.so.6.0.4", "libffi", "6.0.4"),
        ("a.libs/liblog4cplus-1.2.so.5-dead10cc", "", ""),
        ("pillow.libs/libplain.so", "libplain", ""),
        ("pillow.libs/README", "", ""),
        ("pillow/libs/libz.so", "", ""),
        ("my.libstdc/libz.so", "", ""),
        ("pillow.libs/more/libz.so", "", ""),
        ("libz.libs", "", ""),
    ],
)
def test_name_and_version_are_those_of_the_file(path: str, name: str, version: str) -> None:
    """Without the hash that auditwheel adds; the number behind `.so` is the version of the interface."""
    expected = [Component(name, version, file=path)] if name else []
    assert copied_libraries([path], []) == expected


def test_a_library_that_a_document_names_is_not_named_again() -> None:
    """Whatever the case, and with or without `lib`; each other file once, sorted."""
    paths = [
        "a.libs/libXau-00000000.so.6",
        "a.libs/libz-00000000.so.1",
        "a.libs/liba-00000000.so",
        "a.libs/libz-00000000.so.1",
    ]
    assert [library.name for library in copied_libraries(paths, ["Xau", "zlib"])] == ["liba", "libz"]
