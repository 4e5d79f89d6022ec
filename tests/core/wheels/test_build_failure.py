"""The reason of a failed build, out of all that uv and a backend wrote."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from constructs_lib.core.wheels.build_failure import BuildPlace, build_error

SCRATCH = Path("/tmp/constructs-lib-x")
COPY = BuildPlace(SCRATCH / "tree" / "repo" / "app", SCRATCH, Path("/home/me/repo/app"))
IN_PLACE = BuildPlace(Path("/home/me/repo/app"), SCRATCH, Path("/home/me/repo/app"))
UV = "error: Failed to build `/home/me/repo/app`\n  cause: The build backend returned an error\nhint: look\n"
TRACEBACK = f"""\
Building wheel...
Traceback (most recent call last):
  File "<string>", line 11, in <module>
  File "{COPY.source}/setup.py", line 3, in <module>
    main()
    ~~~~^^
  File "/cache/lib/backend.py", line 7, in main
    raise ValueError("no {SCRATCH}/tree/repo/shared here")
ValueError: no {SCRATCH}/tree/repo/shared here
see the manual
1
2
"""


def reason(text: str, place: BuildPlace = COPY) -> str:
    error = build_error(text, place)
    assert error.id == "build-failed"
    return str(error).removeprefix("/home/me/repo/app cannot be built: ")


def test_an_exception_after_the_line_of_the_projects_own_code() -> None:
    """Not the frames of the backend, whose folder is gone; paths of the copy are the project's."""
    assert reason(TRACEBACK + UV) == (
        'File "/home/me/repo/app/setup.py", line 3 | ValueError: no /home/me/repo/shared here | see the manual | 1'
    )


def test_the_last_of_several_exceptions() -> None:
    """One that was raised while another was handled."""
    second = f"\nDuring handling of it, another exception occurred:\n\n{TRACEBACK}".replace(
        "ValueError", "KeyError"
    )
    assert "KeyError: no /home/me/repo/shared" in reason(TRACEBACK + second + UV)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\nc\nd\n" + UV, "b | c | d"),
        (f"running egg_info\nwriting {SCRATCH}/x.egg-info\nerror: no\n" + UV, "running egg_info | error: no"),
        (UV, "cause: The build backend returned an error"),
        ("error: no python\n", "error: no python"),
        ('Traceback:\n  File "x", line 1\n    cut short\n' + UV, 'Traceback: | File "x", line 1 | cut short'),
        ("", ""),
        (f"{'a' * 600}\n", f"{'a' * 500}…"),
    ],
)
def test_the_last_lines_where_there_is_no_exception(text: str, expected: str) -> None:
    """Of the backend, else of uv; none of the temporary folder."""
    assert reason(text, IN_PLACE) == expected


def test_the_log_has_all_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "constructs_lib"):
        build_error(TRACEBACK + UV, COPY)
    assert 'File "/cache/lib/backend.py", line 7' in caplog.text
    assert "The build backend returned an error" in caplog.text


@pytest.mark.parametrize("project", ["/", "/app", "/home/me/repo/app"])
def test_the_root_of_a_work_tree_may_be_that_of_the_machine(project: str) -> None:
    """A container image often has its repository there."""
    shown = Path(project)
    source = SCRATCH / "tree" / "root" / shown.relative_to("/")
    error = build_error(f"OSError: no {source}/x", BuildPlace(source, SCRATCH, shown))
    assert str(error) == f"{project} cannot be built: OSError: no {project.rstrip('/')}/x"
