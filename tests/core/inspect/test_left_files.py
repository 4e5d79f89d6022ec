"""The notes about files that stay out of an artifact."""

from __future__ import annotations

from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.left_files import left_out_findings
from constructs_lib.core.project.source_files import LeftOut


def test_each_reason_is_a_note_with_the_names() -> None:
    """Sorted, and no more than ten of them."""
    many = LeftOut.of("app", "secret", [f"{number:02}.key" for number in reversed(range(12))])
    names = ", ".join(f"{number:02}.key" for number in range(10))
    assert left_out_findings([many, LeftOut("app", "ignored", ("a.py",))]) == [
        Finding("secret-files", f"app: left out are {names} and 2 more: they may hold secrets"),
        Finding(
            "ignored-files",
            "app: left out are a.py: git ignores them; name them in include to take them along",
        ),
    ]
