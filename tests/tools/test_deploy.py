"""The timing of deployments: what it prints of them, without one."""

from __future__ import annotations

from tools.bench.deploy import STEPS, WAYS, _reason, table


def test_the_table_has_medians_and_what_did_not_run() -> None:
    """A way that failed has no figures, not even those of the rounds before it failed."""
    runs = [dict.fromkeys(STEPS, seconds) for seconds in (3.0, 1.0, 2.0)]
    lines = table(dict.fromkeys(WAYS, runs), {"bucket-deployment": "refused"}).splitlines()
    assert len(lines) == 2 + len(WAYS)
    assert lines[2].endswith("| 2.0 (1.0 to 3.0) | 2.0 (1.0 to 3.0) | 2.0 (1.0 to 3.0) |")
    assert lines[-1] == f"| {WAYS['bucket-deployment']} | not run | | |"


def test_the_reason_of_a_failed_deployment_is_the_resource_that_failed() -> None:
    """The last line of the command line is about the stack, not about the cause."""
    output = "A | CREATE_COMPLETE\nB | CREATE_FAILED | no such file\n\nThe stack failed\n"
    assert _reason(output) == "B | CREATE_FAILED | no such file"
    assert _reason("error: no Docker\n") == "error: no Docker"
    assert _reason("") == "it printed nothing"
