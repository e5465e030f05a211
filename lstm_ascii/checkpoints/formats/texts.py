"""Texts from files, made safe to print and short.

Names in what a file holds are changed together, so that what belongs together still has one name; two names that
would become one are told apart by a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import is_
from typing import TYPE_CHECKING, Any, NewType

from lstm_ascii.language.text import LONGEST_WORD, is_plain, shortened

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.formats.contents import FileContents, Operation, RecurrentLayer

SafeText = NewType("SafeText", str)
LONGEST_NAME = 200  # characters: of a tensor, a layer, an operation
LONGEST_TEXT = 400  # characters: of a text about the file
DEEPEST = 100  # levels of a layer's settings; what is below is cut off
CUT = "…"
MOST_LOOKED_AT = 500_000  # characters of words that are not plain
WORDS = ("vocabulary", "vocab")  # metadata that hold all words; each word becomes safe by itself


def from_file(text: object, most: int = LONGEST_TEXT) -> SafeText:
    """Return a text that came with a file, safe to print and of at most ``most`` characters."""
    return SafeText(shortened(str(text), most))


def safe_words(words: Iterable[str]) -> tuple[SafeText, ...]:
    """Return entries of a vocabulary, safe to print; where all are plain, as in most, they take no time.

    Others take some for each character; after the first ``MOST_LOOKED_AT`` they are written as Python writes them.
    """
    words = tuple(words)
    if max(map(len, words), default=0) <= LONGEST_WORD and is_plain("".join(words)):
        return tuple(map(SafeText, words))
    safe, rest = list[SafeText](), MOST_LOOKED_AT
    for word in words:
        if len(word) <= LONGEST_WORD and is_plain(word):
            safe.append(SafeText(word))
            continue
        rest -= min(len(word), LONGEST_WORD)
        safe.append(from_file(word if rest > 0 else ascii(word[: LONGEST_WORD + 1])[1:-1], LONGEST_WORD))
    return tuple(safe)


def safe_metadata(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return a file's texts about itself, safe to print, but for the words."""
    return {
        from_file(name, LONGEST_NAME): text if name in WORDS else from_file(text) for name, text in metadata.items()
    }


def safe_contents(contents: FileContents) -> FileContents:
    """Return what a file holds with all its names and texts safe to print, those in the settings of layers, too."""
    names = _Names()
    return replace(
        contents,
        tensors=names.tensors(contents.tensors),
        metadata=safe_metadata(contents.metadata),
        layers=tuple(map(names.layer, contents.layers)),
        graph=replace(
            contents.graph,
            operations=tuple(map(names.operation, contents.graph.operations)),
            inputs=names.all(contents.graph.inputs),
            outputs=names.all(contents.graph.outputs),
        ),
        origins={names.of(made): frozenset(map(names.of, of)) for made, of in contents.origins.items()},
    )


class _Names:
    """The safe names of one file's names."""

    def __init__(self) -> None:
        self._safe: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Return the safe name of a name, always the same, and no other's."""
        safe = self._safe.get(name)
        if safe is None:
            safe, number = from_file(name, LONGEST_NAME), 2
            while safe in self._taken:
                safe, number = from_file(f"{from_file(name, LONGEST_NAME - 10)}~{number}", LONGEST_NAME), number + 1
            self._safe[name] = safe
            self._taken.add(safe)
        return safe

    def all(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self.of, names))

    def tensors(self, tensors: Mapping[str, Any]) -> Any:
        """Return tensors by their safe names; none of them is read."""
        from lstm_ascii.checkpoints.formats.contents import Tensors

        if isinstance(tensors, Tensors):
            return Tensors({self.of(name): tensor for name, tensor in tensors.stored.items()})
        return {self.of(name): tensor for name, tensor in tensors.items()}

    def layer(self, layer: RecurrentLayer) -> RecurrentLayer:
        return replace(layer, **self._parts(layer))

    def operation(self, operation: Operation) -> Operation:
        return replace(operation, **self._parts(operation))

    def _parts(self, part: RecurrentLayer | Operation) -> dict[str, Any]:
        return {
            "kind": self.of(part.kind),
            "name": self.of(part.name),
            "inputs": self.all(part.inputs),
            "outputs": self.all(part.outputs),
            "attributes": self.value(part.attributes),
            "tensors": self.tensors(part.tensors),
            "shared": self.of(part.shared) if part.shared else "",
        }

    def value(self, value: Any, depth: int = 0) -> Any:
        """Return a value of a layer's settings with every text in it safe; what is safe already stays as it is."""
        if isinstance(value, str):
            return value if len(value) <= LONGEST_NAME and is_plain(value) else self.of(value)
        if not isinstance(value, dict | list | tuple):
            return value
        if depth > DEEPEST:
            return CUT
        entries = value.values() if isinstance(value, dict) else value
        safe = [self.value(entry, depth + 1) for entry in entries]
        keys = [self.value(str(key)) for key in value] if isinstance(value, dict) else []
        if all(map(is_, safe, entries)) and all(map(is_, keys, value)):
            return value
        return dict(zip(keys, safe, strict=True)) if isinstance(value, dict) else type(value)(safe)
