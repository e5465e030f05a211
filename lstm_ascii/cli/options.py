"""The options that all commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from lstm_ascii.errors import UsageError

Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON, in full precision.")]
Export = Annotated[str, typer.Option("--export", metavar="FILE", help="Draw into a .svg, .html or .txt file.")]
Force = Annotated[bool, typer.Option("--force", help="Let --export overwrite a file.")]
Ascii = Annotated[bool, typer.Option("--ascii", help="Draw in pure ASCII.")]
Width = Annotated[
    int,
    typer.Option("--width", metavar="N", show_default=False, help="Columns, from 20; by default the terminal's."),
]
Color = Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")]
Cells = Annotated[
    str | None,
    typer.Option("--cell", metavar="NAMES", show_default=False, help="Some of rnn,lstm,gru; by default all."),
]
Model = Annotated[
    str, typer.Option("--model", metavar="FILE", show_default=False, help="A network of your own, from train --out.")
]
Hidden = Annotated[
    int | None, typer.Option("--hidden", metavar="H", help="Random networks with H units, not the trained ones.")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Random networks from this seed.")]
ForgetBias = Annotated[
    float | None,
    typer.Option("--forget-bias", metavar="X", help="Random networks with X added to the LSTM's forget gate."),
]


def cells_of(text: str | None) -> tuple[str, ...]:
    """Return the networks that are named; none for the default.

    Raises:
        UsageError: the option is there, but names none.
    """
    names = listed(text or "")
    if text is not None and not names:
        raise UsageError("--cell: name at least one of rnn, lstm, gru")
    return names


def listed(text: str) -> tuple[str, ...]:
    """Split an option that takes several names."""
    return tuple(part.strip().lower() for part in text.split(",") if part.strip())
