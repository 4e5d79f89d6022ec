"""Checks of the functions of a stage, made once for each stage before its templates are written."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from constructs_lib.cdk.answers import child_of, is_token, path_of, root_of, stack_of
from constructs_lib.core.inspect.function_checks import (
    FunctionUse,
    UsedLayer,
    check_function,
    may_be_too_large,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs import IConstruct

    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.inspect.function_checks import UsedCode
    from constructs_lib.core.layer.artifact import LayerArtifact

CHECKS_ID = "ConstructsLibChecks"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@jsii.implements(IValidation)
class StageChecks(Construct):
    """The artifacts of a stage, and the checks of all functions that use them; it adds nothing to a template.

    It is a validation and no aspect: an aspect is called for every construct of the app, a validation once. By then
    all functions exist, also those that were made before the layer, or by CDK itself.
    """

    @classmethod
    def of(cls, scope: Construct) -> StageChecks:
        """Return the checks of the scope's stage; the first call makes them."""
        stage = cdk.Stage.of(scope) or root_of(scope)
        existing = child_of(stage, CHECKS_ID)
        return cast("StageChecks", existing) if existing is not None else cls(stage)

    def __init__(self, stage: Construct) -> None:
        super().__init__(stage, CHECKS_ID)
        self._stage = stage
        self._layers: defaultdict[str, list[UsedLayer]] = defaultdict(list)
        self._codes: list[tuple[cdk.CfnResource, UsedCode]] = []
        self.node.add_validation(cast("IValidation", self))

    def add_layer(self, scope: Construct, content: str, artifact: LayerArtifact) -> None:
        """Note a built layer; `content` is the hash that references to it contain."""
        self._layers[content].append(
            UsedLayer(
                name=path_of(scope),
                target=artifact.target,
                region=_region(scope),
                unzipped=artifact.archive.unzipped,
                distributions=versions(artifact.distributions),
                ignored=versions(artifact.ignored),
                native=artifact.native,
            )
        )

    def add_use(self, function: cdk.CfnResource, code: UsedCode) -> None:
        """Note the zip that a function has as its code."""
        self._codes.append((function, code))

    def validate(self) -> list[str]:
        """Annotate each function of the stage; the list of errors is empty, since a list stops the whole app."""
        codes = self._codes_by_path()
        functions = list(self._functions()) if self._layers or codes else []
        if not functions:
            return []
        all_layers = _resolved(functions[0], [function.layers for function in functions])
        for function, layers in zip(functions, all_layers, strict=True):
            contents = _SHA256.findall(json.dumps(layers, default=str))
            used = [self._layers[content] for content in contents if content in self._layers]
            code = codes.get(path_of(function)) if codes else None
            if used or code:
                _annotate(function, check_function(_use(function, used, code)))
        return []

    def _codes_by_path(self) -> dict[str, UsedCode]:
        """Return the code of each function; no sources where they are too small to matter, since each path takes calls.

        A function that comes from Node is another Python object each time, so its path identifies it.
        """
        layers = [layer for equals in self._layers.values() for layer in equals]
        every = may_be_too_large(layers, [code for _, code in self._codes])
        return {path_of(function): code for function, code in self._codes if every or code.target}

    def _functions(self) -> Iterator[lambda_.CfnFunction]:
        """Yield the stage's functions; nested stages have checks of their own."""
        for child in self._stage.node.children:
            if not isinstance(child, cdk.Stage):
                for construct in child.node.find_all():
                    if isinstance(construct, lambda_.CfnFunction):
                        yield construct


def _resolved(scope: IConstruct, values: Sequence[object]) -> list[object]:
    """Resolve all values in one call; None for those without one."""
    numbered = {str(number): value for number, value in enumerate(values)}
    resolved = stack_of(scope).resolve(numbered)
    return [resolved.get(number) for number in numbered]


def _use(
    function: lambda_.CfnFunction, layers: Sequence[Sequence[UsedLayer]], code: UsedCode | None
) -> FunctionUse:
    """Ask CDK for what the parts make worth asking: each answer takes a call to Node."""
    candidates = [layer for equals in layers for layer in equals]
    parts: list[UsedLayer | UsedCode] = [*candidates, *([code] if code and code.target else [])]
    region = _region(function) if any(layer.region for layer in candidates) else ""
    architecture = _architecture(function) if any(part.native for part in parts) else ""
    # Equal layers of several regions have one content.
    layers_in_region = [
        next((layer for layer in equals if layer.region in {"", region}), equals[0]) for equals in layers
    ]
    python = _python(function) if parts else ""
    return FunctionUse(architecture, python, region, layers_in_region, code)


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """Parse `name==version` of each distribution."""
    rows = (distribution.partition("==") for distribution in distributions)
    return {name: version for name, _, version in rows}


def _region(scope: IConstruct) -> str:
    return _text_unless_token(stack_of(scope).region)


def _text_unless_token(text: str) -> str:
    """Return the text; empty for a token, whose value is known at deploy only."""
    return "" if is_token(text) else text


def _architecture(function: lambda_.CfnFunction) -> str:
    architectures = function.architectures
    return _text_unless_token(architectures[0]) if architectures else "x86_64"


def _python(function: lambda_.CfnFunction) -> str:
    runtime = function.runtime or ""
    return runtime.removeprefix("python") if runtime.startswith("python") else ""


def _annotate(function: lambda_.CfnFunction, findings: Iterable[Finding]) -> None:
    """Annotate findings unless the app has acknowledged them.

    They stand at the resource below CDK's `Function`: CDK 2.269 misses what was acknowledged at the very construct
    that gets the warning later. CDK lets an app acknowledge warnings only, all of one id at a time. So errors are
    first added as warnings: if CDK takes them, nobody has acknowledged them, and they are taken back and added as errors.
    """
    same_id = defaultdict(list)
    for finding in findings:
        same_id[finding.id].append(finding)
    annotations = cdk.Annotations.of(function)
    for finding_id, group in same_id.items():
        name = f"constructs-lib:{finding_id}"
        for finding in group:
            annotations.add_warning_v2(name, finding.text)
        if group[0].level == "error" and any(
            f"[ack: {name}]" in str(entry.data) for entry in function.node.metadata
        ):
            annotations.acknowledge_warning(name)
            for finding in group:
                annotations.add_error(f"error[{finding_id}]: {finding.text}")
