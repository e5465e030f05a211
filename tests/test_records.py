"""Our frozen dataclasses behave as those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import math
import pickle
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from typing import Any

import numpy as np
import pytest

from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Sized:
    """A size."""

    name: str
    size: int = 1
    parts: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Named(Sized):
    """A size with more to it."""

    size: int = 2
    hidden: object = field(default=None, compare=False, repr=False)
    seen: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.seen[self.name] = self.size


@dataclass(frozen=True)
class Same(Named):
    """One with methods of its own."""

    def __repr__(self) -> str:
        return "same"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same)


@dataclass(frozen=True, eq=False)
class Itself:
    """One that is only equal to itself."""

    name: str = ""


@dataclass(frozen=True)
class Nothing:
    """One without fields."""


@dataclass(frozen=True, slots=True)
class Slotted:
    """One whose fields are slots."""

    name: str
    size: int = 1


KINDS: dict[type, tuple[Any, ...]] = {
    Sized: ("a", 3), Named: ("a", 3, [4], 5), Same: ("a",), Itself: ("a",), Nothing: ()
}  # fmt: skip


def standard(kind: type) -> type:
    """Return the class as the standard library makes it."""
    bases = tuple(standard(one) for one in kind.__bases__ if one is not object)
    kept = {name: value for name, value in vars(kind).items() if not callable(value) or value.__doc__ is None}
    own = {one.name: one for one in fields(kind)}
    named = {"__annotations__": kind.__annotations__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    for name in kind.__annotations__:
        given = {one: getattr(own[name], one) for one in ("default", "default_factory", "init", "repr", "compare")}
        named[name] = field(**given)
    for name in {"__post_init__", "__eq__", "__repr__"} & kept.keys():
        if vars(kind)[name].__qualname__.startswith(kind.__qualname__):
            named[name] = vars(kind)[name]
    equal = kind is not Itself
    return dataclasses.dataclass(frozen=True, eq=equal)(type(kind.__name__, bases, named))


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_as_the_standard_library_makes_it(kind: type) -> None:
    values = KINDS[kind]
    ours, theirs = kind(*values), standard(kind)(*values)
    assert (repr(ours), vars(ours), asdict(ours)) == (repr(theirs), vars(theirs), asdict(theirs))
    assert (ours == kind(*values)) == (theirs == type(theirs)(*values)) or kind is Same
    assert (ours == kind(*values)) is (kind is not Itself)
    assert ours != theirs
    assert [*map(repr, inspect.signature(kind).parameters)] == [*map(repr, inspect.signature(type(theirs)).parameters)]
    assert kind.__match_args__ == type(theirs).__match_args__  # type: ignore[attr-defined]


def test_equal_records_have_one_hash_and_those_of_other_classes_differ() -> None:
    assert len({Itself(), Itself()}) == 2
    assert hash(Nothing()) == hash(Nothing())
    first = dataclass(frozen=True)(type("First", (), {"__annotations__": {"name": str}}))
    assert hash(first("a")) == hash(first("a"))  # type: ignore[call-arg]
    assert first("a") != Itself("a")  # type: ignore[call-arg]


def test_a_single_value_is_compared_as_one_of_a_tuple() -> None:
    one = dataclass(frozen=True)(type("One", (), {"__annotations__": {"value": float}}))
    assert one(math.nan) == one(math.nan)  # type: ignore[call-arg]
    row = np.zeros(3)
    assert one(row) == one(row)  # type: ignore[call-arg]


def test_fields_are_neither_set_nor_deleted() -> None:
    record = Named("a")
    with pytest.raises(FrozenInstanceError, match=r"cannot assign to field 'size'"):
        record.size = 3  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match=r"cannot delete field 'size'"):
        del record.size


def test_lists_are_not_shared_and_records_are_copied() -> None:
    assert Sized("a").parts is not Sized("a").parts
    record = Named("a", parts=[1])
    for other in (copy.deepcopy(record), pickle.loads(pickle.dumps(record)), replace(record)):  # noqa: S301 - our own
        assert other == record
        assert other.seen == {"a": 2}


def test_a_missing_value_is_told_by_the_name_of_the_class() -> None:
    with pytest.raises(TypeError, match=r"^Sized\.__init__\(\) missing 1 required positional argument: 'name'$"):
        Sized()  # type: ignore[call-arg]


def test_a_record_with_slots_is_shown_compared_copied_and_kept_as_others_are() -> None:
    record = Slotted("a", size=3)
    assert not hasattr(record, "__dict__")
    assert repr(record) == "Slotted(name='a', size=3)"
    others = copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record)), replace(record)  # noqa: S301
    assert {record, *others} == {Slotted("a", 3)}
    with pytest.raises(FrozenInstanceError, match=r"cannot assign to field 'size'"):
        record.size = 4  # type: ignore[misc]


def test_an_initialiser_is_compiled_once_it_is_looked_at() -> None:
    kind = dataclass(frozen=True)(type("Later", (), {"__annotations__": {"name": str}}))
    assert not inspect.isfunction(vars(kind)["__init__"])
    assert list(inspect.signature(kind).parameters) == ["name"]
    assert inspect.isfunction(vars(kind)["__init__"])
    below = type("Below", (dataclass(frozen=True)(type("Later", (), {"__annotations__": {"name": str}})),), {})
    assert vars(below("a")) == {"name": "a"}


def test_what_is_not_frozen_is_the_standard_librarys() -> None:
    changed = dataclass(type("Open", (), {"__annotations__": {"name": str}}))("a")
    changed.name = "b"
    assert changed.name == "b"
