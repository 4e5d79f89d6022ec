"""Draw the pictures of README and documentation as SVG: `python -m tools.pictures` writes them into `docs/images`.

`flow.svg` is the way from a lock file to a layer version. `terminal.svg` shows the transcript `terminal.txt`, whose lines
were printed by the first steps of the start page. The drawings are committed, since a README is read without a build; a test draws them again.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
# The ground is drawn too: an SVG inside a page follows the reader's system and not the page's switch.
_STYLE = f"""\
text {{ font-family: {_FONT}; fill: #1f2328; }}
.ground {{ fill: #ffffff; stroke: #d0d7de; }}
.lane {{ fill: #f6f8fa; stroke: #d0d7de; }}
.box {{ fill: #ffffff; stroke: #57606a; }}
.result {{ fill: #ddf4ff; stroke: #0969da; }}
.arrow {{ stroke: #57606a; fill: none; stroke-width: 1.5; }}
.head {{ fill: #57606a; }}
.small {{ fill: #57606a; font-size: 12px; }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #e6edf3; }}
  .ground {{ fill: #0d1117; stroke: #30363d; }}
  .lane {{ fill: #161b22; stroke: #30363d; }}
  .box {{ fill: #0d1117; stroke: #8b949e; }}
  .result {{ fill: #0c2d6b; stroke: #58a6ff; }}
  .arrow {{ stroke: #8b949e; }}
  .head {{ fill: #8b949e; }}
  .small {{ fill: #9ea7b3; }}
}}"""


class Step(NamedTuple):
    """One box of the flow: a thing, and what is done to get it."""

    name: str
    notes: tuple[str, ...]
    is_result: bool = False


SYNTH = (
    Step("lock file", ("uv, Poetry, PDM,", "Pipenv, pip, PEP 751")),
    Step("locked files", ("for Lambda's Python", "and CPU, with hashes")),
    Step("wheels", ("from the store,", "the index, or built")),
    Step("inspection", ("CPU, glibc, size,", "conflicts, needs")),
    Step("layer.zip", ("raw copies: the same", "bytes everywhere"), is_result=True),
)
DEPLOY = (
    Step("asset", ("layer.zip and lock", "file in S3")),
    Step("handler", ("is an equal version", "live? Its ARN")),
    Step("publish", ("else a new version,", "compared, recorded")),
    Step("layer version", ("for your functions,", "kept for rollbacks"), is_result=True),
)

_BOX = (140, 78)
_GAP = 26
_MARGIN = 16
_LANE = 138


def flow() -> str:
    """Return the drawing of the two lanes."""
    width = 4 * _MARGIN + len(SYNTH) * _BOX[0] + (len(SYNTH) - 1) * _GAP
    lanes = (
        ("cdk synth: on your machine or in CI, without AWS credentials and without Docker", SYNTH),
        ("cdk deploy: in your account", DEPLOY),
    )
    parts = []
    for number, (title, steps) in enumerate(lanes):
        top = _MARGIN + number * (_LANE + 22)
        parts.append(
            f'<rect class="lane" x="{_MARGIN}" y="{top}" width="{width - 2 * _MARGIN}" height="{_LANE}" rx="8"/>'
        )
        # The second title gives way to the arrow that comes from the first lane.
        left = 2 * _MARGIN + number * (_BOX[0] // 2 + 16)
        parts.append(f'<text x="{left}" y="{top + 26}" font-size="14">{escape(title)}</text>')
        parts += [_box(step, index, top + 42) for index, step in enumerate(steps)]
        parts += [_arrow(index, top + 42 + _BOX[1] // 2) for index in range(len(steps) - 1)]
    turn = _MARGIN + _LANE
    middle = 2 * _MARGIN + _BOX[0] // 2
    last = 2 * _MARGIN + (len(SYNTH) - 1) * (_BOX[0] + _GAP) + _BOX[0] // 2
    down = f"M{last} {turn - 18} V{turn + 11} H{middle} V{turn + 22 + 38}"
    parts.append(f'<path class="arrow" d="{down}" marker-end="url(#head)"/>')
    height = 2 * _MARGIN + 2 * _LANE + 22
    marker = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0 L8 4 L0 8 Z"/></marker></defs>'
    )
    title = "A lock file becomes a layer version"
    return _document(width, height, title, [marker, *parts])


def _box(step: Step, index: int, top: int) -> str:
    left = 2 * _MARGIN + index * (_BOX[0] + _GAP)
    middle = left + _BOX[0] // 2
    kind = "result" if step.is_result else "box"
    title = 'font-size="15" font-weight="600" text-anchor="middle"'
    lines = [
        f'<rect class="{kind}" x="{left}" y="{top}" width="{_BOX[0]}" height="{_BOX[1]}" rx="6"/>',
        f'<text x="{middle}" y="{top + 24}" {title}>{escape(step.name)}</text>',
    ]
    lines += [
        f'<text class="small" x="{middle}" y="{top + 45 + 17 * row}" text-anchor="middle">{escape(note)}</text>'
        for row, note in enumerate(step.notes)
    ]
    return "\n".join(lines)


def _arrow(index: int, height: int) -> str:
    start = 2 * _MARGIN + index * (_BOX[0] + _GAP) + _BOX[0]
    return f'<path class="arrow" d="M{start} {height} H{start + _GAP - 1}" marker-end="url(#head)"/>'


def terminal(transcript: str) -> str:
    """Return a drawing of the transcript; a line that begins with `$` is a command."""
    lines = transcript.rstrip("\n").splitlines()
    # Of the usual monospaced fonts a letter is 0.6 of its size wide.
    width = max(640, 40 + round(max(map(len, lines)) * 13 * 0.602))
    parts = [
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{len(lines) * 20 + 47}" rx="8" fill="#161b22"/>'
    ]
    for x, color in ((20, "#ff5f56"), (38, "#ffbd2e"), (56, "#27c93f")):
        parts.append(f'<circle cx="{x}" cy="18" r="5" fill="{color}"/>')
    for number, line in enumerate(lines):
        color = "#7ee787" if line.startswith("$") else "#e6edf3"
        style = f"font-family: {_MONO}; fill: {color}; white-space: pre"
        parts.append(
            f'<text x="20" y="{50 + number * 20}" font-size="13" style="{style}">{escape(line)}</text>'
        )
    return _document(width, len(lines) * 20 + 48, "First steps in a terminal", parts, ground=False)


def _document(width: int, height: int, title: str, parts: list[str], *, ground: bool = True) -> str:
    body = "\n".join(parts)
    rect = (
        f'<rect class="ground" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>\n'
        if ground
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img">\n<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n{rect}{body}\n</svg>\n'
    )


def pictures() -> dict[str, str]:
    """Return the drawings by the names of their files."""
    transcript = (IMAGES / "terminal.txt").read_text(encoding="utf-8")
    return {"flow.svg": flow(), "terminal.svg": terminal(transcript)}


def main() -> None:
    """Write the drawings."""
    for name, text in pictures().items():
        (IMAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
