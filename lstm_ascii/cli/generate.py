"""``lstm-ascii generate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError

if TYPE_CHECKING:
    from lstm_ascii.sources import Source

EXAMPLE = (
    'Examples: lstm-ascii generate "The cats"; lstm-ascii generate --temperature 0.5 --words 100; '
    "lstm-ascii generate --model novel/lstm.safetensors"
)
_OF_OTHERS = (*options.SERIES, "hidden", "forget_bias")  # of series, and of random networks, which have no text

Cell = Annotated[
    str | None,
    typer.Option(
        "--cell",
        metavar="NAME",
        show_default=False,
        help="The network that writes: rnn, lstm (the default), gru, rnn-helped.",
        autocompletion=options.any_of("rnn", "lstm", "gru", "rnn-helped"),
    ),
]
Beginning = Annotated[
    list[str] | None,
    typer.Argument(metavar="START", show_default=False, help="Words to begin with, in quotes or not."),
]
Start = Annotated[str, typer.Option("--start", metavar="TEXT", show_default=False, help="The same as START.")]
Words = Annotated[
    int | None,
    typer.Option("--words", metavar="N", help="How many to write; by default 40, of single characters 240."),
]
Temperature = Annotated[
    float,
    typer.Option("--temperature", metavar="T", help="0: the likeliest every time; below 1 safer, above 1 bolder."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of the random numbers.")]
Unit = Annotated[
    int | None,
    typer.Option(
        "--unit", metavar="K", help="Paint by this unit, from 0; by default by one that follows something simple."
    ),
]
Gate = Annotated[
    str, typer.Option("--gate", metavar="NAME", show_default=False, help="Paint by its gate or state of this name.")
]


@options.answers_without(*_OF_OTHERS)
def generate(
    beginning: Beginning = None,
    start: Start = "",
    cell: Cell = None,
    words: Words = None,
    temperature: Temperature = 1.0,
    seed: Seed = 0,
    unit: Unit = None,
    gate: Gate = "",
    layer: options.Layer = None,
    *,
    source: Source,
    output: Output,
) -> None:
    """Let a language model write on, each word with its probability, painted by one of its units."""
    from lstm_ascii.render.generate import generate_page
    from lstm_ascii.reports.generate import generate_report

    if start and beginning:
        raise UsageError("--start: START gives the first words already; give only one of the two")
    text, cells = start or " ".join(beginning or ()), options.cells_of(cell)
    with watching(output):
        report = generate_report(text, words, temperature, seed, cells, source, unit, gate, layer)
    output.show(report, lambda shown, _: generate_page(shown))
