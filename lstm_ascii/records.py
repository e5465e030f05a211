"""Dataclasses that cost little to make: a start makes about a hundred, of which it uses some.

The standard library writes and compiles six methods for each frozen dataclass, which took a fifth of the time of
``explain``. Five of them are alike for all: here they are functions that know the fields' names, and only
``__init__`` is compiled, as calls of it are what counts where there are many records.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field
    from dataclasses import dataclass as dataclass
else:

    def dataclass(kind: type | None = None, /, *, frozen: bool = False, **settings: bool) -> Any:
        """Make a dataclass, as :func:`dataclasses.dataclass` does; type checkers read it as that.

        A frozen one has no method that was compiled but ``__init__``; other kinds are the standard library's.
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
    """Compile ``__init__``: a parameter a field, in their order, and at the end a call of ``__post_init__``."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    parameters, body = ["self"], ["pass"]
    for one in fields:
        value = one.name
        if one.default_factory is not MISSING:
            known[f"_make_{one.name}"] = one.default_factory
            value = f"_make_{one.name}()" + (f" if {one.name} is _MISSING else {one.name}" if one.init else "")
        elif not one.init:
            continue
        if one.init and one.default is not MISSING:
            known[f"_default_{one.name}"] = one.default
            parameters.append(f"{one.name}=_default_{one.name}")
        elif one.init:
            parameters.append(one.name + ("=_MISSING" if one.default_factory is not MISSING else ""))
        body.append(f"_set(self, '{one.name}', {value})")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body), known)  # noqa: S102 - names of fields
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    made.__module__ = kind.__module__
    made.__annotations__ = {one.name: one.type for one in fields if one.init} | {"return": None}
    return made


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
