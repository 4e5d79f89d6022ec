"""Facts of a uv.lock: names, versions, markers and wheel tags, without addresses; a project is written from them.

A project gets one wheel for each set of targets that its wheels install on, so that the same distributions are selected.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from packaging.utils import parse_wheel_filename

from constructs_lib.core.aws_facts import PREVIEWS, RUNTIMES
from constructs_lib.core.target import MACHINES, Target
from tests.support.files.sources import write_files
from tests.support.files.toml import toml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

TARGETS = tuple(
    Target(python, architecture) for python in RUNTIMES if python not in PREVIEWS for architecture in MACHINES
)
_REGISTRY = {"registry": "https://index.example/simple"}
_FOLDERS = ("editable", "virtual")
_EXTRA = re.compile(r"(?:^|\s+and\s+)extra == '([^']+)'")
_SHORT = 12
"""Characters that a text needs to be worth a place in the list of texts."""


def reduced(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a parsed uv.lock; a text that occurs often is the number of its place in `texts`."""
    plain = {key: value for key, value in document.items() if key not in ("version", "revision", "options")}
    plain["package"] = [_package_facts(package) for package in document["package"]]
    counts = Counter(_texts(plain))
    texts = sorted(text for text, count in counts.items() if count > 1 and len(text) > _SHORT)
    return {"texts": texts, "lock": _encoded(plain, {text: place for place, text in enumerate(texts)})}


def _package_facts(package: Mapping[str, Any]) -> dict[str, Any]:
    facts = {
        key: _without_registry(value) for key, value in package.items() if key not in ("sdist", "wheels")
    }
    if "registry" in package["source"]:
        del facts["source"]
    if "sdist" in package:
        facts["sdist"] = True
    if "wheels" in package:
        facts["wheels"] = fewest_tags(wheel["url"].rpartition("/")[2] for wheel in package["wheels"])
    return facts


def _without_registry(value: Any) -> Any:  # noqa: ANN401 - of any shape
    if isinstance(value, dict):
        return {
            key: _without_registry(item)
            for key, item in value.items()
            if not (isinstance(item, dict) and "registry" in item)
        }
    return [_without_registry(item) for item in value] if isinstance(value, list) else value


def fewest_tags(filenames: Iterable[str]) -> list[str]:
    """Return the tags of so few wheels that the same targets have one; and of one that fits none, if not all do."""
    fitting = {
        filename: frozenset(
            target for target in TARGETS if not parse_wheel_filename(filename)[-1].isdisjoint(target.tags)
        )
        for filename in sorted(filenames)
    }
    left = set(TARGETS)
    chosen: list[str] = []
    while best := max(fitting, key=lambda filename: len(fitting[filename] & left), default=""):
        if not fitting[best] & left:
            break
        chosen.append(best)
        left -= fitting[best]
    if left:
        chosen += [filename for filename in fitting if filename not in chosen][:1]
    return ["-".join(filename.removesuffix(".whl").split("-")[-3:]) for filename in chosen]


def _texts(value: Any) -> Iterable[str]:  # noqa: ANN401 - of any shape
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _encoded(value: Any, places: Mapping[str, int]) -> Any:  # noqa: ANN401 - of any shape
    if isinstance(value, dict):
        return {key: _encoded(item, places) for key, item in value.items()}
    if isinstance(value, list):
        return [_encoded(item, places) for item in value]
    return places.get(value, value) if isinstance(value, str) else value


def _decoded(value: Any, texts: Sequence[str]) -> Any:  # noqa: ANN401 - of any shape
    if isinstance(value, dict):
        return {key: _decoded(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item, texts) for item in value]
    return texts[value] if isinstance(value, int) and not isinstance(value, bool) else value


def write_facts(facts: Mapping[str, Any], root: Path) -> Path:
    """Write the project that has these facts into `root`: its uv.lock and a pyproject.toml for it and each member."""
    lock = _decoded(facts["lock"], facts["texts"])
    lock["package"] = [_package(package) for package in lock["package"]]
    files = {"uv.lock": toml_text({"version": 1, "revision": 3, **lock})}
    for package in lock["package"]:
        [(kind, folder)] = package["source"].items()
        if kind in _FOLDERS:
            files[f"{folder}/pyproject.toml"] = toml_text(_pyproject(package, lock, is_root=folder == "."))
    if "./pyproject.toml" not in files:
        files["pyproject.toml"] = toml_text({"tool": {"uv": _settings(lock)}})
    return write_files(root, files)


def _package(facts: dict[str, Any]) -> dict[str, Any]:
    name = f"{facts['name'].replace('-', '_')}-{facts.get('version')}"
    package: dict[str, Any] = _with_registry({"source": _REGISTRY, **facts})
    if "sdist" in facts:
        package["sdist"] = _file(f"{name}.tar.gz")
    if "wheels" in facts:
        package["wheels"] = [_file(f"{name}-{tags}.whl") for tags in facts["wheels"]]
    return package


def _file(filename: str) -> dict[str, str]:
    digest = hashlib.sha256(filename.encode()).hexdigest()
    return {"url": f"https://index.example/files/{filename}", "hash": f"sha256:{digest}"}


def _with_registry(value: Any) -> Any:  # noqa: ANN401 - of any shape
    """Return a table with the source of each dependency that names a version."""
    if isinstance(value, list):
        return [_with_registry(item) for item in value]
    if not isinstance(value, dict):
        return value
    table = {key: _with_registry(item) for key, item in value.items()}
    return {"source": _REGISTRY, **table} if {"name", "version"} <= table.keys() else table


def _pyproject(package: Mapping[str, Any], lock: Mapping[str, Any], *, is_root: bool) -> dict[str, Any]:
    metadata = package.get("metadata", {})
    extras: dict[str, list[str]] = {extra: [] for extra in metadata.get("provides-extras", ())}
    dependencies: list[str] = []
    for row in metadata.get("requires-dist", ()):
        match = _EXTRA.search(row.get("marker", ""))
        # uv names the extra in each alternative of the marker.
        marker = _EXTRA.sub("", row.get("marker", ""))
        (extras[match[1]] if match else dependencies).append(_requirement({**row, "marker": marker}))
    groups = {name: list(map(_requirement, rows)) for name, rows in metadata.get("requires-dev", {}).items()}
    return {
        "project": {
            "name": package["name"],
            "version": package.get("version", "0"),
            "requires-python": lock["requires-python"],
            "dependencies": dependencies,
            "optional-dependencies": extras,
        },
        "dependency-groups": groups,
        "tool": {"uv": {**(_settings(lock) if is_root else {}), "sources": _sources(metadata, lock)}},
    }


def _requirement(row: Mapping[str, Any]) -> str:
    extras = f"[{','.join(row['extras'])}]" if row.get("extras") else ""
    marker = f" ; {row['marker']}" if row.get("marker") else ""
    return f"{row['name']}{extras}{row.get('specifier', '')}{marker}"


def _sources(metadata: Mapping[str, Any], lock: Mapping[str, Any]) -> dict[str, Any]:
    members = lock.get("manifest", {}).get("members", ())
    groups = metadata.get("requires-dev", {}).values()
    rows = [*metadata.get("requires-dist", ()), *(row for group in groups for row in group)]
    return {row["name"]: {"workspace": True} for row in rows if row["name"] in members}


def _settings(lock: Mapping[str, Any]) -> dict[str, Any]:
    folders = [folder for package in lock["package"] if (folder := package["source"].get("editable", "."))]
    manifest = lock.get("manifest", {})
    return {
        "environments": lock.get("supported-markers", []),
        "workspace": {"members": [folder for folder in folders if folder != "."]},
        "dependency-metadata": manifest.get("dependency-metadata", []),
    }
