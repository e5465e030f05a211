"""The options that all commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from lstm_ascii.cli.output import Output
from lstm_ascii.errors import UsageError

SHARED: dict[str, tuple[Any, Any]] = {  # what every command takes: its default and its option
    "json": (False, Annotated[bool, typer.Option("--json", help="Print the report as JSON, in full precision.")]),
    "tsv": (False, Annotated[bool, typer.Option("--tsv", help="Print the tables with tabs, in full precision.")]),
    "plain": (False, Annotated[bool, typer.Option("--plain", help="Sentences and simple tables, nothing drawn.")]),
    "export": (
        "",
        Annotated[str, typer.Option("--export", metavar="FILE", help="Draw into a .svg, .html or .txt file.")],
    ),
    "force": (False, Annotated[bool, typer.Option("--force", help="Let --export overwrite a file.")]),
    "ascii": (False, Annotated[bool, typer.Option("--ascii", help="Draw in pure ASCII.")]),
    "width": (
        0,
        Annotated[
            int,
            typer.Option(
                "--width", metavar="N", show_default=False, help="Columns, from 20; by default the terminal's."
            ),
        ],
    ),
    "color": ("auto", Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")]),
}
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


def answers(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take the shared options, and hand them over as its parameter ``output``.

    An option of the same name that the command has itself, as ``--force`` of ``train``, goes to both.
    """
    hints = get_type_hints(command, include_extras=True)
    parameters = inspect.signature(command).parameters.values()
    own = [one.replace(annotation=hints[one.name]) for one in parameters if one.name != "output"]
    own_names = {one.name for one in own}

    @wraps(command)
    def run(**values: Any) -> None:
        shared = {name: values[name] if name in own_names else values.pop(name) for name in SHARED}
        command(**values, output=Output(**shared))

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=option)
        for name, (default, option) in SHARED.items()
        if name not in own_names
    ]
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*own, *added)}
    return run


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
