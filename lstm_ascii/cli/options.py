"""The options that all commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import partial, wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from lstm_ascii.cli.output import Output
from lstm_ascii.errors import UsageError

if TYPE_CHECKING:
    from lstm_ascii.sources import Source


def any_of(*names: str) -> Callable[[str], list[str]]:
    """Return what completes an option that takes one of ``names``, or several with commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in names if name.startswith(last) and name not in before.split(",")]

    return complete


def sections(names: Sequence[str]) -> Any:
    """Return the option that chooses some of a page's sections."""
    return typer.Option(
        "--view",
        metavar="NAMES",
        show_default=False,
        help=f"Sections, with commas: {', '.join(names)}.",
        autocompletion=any_of(*names),
    )


def chosen(names: Sequence[str], text: str) -> tuple[str, ...]:
    """Return the sections that an option names; none for the default.

    Raises:
        UsageError: there is no such section.
    """
    wanted = listed(text)
    for name in wanted:
        if name not in names:
            raise UsageError(f"--view: expected {', '.join(names)}, got {name}")
    return wanted


SHARED: dict[str, tuple[Any, Any]] = {  # what every command takes: its default and its option
    "json": (False, Annotated[bool, typer.Option("--json", help="Print the report as JSON, in full precision.")]),
    "tsv": (False, Annotated[bool, typer.Option("--tsv", help="Print the tables with tabs, in full precision.")]),
    "plain": (False, Annotated[bool, typer.Option("--plain", help="Sentences and simple tables, nothing drawn.")]),
    "export": (
        "",
        Annotated[
            str,
            typer.Option(
                "--export", metavar="FILE", help="Write a .svg, .html, .txt or .tsv file; of explain also .npz."
            ),
        ],
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
    "color": (
        "auto",
        Annotated[
            str,
            typer.Option(
                "--color",
                metavar="WHEN",
                help="auto, always or never.",
                autocompletion=any_of("auto", "always", "never"),
            ),
        ],
    ),
    "no_pager": (
        False,
        Annotated[bool, typer.Option("--no-pager", help="Show what is taller than the terminal in no pager.")],
    ),
}
PlainCells = Annotated[
    str | None,
    typer.Option(
        "--cell",
        metavar="NAMES",
        show_default=False,
        help="Some of rnn,lstm,gru; by default all.",
        autocompletion=any_of("rnn", "lstm", "gru"),
    ),
]
Cells = Annotated[
    str | None,
    typer.Option(
        "--cell",
        metavar="NAMES",
        show_default=False,
        help="Some of rnn,lstm,gru (the default), rnn-helped.",
        autocompletion=any_of("rnn", "lstm", "gru", "rnn-helped"),
    ),
]


def not_empty(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
    """Refuse an empty value, as a variable of the shell that is not set gives one.

    Raises:
        UsageError: it was given, and is empty.
    """
    given = context.get_parameter_source(option.name or "")
    if value == "" and given is not None and given.name == "COMMANDLINE":
        is_file = option.metavar == "FILE"
        said = "its name is empty; name a file" if is_file else f"is empty; give {option.metavar}"
        raise UsageError(f"{option.opts[0]}: {said}, or leave the option out")
    return value


Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="FILE",
        show_default=False,
        callback=not_empty,
        help="A network of your own: of train --out, or a .pt, .safetensors, .npz, .onnx, .keras or .h5.",
    ),
]
Vocab = Annotated[
    str,
    typer.Option(
        "--vocab",
        metavar="FILE",
        show_default=False,
        callback=not_empty,
        help="Its words: one a line, JSON, or a tokenizer.json.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="ROLE=TENSOR",
        show_default=False,
        help="What a tensor of it is: embedding, decoder.weight, decoder.bias, head, rnn, ignore; or of a layer with "
        "other names weight_ih, weight_hh (side by side weight_xh, weight_hx), bias, bias_ih, bias_hh, h0, c0. May be "
        "repeated.",
    ),
]
Gates = Annotated[
    str,
    typer.Option(
        "--gates",
        metavar="LETTERS",
        show_default=False,
        callback=not_empty,
        help="The order of the gates in --map weight_ih and weight_hh, or weight_xh: ifgo, rzn.",
    ),
]
Activation = Annotated[
    str, typer.Option("--activation", metavar="NAME", show_default=False, help="Of its RNN: tanh or relu.")
]
Head = Annotated[
    str,
    typer.Option(
        "--head",
        metavar="FUNCTIONS",
        show_default=False,
        help="Of its answer: a pooling (as last or mean), then a function for each dense layer: last,relu,sigmoid; "
        "for ONNX and Keras only the last function, if the file ends before it: softmax.",
        callback=not_empty,
    ),
]
Labels = Annotated[
    str,
    typer.Option(
        "--labels",
        metavar="NAMES",
        show_default=False,
        help="What its outputs are called: negative,positive; or a file of names, one a line.",
        callback=not_empty,
    ),
]
Input = Annotated[
    str,
    typer.Option(
        "--input",
        metavar="FILE",
        show_default=False,
        callback=not_empty,
        help="What to read: a .csv or .tsv of numbers, a row a step, or a .npy or .npz; - is standard input.",
    ),
]
Feed = Annotated[
    str,
    typer.Option(
        "--feed",
        metavar="FILE",
        show_default=False,
        callback=not_empty,
        help="What the whole ONNX model reads: an .npz by the names of its inputs, a .npy, or a table.",
    ),
]
WhichSequence = Annotated[
    int, typer.Option("--sequence", metavar="K", show_default=False, help="Of a batch that is fed, from 0 (0).")
]
Columns = Annotated[
    str,
    typer.Option(
        "--columns", metavar="NAMES", show_default=False, help="Of that table, by name or number: open,close or 2,5."
    ),
]
Window = Annotated[
    str, typer.Option("--window", metavar="STEPS", show_default=False, help="Of those steps: last:60, first:60, 10:60.")
]
Scale = Annotated[
    str,
    typer.Option(
        "--scale",
        metavar="MEAN,SD",
        show_default=False,
        help="Of a column as the network reads it: (value - mean) / sd; several with ;, or a file of name, mean, sd.",
        callback=not_empty,
    ),
]
Hidden = Annotated[
    int | None, typer.Option("--hidden", metavar="H", help="Random networks with H units, not the trained ones.")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Random networks from this seed.")]
ForgetBias = Annotated[
    float | None,
    typer.Option("--forget-bias", metavar="X", help="Random networks with X added to the LSTM's forget gate."),
]
Layer = Annotated[
    int | None, typer.Option("--layer", metavar="N", help="Look into this layer, from 1; by default the last.")
]
Direction = Annotated[
    str,
    typer.Option(
        "--direction", metavar="WAY", show_default=False, help="forward or backward, where a layer reads both ways."
    ),
]
SOURCES: dict[str, tuple[Any, Any]] = {  # where networks come from: for a command with a parameter ``source``
    "model": ("", Model),
    "vocab": ("", Vocab),
    "map": (None, Map),
    "gates": ("", Gates),
    "activation": ("", Activation),
    "head": ("", Head),
    "labels": ("", Labels),
    "input": ("", Input),
    "feed": ("", Feed),
    "sequence": (0, WhichSequence),
    "columns": ("", Columns),
    "window": ("", Window),
    "scale": ("", Scale),
    "hidden": (None, Hidden),
    "forget_bias": (None, ForgetBias),
    "seed": (None, Seed),
}
OF_FILES = {
    name: SOURCES[name] for name in ("vocab", "map", "gates", "activation", "head", "labels")
}  # of a command that wants a file
outputs: ContextVar[Callable[..., Output]] = ContextVar("outputs", default=Output)  # what answers go to


CLUSTER = {  # of a command whose work is many pieces
    "cluster": (
        "",
        Annotated[
            str,
            typer.Option(
                "--cluster",
                metavar="ADDRESS",
                show_default=False,
                callback=not_empty,
                help="Have the work done by a Dask cluster, by its scheduler's address: tcp://10.0.0.1:8786.",
            ),
        ],
    )
}
SERIES = {name: SOURCES[name] for name in ("input", "feed", "sequence", "columns", "window", "scale")}


def answers(
    command: Callable[..., None], without: Collection[str] = (), reads_series: bool = False
) -> Callable[..., None]:
    """Let a command take the shared options, and hand them over as its parameter ``output``.

    One with a parameter ``source`` also takes the options that say where networks come from. An option of the same
    name that the command has itself goes to the command: ``--force`` of ``train`` and ``FILE`` of ``doctor``, its
    ``model``, to both; ``--hidden`` of ``gradients``, which asks for something else, to none but the command.
    """
    hints = get_type_hints(command, localns={"Source": Any}, include_extras=True)
    parameters = inspect.signature(command).parameters.values()
    own = [one.replace(annotation=hints[one.name]) for one in parameters if one.name not in ("output", "source")]
    own_names = {one.name for one in own}
    needs_file = any(one.name == "model" and one.default is inspect.Parameter.empty for one in own)
    of_file = OF_FILES | (SERIES if reads_series else {})
    asked = {} if "source" not in hints else of_file if needs_file else SOURCES
    of_source = {name: option for name, option in asked.items() if name not in without}

    @wraps(command)
    def run(**values: Any) -> None:
        if needs_file and not values["model"]:
            raise UsageError("FILE: its name is empty; name a file of weights")
        shared = {name: values[name] if name in own_names else values.pop(name) for name in SHARED}
        output = outputs.get()(**shared)
        if of_source:
            given = {name: values.pop(name) for name in of_source if name not in own_names}
            values["source"] = source_of({"model": values.get("model") or ""} | given)
        with _spread(values.pop("cluster", "")):
            command(**values, output=output)

    asked = of_source | (CLUSTER if getattr(command, "is_spread", False) else {}) | SHARED
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=option)
        for name, (default, option) in asked.items()
        if name not in own_names
    ]
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*own, *added)}
    return run


Resume = Annotated[
    str,
    typer.Option(
        "--resume",
        metavar="FILE",
        show_default=False,
        callback=not_empty,
        help="Keep what is finished in this file, and go on from it where it is there.",
    ),
]


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take ``--cluster``; stands below what lets it answer."""
    command.is_spread = True  # type: ignore[attr-defined]
    return command


def _spread(address: str) -> AbstractContextManager[None]:
    """Let the pieces of work in the block be done where that was asked for."""
    if not address:
        return nullcontext()
    from lstm_ascii.processes import on_cluster

    return on_cluster(address)


def answers_without(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command answer, without those options of :data:`SOURCES` that mean nothing to it."""
    return partial(answers, without=names)


def answers_of_series(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command that wants a file answer, and read a series in place of a text."""
    return answers(command, reads_series=True)


def source_of(values: Mapping[str, Any]) -> Source:
    """Return the source that options of :data:`SOURCES` name."""
    from lstm_ascii.sources import Source

    return Source(
        model=values.get("model", ""),
        hidden_size=values.get("hidden"),
        seed=values.get("seed"),
        forget_bias=values.get("forget_bias"),
        vocabulary=values.get("vocab", ""),
        roles=tuple(values.get("map") or ()),
        activation=values.get("activation", ""),
        head=values.get("head", ""),
        labels=values.get("labels", ""),
        input=values.get("input", ""),
        columns=values.get("columns", ""),
        window=values.get("window", ""),
        scale=values.get("scale", ""),
        feed=values.get("feed", ""),
        sequence=values.get("sequence", 0),
        gates=values.get("gates", ""),
    )


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
