"""Dataclasses that cost little to make: a start makes about a hundred, of which it uses some.

The standard library writes and compiles six methods for each frozen dataclass, which took a quarter of the time of
``explain``. Here five of them are functions that know the fields' names, and ``__init__``, whose calls are what counts
where there are many records, is compiled once for all classes with as many fields, and given their names.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field
    from dataclasses import dataclass as dataclass
else:

    def dataclass(kind: type | None = None, /, *, frozen: bool = False, **settings: bool) -> Any:
        """Make a dataclass, as :func:`dataclasses.dataclass` does; type checkers read it as that.

        Those that aren't frozen, have slots or an order are the standard library's.
        """
        if not frozen or settings.keys() - {"eq", "repr"}:
            made = dataclasses.dataclass(frozen=frozen, **settings)
        else:

            def made(kind: type) -> type:
                return _frozen(kind, **settings)

        return made if kind is None else made(kind)


def _frozen(kind: type, eq: bool = True, repr: bool = True) -> type:  # noqa: A002 - the standard library's names
    """Give a class its fields and the methods of a frozen dataclass, but those that it has itself."""
    kind = dataclasses.dataclass(init=False, repr=False, eq=False)(kind)
    fields = dataclasses.fields(kind)
    methods: dict[str, Any] = {"__init__": _initialiser(kind, fields), "__setattr__": _keep, "__delattr__": _keep}
    if repr:
        methods["__repr__"] = _representation(tuple(one.name for one in fields if one.repr))
    if eq:
        methods |= _comparison(tuple(one.name for one in fields if one.compare))
    for name, method in methods.items():
        if name not in vars(kind) or (name == "__hash__" and vars(kind)[name] is None):
            setattr(kind, name, method)
    return kind


def _initialiser(kind: type, fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Return ``__init__``: a parameter a field, in their order, and at the end a call of ``__post_init__``."""
    code = _code(
        tuple((one.init, one.default_factory is not MISSING) for one in fields), hasattr(kind, "__post_init__")
    )
    names = {f"_{number}": one.name for number, one in enumerate(fields)}
    code = code.replace(
        co_varnames=tuple(names.get(name, name) for name in code.co_varnames),
        co_consts=tuple(names.get(value, value) for value in code.co_consts),
        co_qualname=f"{kind.__qualname__}.__init__",
    )
    known = {"_set": object.__setattr__, "_MISSING": MISSING, "__name__": kind.__module__}
    known |= {f"_make_{number}": one.default_factory for number, one in enumerate(fields)}
    given = [one for one in fields if one.init]
    defaults = tuple(
        one.default for one in given if one.default is not MISSING or one.default_factory is not MISSING
    )  # where a factory makes it, that is MISSING
    made = FunctionType(code, known, "__init__", defaults)
    made.__annotations__ = {one.name: one.type for one in given} | {"return": None}
    return made


@cache
def _code(fields: tuple[tuple[bool, bool], ...], is_followed: bool) -> CodeType:
    """Compile ``__init__`` of the classes with so many fields, whose names are ``_0``, ``_1``, … in it.

    Args:
        fields: of each whether it is a parameter, and whether a factory makes its default.
        is_followed: whether there is a ``__post_init__``.
    """
    parameters, body = ["self"], ["pass"]
    for number, (is_given, is_made) in enumerate(fields):
        if is_given:
            parameters.append(f"_{number}")
        if is_given and is_made:
            body.append(f"_set(self, '_{number}', _make_{number}() if _{number} is _MISSING else _{number})")
        elif is_given or is_made:
            body.append(f"_set(self, '_{number}', {f'_make_{number}()' if is_made else f'_{number}'})")
    if is_followed:
        body.append("self.__post_init__()")
    written: dict[str, Any] = {}
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body), written)  # noqa: S102 - of numbers alone
    code: CodeType = written["__init__"].__code__
    return code


def _keep(self: object, name: str, *value: object) -> None:
    """Refuse to set or delete a field of a record."""
    del self
    raise FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _representation(names: tuple[str, ...]) -> Callable[[object], str]:
    """Return ``__repr__`` of a class with these fields."""

    def __repr__(self: object) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _comparison(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """Return ``__eq__`` and ``__hash__`` of a class that is compared by these fields."""
    values: Callable[[object], Any] = (
        attrgetter(*names) if len(names) > 1 else lambda record: tuple(getattr(record, name) for name in names)
    )

    def __eq__(self: object, other: object) -> Any:  # noqa: N807
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__}
