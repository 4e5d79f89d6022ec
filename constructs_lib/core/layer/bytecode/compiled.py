"""The entries of a layer, with the bytecode of its modules."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import compress, level_of
from constructs_lib.core.layer.bytecode.compiler import find_compiler
from constructs_lib.core.store.packs import read_packs, share_packs, write_pack
from constructs_lib.core.target import LAYER_PLACE
from constructs_lib.core.wheels.recompress import wheel_pack_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from constructs_lib.core.archive.entry import Compression, Entry
    from constructs_lib.core.layer.bytecode.compiler import Compiler
    from constructs_lib.core.layer.layer_options import LayerOptions
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.wheel import Wheel


def with_bytecode(
    wheels: Mapping[Wheel, list[Entry]],
    entries: Iterable[Entry],
    target: Target,
    options: LayerOptions,
    store: WheelStore,
    mount: str = LAYER_PLACE.mount,
) -> list[Entry]:
    """Add `__pycache__/{module}.{tag}.pyc` for each module of `entries`, the files of `wheels` after merging.

    The bytecode is of PEP 552's unchecked kind: an import takes it without a look at the source, whose time of
    change a layer does not keep. A module that does not compile has none, as when an installer compiles, nor have
    `tests` folders. The store keeps bytecode by wheel. `mount` is the folder in Lambda that the zip is unpacked into.
    """
    compiler = find_compiler(target, options.build_container)
    bytecode = _bytecode(wheels, compiler, store, options.compression, mount)
    by_wheel = {wheel.filename: modules for wheel, modules in zip(wheels, bytecode, strict=True)}
    return [
        file
        for entry in entries
        for file in (entry, by_wheel[entry.origin].get(entry.name))
        if file is not None
    ]


def _bytecode(
    wheels: Mapping[Wheel, list[Entry]],
    compiler: Compiler,
    store: WheelStore,
    compression: Compression,
    mount: str,
) -> list[dict[str, Entry]]:
    """Return the bytecode of each wheel, by the source's name."""
    sources = [[entry for entry in entries if _is_compiled(entry.name)] for entries in wheels.values()]
    keys = [
        wheel_pack_key(wheel, entries, kind="bytecode", compiler=compiler.identity, compression=compression)
        for wheel, entries in zip(wheels, sources, strict=True)
    ]
    packs = dict(zip(keys, read_packs(store, keys), strict=True))
    missing = {key: entries for key, entries in zip(keys, sources, strict=True) if packs[key] is None}
    made = _compiled(missing.values(), compiler, compression, mount)
    for key, pack in zip(missing, made, strict=True):
        write_pack(store, key, pack)
        packs[key] = pack
    share_packs(store, missing)
    return [packs[key] or {} for key in keys]


def _is_compiled(name: str) -> bool:
    # Test suites are half of numpy's, pandas' and scipy's sources, and no function imports them.
    return name.endswith(".py") and "/tests/" not in f"/{name}"


def _compiled(
    wheels: Collection[Sequence[Entry]], compiler: Compiler, compression: Compression, mount: str
) -> Iterator[dict[str, Entry]]:
    if not wheels:
        return
    origins = [entries[0].origin if entries else "" for entries in wheels]
    bytecode = compiler.compile(
        [{mount + entry.name: bytes(entry.content()) for entry in entries} for entries in wheels]
    )
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="compress") as pool:
        for origin, modules in zip(origins, bytecode, strict=True):
            sources = [name.removeprefix(mount) for name in modules]
            names = (bytecode_name(name, compiler.tag) for name in sources)
            packed = pool.map(
                partial(compress, level=level_of(compression)), names, modules.values(), repeat(origin)
            )
            yield dict(zip(sources, packed, strict=True))


def bytecode_name(source: str, tag: str) -> str:
    """Return the path where an import looks for the bytecode of a module (PEP 3147)."""
    folder, slash, name = source.rpartition("/")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"
