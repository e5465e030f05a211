"""Which pictures there are; asking for the list loads no network."""

from __future__ import annotations

from lstm_ascii.records import dataclass

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: as it is asked for.
        about: what it shows.
        cells: the networks whose values stand in it.
        by_word: whether it is drawn at one word of the sentence.
    """

    name: str
    about: str
    cells: tuple[str, ...]
    by_word: bool = True


PICTURES = {
    picture.name: picture
    for picture in (
        Picture("ann", "a network without memory, and why words need one", ("rnn",), by_word=False),
        Picture("rnn", "the simple recurrent network: folded, from inside, unrolled over the words", ("rnn",)),
        Picture("lstm", "the LSTM: from outside, from inside, and one of its gates", ("lstm",)),
        Picture("gates", "the LSTM's gates in one table, and the letters that others write", ("lstm",)),
        Picture("product", "a product element by element, as columns of numbers: the whole step of C", ("lstm",)),
        Picture("gru", "the GRU: from outside, from inside", ("gru",)),
        Picture("gru-lstm", "GRU and LSTM beside each other, and what maps to what", ("gru", "lstm")),
        Picture("highway", "the memory as a road through the words, the RNN's way below it", ("lstm", "rnn")),
        Picture("carousel", "the constant error carousel; it turns with --animate", ("lstm",)),
        Picture("bptt", "backpropagation through time: the error goes back, word by word", ("lstm", "rnn")),
        Picture("training", "how an LSTM is trained, as a flow chart", ("lstm",), by_word=False),
    )
}


@dataclass(frozen=True)
class PicturesReport:
    """The list of the pictures."""

    schema_version: int
    pictures: tuple[Picture, ...]


def pictures_report() -> PicturesReport:
    """Return the list of the pictures."""
    return PicturesReport(SCHEMA_VERSION, tuple(PICTURES.values()))
