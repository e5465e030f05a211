"""The file beside an ONNX file in which exporters keep its weights, and no other.

PyTorch writes the weights of ``model.onnx`` to ``model.onnx.data``, other tools to ``model.onnx_data``. An ONNX file
may name any file of the machine; only these two are opened, in the same folder and where they are no links.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from lstm_ascii.checkpoints.formats.files import mapped, shown
from lstm_ascii.errors import FileError

ENDINGS = (".data", "_data")
_INSIDE = (
    'model = onnx.load("model.onnx")    # where the other file lies beside it',
    'onnx.save_model(model, "whole.onnx", save_as_external_data=False)',
)


class Beside:
    """The weights beside one ONNX file; nothing is opened before a tensor asks for it."""

    def __init__(self, path: Path, wrong: Callable[..., FileError]) -> None:
        """Take the path of the ONNX file, and what makes its errors."""
        self.path = path
        self.wrong = wrong
        self._location = ""

    def part(self, entries: Mapping[str, str], name: str) -> memoryview:
        """Return the bytes of a tensor.

        Args:
            entries: what the tensor says of their place: ``location``, ``offset``, ``length``.
            name: to call it by, safe to print.

        Raises:
            FileError: they are in another file than the one beside, or not within it.
        """
        location = entries.get("location", "")
        if location not in [self.path.name + ending for ending in ENDINGS] or self._location not in ("", location):
            raise self.wrong(
                f"the tensor {name} is in another file ({shown(location)}), which is never opened; put it inside:",
                _INSIDE,
            )
        self._location = location
        places = [entries.get(key) for key in ("offset", "length")]
        if not all(place is None or (place.isascii() and place.isdigit() and len(place) < 20) for place in places):
            raise self.wrong(f"damaged: the tensor {name} has no place in {shown(location)}")
        begin = int(places[0] or 0)
        end = len(self._data) if places[1] is None else begin + int(places[1])
        if end > len(self._data):
            raise self.wrong(f"the tensor {name} ends at byte {end} of {shown(location)}, which has {len(self._data)}")
        return self._data[begin:end]

    @property
    def size(self) -> int:
        """The bytes of the file beside; 0 where no tensor asked for it."""
        return len(self._data) if self._location else 0

    @cached_property
    def _data(self) -> memoryview:
        """The whole file beside."""
        beside = self.path.with_name(self._location)
        if beside.is_symlink():
            raise self.wrong(f"its weights are in {shown(self._location)}, a link, which is never followed")
        if not beside.exists():
            raise self.wrong(f"its weights are in {shown(self._location)}, which is missing; put it beside the file")
        return mapped(beside)
