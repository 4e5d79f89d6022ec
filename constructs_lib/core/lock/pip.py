"""requirements.txt → pylock.toml, by `uv pip compile`."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import named_index
from constructs_lib.core.lock.locked import Exported, LockedFile
from constructs_lib.core.lock.requirements_txt import read_requirements
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.project.pyproject import parse_toml
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import Locked, LockOptions, Manifest, Notes
    from constructs_lib.core.lock.requirements_txt import RequirementsTxt
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target

COMPILE = ("pip", "compile", "--format=pylock.toml", "--no-header", "--quiet", "--no-python-downloads")


def export(
    project: Project,
    manifest: Manifest,
    target: Target,
    options: LockOptions,
    notes: Notes | None,
    credentials: Sequence[Credentials],
) -> Exported:
    """Ask the index for the files of what the requirements name.

    With hashes the file is a lock: it names everything, and the answer is remembered. Without, it is resolved
    with its dependencies, as pip does.
    """
    for what in ("extras", "groups", "only_groups"):
        if getattr(options, what):
            msg = f"{manifest.path} has no {what}: export those you want into the file"
            raise ProjectError(msg)
    requirements = read_requirements(manifest.path)
    if requirements.extra_indexes and not options.allow_extra_index_url:
        msg = (
            f"{requirements.extra_indexes[0]}: --extra-index-url lets anybody who publishes a higher version of a "
            f"private name on the other index into the layer (dependency confusion, CVE-2018-20225): name one "
            f"--index-url, or allow it with allow_extra_index_url=True"
        )
        raise ProjectError(msg)
    arguments = [*COMPILE, *_target(target), *(["--no-deps"] if requirements.hashed else []), manifest.name]
    env = _environment(requirements, credentials)

    def run() -> str:
        answer = process.run([process.find_tool("uv"), *arguments], cwd=project.root, env=env)
        refuse_credentials(answer, f"{manifest.path}, exported")
        return answer

    answer = _remembered(run, arguments, requirements, notes)
    return Exported(parse_toml(answer, manifest.path), project.root)


def check(manifest: Manifest, locked: Sequence[Locked]) -> tuple[str, ...]:
    """Enforce the file's hashes, which `uv pip compile` does not, and say what the file leaves open."""
    requirements = read_requirements(manifest.path)
    lines = {line.name: line for line in requirements.requirements}
    every = frozenset().union(*(line.hashes for line in requirements.requirements))
    for each in locked:
        line = lines.get(each.name)  # none for a path or an address: one of the hashes is then its own
        allowed = line.hashes if line else every
        if requirements.hashed and isinstance(each, LockedFile) and each.sha256 not in allowed:
            msg = (
                f"{line.where if line else manifest.path}: the index has {each.filename} with sha256 {each.sha256}, which is none of the hashes "
                f"the file allows for {each.name}: find out why before you export it again"
            )
            raise ProjectError(msg)
    files = [each for each in locked if isinstance(each, LockedFile)]
    open_ = sorted(each.name for each in files if each.name not in lines or not lines[each.name].pinned)
    if not open_:
        return ()
    return (
        (
            f"{manifest.path} does not pin {', '.join(open_)}: the layer changes when the index does; "
            f"'uv pip compile --generate-hashes' writes a file that pins everything"
        ),
    )


def _target(target: Target) -> list[str]:
    # uv knows no manylinux_2_26; what it resolves for 2.17 runs on every later glibc.
    glibc = "2_17" if target.runtime.glibc < (2, 28) else "_".join(map(str, target.runtime.glibc))
    return [
        f"--python-version={target.python_version}",
        f"--python-platform={target.machine}-manylinux_{glibc}",
    ]


def _environment(requirements: RequirementsTxt, credentials: Sequence[Credentials]) -> dict[str, str]:
    """The environment in which uv finds the credentials of the indexes that the file names.

    uv knows credentials by the index's name, and a requirements file has only addresses: the variable names the
    index at the same address once more.
    """
    env = environment(credentials)
    indexes = {
        "UV_DEFAULT_INDEX": requirements.index_urls[-1:],
        "UV_INDEX": requirements.extra_index_urls,
    }
    for variable, urls in indexes.items():
        named = [named_index(url, credentials) for url in urls]
        if named != urls:
            env.setdefault(variable, " ".join(named))
    return env


def _remembered(
    run: Callable[[], str], arguments: list[str], requirements: RequirementsTxt, notes: Notes | None
) -> str:
    if notes is None or not requirements.hashed:
        return run()
    key = hashlib.sha256(json.dumps([arguments, requirements.contents], sort_keys=True).encode()).hexdigest()
    note = notes.read_note("exports", key)
    if note is not None:
        return str(note["pylock"])
    answer = run()
    notes.write_note("exports", key, {"pylock": answer})
    return answer
