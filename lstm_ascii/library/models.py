"""``open_model``: files of weights; and the values that a parameter ``source`` may have."""

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
    """An opened file of weights: its contents, and the network itself.

    Attributes:
        source: the file, for the parameter ``source`` of :func:`explain` and others.
        facts: its contents, as ``lstm-ascii inspect`` shows them.
    """

    def __init__(self, source: Source) -> None:
        """Read the file.

        Raises:
            FileError: it can't be read.
        """
        from lstm_ascii.reports.inspect import inspect_report

        self.source = source
        self.facts: InspectReport = inspect_report(source)

    @cached_property
    def network(self) -> Network:
        """The network, as our engine runs it.

        Raises:
            FileError: it can't be read correctly, or there is none.
        """
        return open_networks((), (), self.source)[0]

    def report(self) -> InspectReport:
        """Return the contents of the file."""
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
    """Open a file of weights of PyTorch, Keras, ONNX and others; no code in it is ever run.

    Args:
        path: a ``.pt``, ``.safetensors``, ``.npz``, ``.onnx``, ``.keras`` or ``.h5``.
        said: parameters of :class:`Source` for what the file doesn't contain: ``vocabulary="words.txt"``.

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
    """Return the :class:`Source` that a parameter ``source`` stands for; ``None`` for the package's own networks.

    Raises:
        UsageError: it is neither a path, nor a :class:`Source`, nor a :class:`Model`.
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
    """Return the :class:`Source` that a parameter ``source`` stands for, if it names a file of weights.

    Raises:
        UsageError: it does not.
    """
    source = source_of(given, **said)
    if source is None or not source.model:
        raise UsageError("expected the path of a file of weights", "source")
    return source
