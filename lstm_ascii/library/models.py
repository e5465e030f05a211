"""Files of weights that are opened from Python, and what a parameter ``source`` may be."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import UsageError
from lstm_ascii.render.section import Page
from lstm_ascii.sources import Source, open_networks

if TYPE_CHECKING:
    from lstm_ascii.network import Network
    from lstm_ascii.reports.inspect import InspectReport


class Model(Drawn):
    """A file of weights that is opened: what is in it, and the network itself.

    Attributes:
        source: which it is, for :func:`explain` and the others.
        facts: what is in it, as ``lstm-ascii inspect`` shows it.
    """

    def __init__(self, source: Source) -> None:
        """Look into the file.

        Raises:
            FileError: it can't be read.
        """
        from lstm_ascii.reports.inspect import inspect_report

        self.source = source
        self.facts: InspectReport = inspect_report(source)

    @cached_property
    def network(self) -> Network:
        """The network, which our engine runs.

        Raises:
            FileError: it can't be read rightly, or there is none.
        """
        return open_networks((), (), self.source)[0]

    def report(self) -> InspectReport:
        """Return what is in it."""
        return self.facts

    def page(self) -> Page:
        """Return the page of ``lstm-ascii inspect``."""
        from lstm_ascii.render.inspect import inspect_page

        return inspect_page(self.facts)

    def __repr__(self) -> str:
        """Say what is in it."""
        counts = Counter(f"{cell.cell} of {cell.units}" for cell in self.facts.cells)
        cells = ", ".join(f"{count} times {name}" if count > 1 else name for name, count in counts.items())
        return f"<Model {self.facts.file}: {cells or 'no network that can be read'}>"


def open_model(path: str | PathLike[str], **said: Any) -> Model:
    """Open a file of weights, of whatever framework: as data, nothing in it is run.

    Args:
        path: a ``.pt``, ``.safetensors``, ``.npz``, ``.onnx``, ``.keras`` or ``.h5``.
        said: what the file doesn't say itself, by the names of :class:`Source`: ``vocabulary="words.txt"``.

    Raises:
        UsageError: :class:`Source` has no such parameter, or takes no such value.
        FileError: the file can't be read.

    >>> from lstm_ascii import explain, open_model
    >>> from lstm_ascii.sources import WEIGHTS
    >>> model = open_model(WEIGHTS / "gru.safetensors")
    >>> model.network.layers[0][0].cell.hidden_size
    32
    >>> explain("The cat was hungry.", source=model).main.cell
    'GRU'
    """
    return Model(source_of_file(path, **said))


def source_of(given: object, **said: Any) -> Source | None:
    """Return the source that a parameter names.

    Raises:
        UsageError: it names none.
    """
    if given is None or isinstance(given, Source):
        return given
    if isinstance(given, Model):
        return given.source
    if given == "":
        raise UsageError("expected the path of a file, got an empty text", "source")
    if isinstance(given, str | PathLike):
        unknown = sorted(said.keys() - vars(Source()).keys() | said.keys() & {"model"})
        if unknown:
            raise UsageError(f"there is no such parameter; there are {', '.join(vars(Source()))}", unknown[0])
        return Source(model=fspath(given), **said)
    kind = type(given).__name__
    live = any(base.__module__.partition(".")[0] in ("torch", "keras") for base in type(given).__mro__)
    hint = "; look(model, batch) looks into a live model" if live else ""
    raise UsageError(f"expected a Source, the path of a file, or what open_model returned, got {kind}{hint}", "source")


def source_of_file(given: object, **said: Any) -> Source:
    """Return the source of a file of weights.

    Raises:
        UsageError: it names none.
    """
    source = source_of(given, **said)
    if source is None or not source.model:
        raise UsageError("expected the path of a file of weights", "source")
    return source
