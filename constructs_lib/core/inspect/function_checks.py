"""Checks of a function with all its layers: its CPU and Python, its region, its size, versions that meet."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.aws_facts import LIMIT_TEXT, MOST_LAYERS, UNZIPPED_LIMIT
from constructs_lib.core.inspect.findings import MAX_NAMES, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.target import Target


class UsedLayer(NamedTuple):
    """A built layer as a function sees it."""

    name: str
    """The name for texts: the construct's path."""
    target: Target
    region: str
    """Empty where it is known at deploy only."""
    unzipped: int
    distributions: Mapping[str, str]
    """Name to version."""
    ignored: Mapping[str, str]
    """Name to version of what its lock file has and the layer leaves out."""
    native: Sequence[str]
    """The distributions with native code."""

    def __str__(self) -> str:
        return f"layer {self.name}"


class UsedCode(NamedTuple):
    """A built zip of code as a function sees it; a source's has no dependencies, and is for every target."""

    name: str
    unzipped: int
    target: Target | None = None
    distributions: Mapping[str, str] = {}
    ignored: Mapping[str, str] = {}
    native: Sequence[str] = ()

    def __str__(self) -> str:
        return f"code {self.name}"


class FunctionUse(NamedTuple):
    """A function: its settings, empty where they are unknown at synth, and what it uses."""

    architecture: str
    python_version: str
    region: str
    layers: Sequence[UsedLayer]
    """In the function's order."""
    code: UsedCode | None = None

    @property
    def parts(self) -> list[UsedLayer | UsedCode]:
        """The layers, and the code if it holds dependencies."""
        return [*self.layers, *([self.code] if self.code and self.code.target else [])]


def check_function(function: FunctionUse) -> list[Finding]:
    """Return the findings of one function."""
    return [
        *(finding for part in function.parts for finding in _check_target(function, part)),
        *(finding for layer in function.layers for finding in _check_region(function, layer)),
        *_check_size(function),
        *(finding for pair in combinations(function.parts, 2) for finding in _check_versions(*pair)),
        *_check_left_out(function.parts),
    ]


def may_be_too_large(layers: Sequence[UsedLayer], codes: Sequence[UsedCode]) -> bool:
    """Return whether some function could exceed the limit: with the largest code, and as many layers as it may have."""
    largest = sorted((layer.unzipped for layer in layers), reverse=True)[:MOST_LAYERS]
    return sum(largest) + max((code.unzipped for code in codes), default=0) > UNZIPPED_LIMIT


def _check_target(function: FunctionUse, part: UsedLayer | UsedCode) -> list[Finding]:
    """Compare CPU and Python; pure Python runs on every CPU."""
    findings: list[Finding] = []
    target = part.target
    if target is None:
        return findings
    if part.native and function.architecture not in {"", target.architecture}:
        findings.append(
            Finding(
                "function-cpu",
                f"the function runs on {function.architecture}, and {part} holds native code for "
                f"{target.architecture}: {_some(part.native)}; give both the same architecture",
            )
        )
    if function.python_version not in {"", target.python_version}:
        findings.append(
            Finding(
                "function-python",
                f"the function runs Python {function.python_version}, and {part} was built for Python "
                f"{target.python_version}; give both the same runtime",
            )
        )
    return findings


def _check_region(function: FunctionUse, layer: UsedLayer) -> list[Finding]:
    if not function.region or not layer.region or function.region == layer.region:
        return []
    return [
        Finding(
            "function-region",
            f"the function is in {function.region}, and layer {layer.name} in {layer.region}: Lambda takes layers of "
            f"the function's region only; make the layer in a stack of {function.region} too",
        )
    ]


def _check_size(function: FunctionUse) -> list[Finding]:
    """Add up what is known: a layer or code that another tool built may come on top."""
    parts = [(layer.name, layer.unzipped) for layer in function.layers]
    if function.code is not None:
        parts.insert(0, (function.code.name, function.code.unzipped))
    total = sum(size for _, size in parts)
    if total <= UNZIPPED_LIMIT:
        return []
    sizes = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in parts)
    exact = f"{total:_}".replace("_", " ")
    return [
        Finding(
            "function-too-large",
            f"the function's code and layers have {total / 1e6:.1f} MB ({exact} bytes) unzipped, more than the "
            f"{LIMIT_TEXT} that Lambda takes: {sizes}; leave out what this function does not need",
        )
    ]


def _check_versions(first: UsedLayer | UsedCode, second: UsedLayer | UsedCode) -> list[Finding]:
    """Compare two parts; Lambda unpacks a later layer over an earlier one, so files of both versions stay."""
    pairs = [
        f"{name} {version} and {second.distributions[name]}"
        for name, version in first.distributions.items()
        if second.distributions.get(name, version) != version
    ]
    if not pairs:
        return []
    reason = (
        "Lambda unpacks the later layer over the earlier, and files of both remain"
        if isinstance(second, UsedLayer)
        else "the code's comes before the layer's on sys.path"
    )
    return [
        Finding(
            "function-two-versions",
            f"{first} and {second} of the function bring different versions: {_some(pairs)}; {reason}: lock one version",
        )
    ]


def _check_left_out(parts: Sequence[UsedLayer | UsedCode]) -> list[Finding]:
    """Find what one part leaves to the runtime and another brings in another version, boto3 for instance."""
    findings = []
    for part in parts:
        for bringer in parts:
            replaced = [
                f"{name} {bringer.distributions[name]} instead of {version}"
                for name, version in part.ignored.items()
                if bringer.distributions.get(name, version) != version
            ]
            if replaced:
                findings.append(
                    Finding(
                        "function-replaced",
                        f"{bringer} of the function brings what {part} leaves out, in another version than the lock "
                        f"file of {part} has: {_some(replaced)}; both come before the runtime on sys.path: lock one "
                        f"version for both",
                    )
                )
    return findings


def _some(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
