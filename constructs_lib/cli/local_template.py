"""Templates for `sam local`: the layers of this library as layer versions with a folder of this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_lib.core.archive.extract import extract_all
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.publish.layers.content_name import content_name
from constructs_lib.core.system.files import atomic_write, reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SUFFIX = ".sam.json"
_LAYER = "Custom::PythonLayerArtifact"
_PUBLISHERS_WORK = (
    _LAYER,
    "Custom::PythonSourceArtifact",
    "Custom::PythonFunctionArtifact",
    "Custom::ConstructsLibBucketContent",
)

Json = dict[str, Any]


class _Layer(NamedTuple):
    """A layer of the assembly: its resource's properties, and its content's folder."""

    properties: Json
    folder: Path


def write_local_templates(assembly: Path) -> list[Path]:
    """Write a template for SAM beside each template of a cloud assembly; return those of stacks."""
    templates = {path: _read(path) for path in sorted(_templates(assembly))}
    if not templates:
        raise ProjectError(
            "not-an-assembly",
            f"{assembly} holds no template: run 'cdk synth' first, or name its output folder",
        )
    layers = {
        content_name(properties): _Layer(properties, _unzipped(assembly, path, properties))
        for path, document in templates.items()
        for properties in _properties(document, _LAYER)
        if "Fingerprint" in properties  # absent where the stack was not built
    }
    for path, document in templates.items():
        local = _Localizer(path, document, layers).localize()
        with atomic_write(local_path(path)) as file:
            file.write(json.dumps(local, indent=1).encode())
    return [local_path(path) for path in templates if not path.name.endswith(".nested.template.json")]


def local_path(template: Path) -> Path:
    """Return the place of the template for SAM: in the same folder, since paths in it are relative."""
    return template.with_name(template.name.removesuffix(".template.json") + SUFFIX)


class _Localizer:
    """One template, and the layers that its functions name."""

    def __init__(self, path: Path, document: Json, layers: Mapping[str, _Layer]) -> None:
        self._path, self._document, self._layers = path, document, layers
        self._used: dict[str, _Layer] = {}

    def localize(self) -> Json:
        """Return the template with layers, code and nested templates of this machine."""
        document = dict(self._replace_references(self._document))
        resources = {
            logical_id: self._localize(resource)
            for logical_id, resource in document["Resources"].items()
            if resource.get("Type") not in _PUBLISHERS_WORK
        }
        for name, layer in self._used.items():
            resources[_logical_id(name)] = self._layer_version(layer)
        return {**document, "Resources": resources, "Outputs": {}}

    def _replace_references(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        match value:
            case {"Fn::Join": [str(name), [_]]} if name in self._layers:
                self._used[name] = self._layers[name]
                return {"Ref": _logical_id(name)}
            case dict():
                return {key: self._replace_references(item) for key, item in value.items()}
            case list():
                return [self._replace_references(item) for item in value]
        return value

    def _localize(self, resource: Json) -> Json:
        metadata = resource.get("Metadata", {})
        match resource:
            case {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": key}}}:
                path = self._code(key)
                if path is not None:
                    asset = os.path.relpath(path, self._path.parent)
                    metadata = {**metadata, "aws:asset:path": asset, "aws:asset:property": "Code"}
            case {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": str(asset)}}:
                metadata = {**metadata, "aws:asset:path": str(local_path(Path(asset)))}
        kept = {key: value for key, value in resource.items() if key != "DependsOn"}
        return {**kept, "Metadata": metadata} if metadata else kept

    def _code(self, key: object) -> Path | None:
        """Return the zip behind the key of a function's code, as `code` and `laid_out_code` spell it."""
        match key:
            case {"Fn::Join": [str(sha), [_]]} if re.fullmatch("[0-9a-f]{64}", sha):
                return _asset(self._path, sha)
            case str(name):
                return _find(self._path, [f"asset.{name}"])
        return None

    def _layer_version(self, layer: _Layer) -> Json:
        properties = layer.properties
        return {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {
                "LayerName": properties["LayerName"],
                "Content": os.path.relpath(layer.folder, self._path.parent),
                "CompatibleRuntimes": properties["CompatibleRuntimes"],
                "CompatibleArchitectures": properties["CompatibleArchitectures"],
            },
        }


def _logical_id(name: str) -> str:
    return f"Layer{name[:16]}"


def _templates(assembly: Path) -> Iterator[Path]:
    """Yield the templates of an assembly and of the assemblies of stages in it; folders that are assets are none."""
    yield from assembly.glob("*.template.json")
    for nested in assembly.glob("assembly-*/"):
        yield from _templates(nested)


def _read(path: Path) -> Json:
    with reading(path):
        content = path.read_bytes()
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    resources = document.get("Resources", {}) if isinstance(document, dict) else None
    if not isinstance(resources, dict) or not all(
        isinstance(resource, dict) for resource in resources.values()
    ):
        raise ProjectError(
            "not-an-assembly", f"{path} is no template of CloudFormation in JSON: run 'cdk synth' again"
        )
    return {**document, "Resources": resources}


def _properties(document: Json, resource_type: str) -> Iterator[Json]:
    for resource in document["Resources"].values():
        if resource.get("Type") == resource_type:
            yield resource["Properties"]


def _asset(template: Path, sha: str) -> Path:
    """Return the staged zip with this sha256."""
    # CDK hashes the hash that an asset is given; without staging this library names the file itself.
    zip_path = _find(template, [f"asset.{name}.zip" for name in (sha256(sha.encode()).hexdigest(), sha)])
    if zip_path is None:
        raise ProjectError(
            "asset-missing",
            f"{template} names the zip with sha256 {sha}, which is not beside it: run 'cdk synth' again",
        )
    return zip_path


def _find(template: Path, names: Sequence[str]) -> Path | None:
    """Return the first file of these that is in the template's folder, or in the assembly around that of a stage."""
    folders = (template.parent, *template.parent.parents)
    return next((path for folder in folders for name in names if (path := folder / name).is_file()), None)


def _unzipped(assembly: Path, template: Path, properties: Json) -> Path:
    """Return the folder with the layer's files, unzipped once for each content: SAM takes no zip for a layer."""
    sha = properties["LayerSha256"]
    folder = assembly / f"layer.{sha}"
    if folder.is_dir():
        return folder
    zip_path = _asset(template, sha)
    if sha256(zip_path.read_bytes()).hexdigest() != sha:
        raise ProjectError(
            "asset-missing", f"{zip_path} has not the sha256 that the template names: run 'cdk synth' again"
        )
    scratch = Path(tempfile.mkdtemp(prefix="layer.", dir=assembly))
    try:
        extract_all(zip_path, scratch)
        scratch.chmod(0o755)
        try:
            scratch.rename(folder)
        except OSError:  # another run was faster
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder
