"""Types of arguments, compared at run time with the annotations of a signature.

Annotations of this library are texts (`from __future__ import annotations`), and the names in them are often imported for
the type checker alone. So they are read as texts: alternatives between ` | `, a list of something, a class by its name.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeAlias, TypeVar

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeGuard

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Test: TypeAlias = "Callable[[object], bool]"

_LISTS = ("Sequence[", "tuple[")
_LONGEST = 60
_SECRET = {"credentials", "environment", "event", "headers", "body"}
"""Arguments whose value is never shown."""


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


TESTS: Mapping[str, Test] = {
    "None": lambda value: value is None,
    "str": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, bytes),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_int,
    "float": lambda value: isinstance(value, float) or _is_int(value),
    "tuple[str, str]": lambda value: isinstance(value, tuple) and len(value) == 2 and _are_texts(value),
    "Mapping[str, str]": lambda value: isinstance(value, Mapping) and _are_texts([*value, *value.values()]),
    "Path": lambda value: isinstance(value, os.PathLike),
    "Compression": lambda value: isinstance(value, str),
    "Callable[[str], None]": callable,
    "Protocol": lambda value: isinstance(value, str),
    "HasUri": lambda value: hasattr(value, "uri"),
    # Clients of boto3 have classes of their own, and tests of users have doubles.
    "S3Client": lambda _: True,
    "LambdaClient": lambda _: True,
}
"""The test of each name in annotations that is not the name of the value's class."""


class Problem(NamedTuple):
    """A value of a wrong type, in words."""

    argument: str
    value: str
    wanted: str


def find_problem(
    name: str, annotation: str, value: object, tests: Mapping[str, Test] = TESTS
) -> Problem | None:
    """Return what is wrong with an argument; None if it has one of the annotation's types."""
    alternatives = annotation.split(" | ")
    if any(_fits(alternative, value, tests) for alternative in alternatives):
        return None
    texts = next((alternative for alternative in alternatives if alternative.startswith(_LISTS)), None)
    if texts and _is_list(value):
        item, found = next(
            (number, item) for number, item in enumerate(value) if not _fits(_item_type(texts), item, tests)
        )
        return Problem(f"{name}[{item}]", _shown(name, found), _wanted([_item_type(texts)]))
    is_short_text = isinstance(value, str) and len(repr(value)) <= _LONGEST and name not in _SECRET
    remedy = f": write {name}=[{value!r}]" if texts and is_short_text else ""
    return Problem(name, _shown(name, value), _wanted(alternatives) + remedy)


def typed(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Check the types of the function's arguments at each call; raise a ProjectError."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    annotations = function.__annotations__

    @wraps(function)
    def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        _refuse(function.__name__, annotations, {**dict(zip(names, args, strict=False)), **kwargs})
        return function(*args, **kwargs)

    return checked


def check_fields(value: object) -> None:
    """Check the types of a dataclass's fields, inherited ones too; for `__post_init__`."""
    annotations: dict[str, str] = {}
    for base in reversed(type(value).__mro__):
        annotations |= vars(base).get("__annotations__", {})
    _refuse(type(value).__name__, annotations, vars(value))


def _refuse(place: str, annotations: Mapping[str, str], values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if name in annotations and (problem := find_problem(name, annotations[name], value)):
            raise ProjectError(
                "argument-type",
                f"{place}: {problem.argument} is {problem.value}; it must be {problem.wanted}",
            )


def _fits(alternative: str, value: object, tests: Mapping[str, Test]) -> bool:
    if alternative in tests:
        return tests[alternative](value)
    if alternative.startswith(_LISTS):
        return _is_list(value) and all(_fits(_item_type(alternative), item, tests) for item in value)
    ours = (base.__name__ for base in type(value).__mro__ if base.__module__.startswith("constructs_lib."))
    return alternative.rpartition(".")[2] in ours


def _is_list(value: object) -> TypeGuard[Collection[object]]:
    """Return whether it has items in an order of their own: no text, whose items are letters, no set, no generator."""
    return isinstance(value, Collection) and not isinstance(value, (str, bytes, Mapping, AbstractSet))


def _item_type(alternative: str) -> str:
    return alternative.partition("[")[2].removesuffix("]").removesuffix(", ...")


def _wanted(alternatives: list[str]) -> str:
    texts = (
        f"a list of {_item_type(alternative)}"
        if alternative.startswith(_LISTS) and alternative not in TESTS
        else alternative
        for alternative in alternatives
    )
    return " or ".join(texts)


def _shown(name: str, value: object) -> str:
    kind = type(value).__name__
    text = repr(value) if isinstance(value, (str, int, float)) and name not in _SECRET else ""
    if not text or len(text) > _LONGEST:
        return f"of type {kind}"
    return f"{text} ({kind})"
