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


class UsedSource(NamedTuple):
    """A built source as a function sees it."""

    name: str
    unzipped: int


class FunctionUse(NamedTuple):
    """A function: its settings, empty where they are unknown at synth, and what it uses."""

    architecture: str
    python_version: str
    region: str
    layers: Sequence[UsedLayer]
    """In the function's order."""
    source: UsedSource | None = None


def check_function(function: FunctionUse) -> list[Finding]:
    """Return the findings of one function."""
    return [
        *(finding for layer in function.layers for finding in _check_target(function, layer)),
        *(finding for layer in function.layers for finding in _check_region(function, layer)),
        *_check_size(function),
        *(finding for pair in combinations(function.layers, 2) for finding in _check_versions(*pair)),
        *_check_left_out(function.layers),
    ]


def may_be_too_large(layers: Sequence[UsedLayer], sources: Sequence[UsedSource]) -> bool:
    """Return whether some function could exceed the limit: with the largest source, and as many layers as it may have."""
    largest = sorted((layer.unzipped for layer in layers), reverse=True)[:MOST_LAYERS]
    return sum(largest) + max((source.unzipped for source in sources), default=0) > UNZIPPED_LIMIT


def _check_target(function: FunctionUse, layer: UsedLayer) -> list[Finding]:
    """Compare CPU and Python; a layer of pure Python runs on every CPU."""
    findings = []
    if layer.native and function.architecture not in {"", layer.target.architecture}:
        findings.append(
            Finding(
                "function-cpu",
                f"the function runs on {function.architecture}, and layer {layer.name} holds native code for "
                f"{layer.target.architecture}: {_some(layer.native)}; give both the same architecture",
            )
        )
    if function.python_version not in {"", layer.target.python_version}:
        findings.append(
            Finding(
                "function-python",
                f"the function runs Python {function.python_version}, and layer {layer.name} was built for Python "
                f"{layer.target.python_version}; give both the same runtime",
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
    if function.source is not None:
        parts.insert(0, (function.source.name, function.source.unzipped))
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


def _check_versions(first: UsedLayer, second: UsedLayer) -> list[Finding]:
    """Compare two layers; Lambda unpacks the second over the first, so files of both versions stay."""
    pairs = [
        f"{name} {version} and {second.distributions[name]}"
        for name, version in first.distributions.items()
        if second.distributions.get(name, version) != version
    ]
    if not pairs:
        return []
    return [
        Finding(
            "function-two-versions",
            f"layers {first.name} and {second.name} of the function bring different versions: {_some(pairs)}; Lambda "
            f"unpacks the later layer over the earlier, and files of both remain: lock one version",
        )
    ]


def _check_left_out(layers: Sequence[UsedLayer]) -> list[Finding]:
    """Find what one layer leaves to the runtime and another brings in another version, boto3 for instance."""
    findings = []
    for layer in layers:
        for bringer in layers:
            replaced = [
                f"{name} {bringer.distributions[name]} instead of {version}"
                for name, version in layer.ignored.items()
                if bringer.distributions.get(name, version) != version
            ]
            if replaced:
                findings.append(
                    Finding(
                        "function-replaced",
                        f"layer {bringer.name} of the function brings what layer {layer.name} leaves out, in another "
                        f"version than that layer's lock file has: {_some(replaced)}; a layer comes before the "
                        f"runtime on sys.path: lock one version for both",
                    )
                )
    return findings


def _some(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
