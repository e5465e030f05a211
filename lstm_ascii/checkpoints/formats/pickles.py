"""Python pickles, interpreted on a stack of plain values; nothing in them is ever imported or called.

A pickle is a program for a small machine. This one knows dictionaries, lists, numbers and texts. Whatever else a pickle
names, a class or a function, becomes an inert :class:`Placeholder`: no module is imported, nothing is called. Arrays
and tensors are put together from these afterwards, see :mod:`~lstm_ascii.checkpoints.formats.torch_files`.

Source of the steps: :mod:`pickletools`, whose ``genops`` tells them apart.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from lstm_ascii.records import dataclass

MOST_STEPS = 2_000_000
LONGEST_LINE = 1 << 20  # bytes, in the protocols that are text
LARGEST_NUMBER = 1 << 60  # as a key or a place: larger ones may be made so that all fall together in a table
DICTIONARIES = frozenset({"collections.OrderedDict", "collections.defaultdict", "collections.Counter"})
_LISTS = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "torch.Size"})
_OLD_NAMES = {"__builtin__": "builtins", "copy_reg": "copyreg", "UserDict": "collections"}
_MARK = object()


class PickleError(ValueError):
    """A pickle is damaged, or asks for more than is given."""


@dataclass(frozen=True)
class GlobalName:
    """A class or a function that a pickle names; it is not looked up."""

    text: str


@dataclass(eq=False)
class Placeholder:
    """What a pickle would make by a call.

    Attributes:
        maker: what would be called, as ``module.name``.
        arguments: of the call.
        state: what would be put into it afterwards.
        entries: what would be set in it by key.
        items: what would be added to it.
    """

    maker: str
    arguments: tuple[Any, ...] = ()
    state: Any = None
    entries: dict[Any, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class PersistentId:
    """What a pickle says is kept outside of it: a storage of PyTorch."""

    identity: Any


@dataclass(frozen=True, eq=False)
class _Unhashable:
    """A key that is more than a number or a text."""


@dataclass(frozen=True, eq=False)
class Unpickled:
    """What a pickle describes.

    Attributes:
        value: plain values, :class:`Placeholder`, :class:`GlobalName` and :class:`PersistentId`; it may hold itself.
        kept: all that it says is kept outside, in its order.
        end: where the pickle ends.
    """

    value: Any
    kept: tuple[PersistentId, ...]
    end: int


def unpickled(content: bytes | memoryview, begin: int = 0) -> Unpickled:
    """Follow the steps of a pickle.

    Args:
        content: that it stands in.
        begin: where.

    Raises:
        PickleError: it is damaged or too long.
    """
    machine = _Machine()
    for name, argument, place in _steps(content, begin):
        if name == "STOP":
            return Unpickled(machine.result(), tuple(machine.kept), place + 1)
        machine.do(name, argument)
    raise PickleError("is cut off")


def _steps(content: bytes | memoryview, begin: int) -> Iterator[tuple[str, Any, int]]:
    """Yield the name of each step, its argument and its place."""
    file = _Content(content, begin)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own about odd texts
            for opcode, argument, place in pickletools.genops(file):  # type: ignore[arg-type]  # no more of a file
                yield opcode.name, argument, place or 0
    except PickleError:
        raise
    except (ValueError, OverflowError, SyntaxError) as error:
        raise PickleError("is damaged") from error


class _Content:
    """Bytes as the part of a file that ``genops`` asks for; they are not copied as a whole."""

    def __init__(self, content: bytes | memoryview, begin: int) -> None:
        self._content, self._place = memoryview(content), begin

    def tell(self) -> int:
        return self._place

    def read(self, size: int) -> bytes:
        part = bytes(self._content[self._place : self._place + size])
        self._place += len(part)
        return part

    def readline(self) -> bytes:
        line = bytes(self._content[self._place : self._place + LONGEST_LINE])
        end = line.find(b"\n") + 1
        self._place += end or len(line)
        return line[:end] if end else line


class _Machine:
    """A stack, a memo, and what each step does to them."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._work = 0
        self.kept: list[PersistentId] = []

    def do(self, name: str, argument: Any) -> None:
        """Do one step.

        Raises:
            PickleError: it can't be done.
        """
        self._count(1)
        if name in _PUSHED:
            self._push(argument)
        elif name in _CONSTANTS:
            self._push(_CONSTANTS[name]())
        elif name in _BY_MARK:
            _BY_MARK[name](self, self._to_mark())
        elif name in _DONE:
            _DONE[name](self, argument)
        elif name not in _IGNORED:
            raise PickleError(f"has a step that is not followed ({name})")

    def result(self) -> Any:
        """Return what is left at the end."""
        return self._pop()

    def _count(self, steps: int) -> None:
        self._work += steps
        if self._work > MOST_STEPS:
            raise PickleError(f"has more than {MOST_STEPS:,} steps")

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop(self) -> Any:
        if not self._stack or self._stack[-1] is _MARK:
            raise PickleError("is damaged")
        return self._stack.pop()

    def _top(self) -> Any:
        value = self._pop()
        self._stack.append(value)
        return value

    def _to_mark(self) -> list[Any]:
        """Take away all that lies above the last mark, and the mark."""
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place] is _MARK:
                values = self._stack[place + 1 :]
                del self._stack[place:]
                return values
        raise PickleError("is damaged")

    def _mark(self, _: Any) -> None:
        self._stack.append(_MARK)

    def _drop(self, _: Any) -> None:
        if not self._stack:
            raise PickleError("is damaged")
        self._stack.pop()

    def _double(self, _: Any) -> None:
        self._push(self._top())

    def _put(self, place: Any) -> None:
        if not 0 <= place < LARGEST_NUMBER:
            raise PickleError("is damaged")
        self._memo[place] = self._top()

    def _memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self._top()

    def _get(self, place: Any) -> None:
        if place not in self._memo:
            raise PickleError("is damaged")
        self._push(self._memo[place])

    def _tuple(self, count: int) -> None:
        values = [self._pop() for _ in range(count)]
        self._push(tuple(reversed(values)))

    def _global(self, argument: Any) -> None:
        module, _, name = str(argument).partition(" ")
        self._push(_name(module, name))

    def _stack_global(self, _: Any) -> None:
        name, module = self._pop(), self._pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise PickleError("is damaged")
        self._push(_name(module, name))

    def _keep(self, identity: Any) -> None:
        self.kept.append(PersistentId(identity))
        self._push(self.kept[-1])

    def _call(self, _: Any) -> None:
        arguments, maker = self._pop(), self._pop()
        if isinstance(arguments, tuple):
            self._count(sum(len(argument) for argument in arguments if isinstance(argument, list | tuple)))
        self._push(_made(maker, arguments))

    def _call_with_names(self, _: Any) -> None:
        self._pop()
        self._call(None)

    def _called_at_mark(self, values: list[Any]) -> None:
        if not values:
            raise PickleError("is damaged")
        self._push(_made(values[0], tuple(values[1:])))

    def _build(self, _: Any) -> None:
        state, made = self._pop(), self._top()
        if isinstance(made, Placeholder):
            made.state = state

    def _append(self, _: Any) -> None:
        value = self._pop()
        self._extend([value])

    def _extend(self, values: list[Any]) -> None:
        made = self._top()
        if isinstance(made, Placeholder):
            made.items.extend(values)
        elif isinstance(made, list):
            made.extend(values)
        elif not isinstance(made, dict):
            raise PickleError("is damaged")

    def _set_item(self, _: Any) -> None:
        value, key = self._pop(), self._pop()
        self._set_items([key, value])

    def _set_items(self, values: list[Any]) -> None:
        made = self._top()
        entries = made.entries if isinstance(made, Placeholder) else made
        if not isinstance(entries, dict) or len(values) % 2:
            raise PickleError("is damaged")
        entries.update(_entries(values))

    def _dictionary(self, values: list[Any]) -> None:
        if len(values) % 2:
            raise PickleError("is damaged")
        self._push(_entries(values))


def _entries(values: list[Any]) -> dict[Any, Any]:
    """Return keys and values in turn as a dictionary; only plain keys are found again in it."""
    keys = (key if _is_plain(key) else _Unhashable() for key in values[::2])
    return dict(zip(keys, values[1::2], strict=True))


def _is_plain(key: Any) -> bool:
    """Tell whether a key is quickly compared; a tuple of tuples of tuples may take for ever."""
    if isinstance(key, int):
        return abs(key) < LARGEST_NUMBER
    return key is None or isinstance(key, str | float | bytes)


def _name(module: str, name: str) -> GlobalName:
    """Return a class or a function by its name in Python 3."""
    return GlobalName(f"{_OLD_NAMES.get(module, module)}.{name}")


def _made(maker: Any, arguments: Any) -> Any:
    """Return what a call would make: a dictionary or a list, or else a thing."""
    if not isinstance(arguments, tuple):
        raise PickleError("is damaged")
    if not isinstance(maker, GlobalName):
        return Placeholder("", arguments)
    if maker.text in DICTIONARIES:
        return _as_dictionary(arguments)
    if maker.text in _LISTS:
        return arguments[0] if arguments and isinstance(arguments[0], list | tuple) else []
    if maker.text == "copyreg._reconstructor" and arguments and isinstance(arguments[0], GlobalName):
        return _made(arguments[0], arguments[2:3])
    return Placeholder(maker.text, arguments)


def _as_dictionary(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """Return the dictionary that is made of a dictionary or of pairs."""
    given = arguments[-1] if arguments else ()
    if isinstance(given, dict):
        return given
    if not isinstance(given, list | tuple):
        return {}
    pairs = [pair for pair in given if isinstance(pair, list | tuple) and len(pair) == 2]
    return _entries([part for pair in pairs for part in pair])


_IGNORED = frozenset({"PROTO", "FRAME", "STOP"})
_PUSHED = frozenset(
    """INT BININT BININT1 BININT2 LONG LONG1 LONG4 STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES
    BINBYTES8 BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 FLOAT BINFLOAT""".split()  # noqa: SIM905
)
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,
}
_BY_MARK: dict[str, Callable[[_Machine, list[Any]], None]] = {
    "LIST": lambda machine, values: machine._push(values),
    "TUPLE": lambda machine, values: machine._push(tuple(values)),
    "FROZENSET": lambda machine, values: machine._push(values),
    "POP_MARK": lambda _, __: None,
    "DICT": _Machine._dictionary,
    "APPENDS": _Machine._extend,
    "ADDITEMS": _Machine._extend,
    "SETITEMS": _Machine._set_items,
    "OBJ": _Machine._called_at_mark,
}
_DONE: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": _Machine._mark,
    "POP": _Machine._drop,
    "DUP": _Machine._double,
    "PUT": _Machine._put,
    "BINPUT": _Machine._put,
    "LONG_BINPUT": _Machine._put,
    "MEMOIZE": _Machine._memoize,
    "GET": _Machine._get,
    "BINGET": _Machine._get,
    "LONG_BINGET": _Machine._get,
    "TUPLE1": lambda machine, _: machine._tuple(1),
    "TUPLE2": lambda machine, _: machine._tuple(2),
    "TUPLE3": lambda machine, _: machine._tuple(3),
    "GLOBAL": _Machine._global,
    "STACK_GLOBAL": _Machine._stack_global,
    "INST": lambda machine, argument: machine._called_at_mark(
        [_name(*str(argument).split(" ", 1)), *machine._to_mark()] if " " in str(argument) else []
    ),
    "PERSID": _Machine._keep,
    "BINPERSID": lambda machine, _: machine._keep(machine._pop()),
    "REDUCE": _Machine._call,
    "NEWOBJ": _Machine._call,
    "NEWOBJ_EX": _Machine._call_with_names,
    "BUILD": _Machine._build,
    "APPEND": _Machine._append,
    "SETITEM": _Machine._set_item,
}
