"""``lstm-ascii explain``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import export, options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import SEED_SENTENCE
from lstm_ascii.render.explain import ALL, BRIEF, SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.reports.explain.report import ExplainReport
    from lstm_ascii.sources import Source

OWN = "No sentence was given: this one is the program's own."
EXAMPLE = 'Example: lstm-ascii explain "The cat that chased the mouse was hungry." --cell rnn,lstm,gru'

Sentence = Annotated[
    list[str] | None,
    typer.Argument(metavar="SENTENCE", show_default=False, help="In quotes or not; - reads standard input."),
]
Word = Annotated[str, typer.Option("--word", metavar="W", help="Draw the cell at this word, by number or text.")]
Views = Annotated[str, options.sections(SECTIONS)]
Brief = Annotated[bool, typer.Option("--brief", help="A page for the projector: the verdict and the words.")]
All = Annotated[bool, typer.Option("--all", help="The report at length: means, memory, every bar.")]
Example = Annotated[
    bool,
    typer.Option("--example", help="Find a sentence by search; SENTENCE is then rnn-forgets, vanishes or clears."),
]
Against = Annotated[
    str,
    typer.Option(
        "--against",
        metavar="TEXT",
        show_default=False,
        help="Another sentence, to stand beside it.",
        callback=options.not_empty,
    ),
]
AgainstModel = Annotated[
    str,
    typer.Option(
        "--against-model",
        metavar="FILE",
        show_default=False,
        callback=options.not_empty,
        help="Another network, to stand beside the first.",
    ),
]
Legends = Annotated[bool, typer.Option("--legend", help="Explain what a reader can guess, too.")]
Contrasted = Annotated[
    str,
    typer.Option(
        "--contrast",
        metavar="A:B",
        show_default=False,
        help="The choice to look into, the right word first, as was:were; was/were calls neither right.",
    ),
]
Answered = Annotated[
    str,
    typer.Option(
        "--answer",
        metavar="K",
        show_default=False,
        help="Of a network that names no next word: the output to look into, by its label or its number from 0.",
    ),
]
Baseline = Annotated[
    str,
    typer.Option(
        "--baseline",
        metavar="WHAT",
        help="What takes the place of a step or feature of a series: its mean, zero, its first step, or a table.",
    ),
]
Gate = Annotated[
    str,
    typer.Option(
        "--gate",
        metavar="NAME",
        show_default=False,
        help="Of --view map and paint: forget, input, candidate, output, cell, hidden; of a GRU update, reset.",
    ),
]
FollowedUnit = Annotated[
    int | None, typer.Option("--unit", metavar="K", help="Follow one unit along the words, from 0.")
]


@options.answers
def explain(
    sentence: Sentence = None,
    cell: options.Cells = None,
    word: Word = "",
    view: Views = "",
    brief: Brief = False,
    all_: All = False,
    legend: Legends = False,
    example: Example = False,
    against: Against = "",
    against_model: AgainstModel = "",
    unit: FollowedUnit = None,
    contrast: Contrasted = "",
    answer: Answered = "",
    baseline: Baseline = "mean",
    gate: Gate = "",
    layer: options.Layer = None,
    direction: options.Direction = "",
    *,
    source: Source,
    output: Output,
) -> None:
    """Show what happens in the cell, word by word, and how far the error reaches."""
    views = _sections(view, brief, all_)
    with watching(output, "searching"):
        text, remark = _found(sentence, source) if example else _read(sentence, source)

    from lstm_ascii.render.explain.page import explain_page
    from lstm_ascii.reports.explain.report import explain_report

    cells = options.cells_of(cell)
    if export.ending(output.export) in export.ARRAYS:
        if against or against_model or output.json or output.tsv:
            raise UsageError("--export: arrays are of one run, and stand for themselves; leave the other forms out")
        _write_arrays(text, cells, contrast, source, answer, word, output)
        return

    if gate and not {"map", "paint"} & set(views):
        raise UsageError("--gate: is for --view map and --view paint")
    if views == ("paint",) and not source.reads_file and not (against or against_model):
        _show_painted(text, cells, source, (unit, gate, word or None, layer, direction), output)
        return
    mapped = gate if "map" in views else None
    painted = gate if "paint" in views else None

    def read(text: str, source: Source) -> ExplainReport:
        with watching(output) as watch:
            return explain_report(
                text,
                cells,
                word or None,
                unit,
                contrast,
                source,
                layer,
                direction,
                watch,
                answer,
                baseline,
                mapped,
                painted,
            )

    report = read(text, source)
    if against or against_model:
        if views:
            raise UsageError("--against: has a page of its own; leave --view, --brief and --all out")
        other = replace(source, model=against_model or source.model)
        _show_both(report, read(against or text, other), other == source, output)
    else:
        output.show(report, lambda shown, limit: explain_page(shown, views, limit, legend, remark))


def _show_painted(
    text: str, cells: tuple[str, ...], source: Source, how: tuple[int | None, str, str | None, int | None, str],
    output: Output,
) -> None:  # fmt: skip
    """Show a text painted by a unit: of a long one nothing else need be measured."""
    from lstm_ascii.render.paint import paint_page
    from lstm_ascii.reports.paint import paint_report

    with watching(output):
        report = paint_report(text, cells, source, *how)
    output.show(report, lambda shown, _: paint_page(shown))


def _write_arrays(
    text: str, cells: tuple[str, ...], contrast: str, source: Source, answer: str, word: str, output: Output
) -> None:
    """Write all that the networks computed as arrays."""
    from lstm_ascii.reports.explain.arrays import run_arrays

    with watching(output):
        arrays = run_arrays(text, cells, contrast, source, answer, word)
    export.write_arrays(output.export, arrays, output.force)


def _show_both(first: ExplainReport, second: ExplainReport, same_networks: bool, output: Output) -> None:
    """Show two reports side by side."""
    from lstm_ascii.render.explain.against import against_page
    from lstm_ascii.reports.explain.against import against_report

    output.show(against_report(first, second, same_networks), against_page)


def _read(sentence: list[str] | None, source: Source) -> tuple[str, str]:
    """Return the sentence that is given, else one of the program's, and what is to be said of it."""
    if not (sentence or source.reads_file):
        return SEED_SENTENCE, OWN
    return _standard_input() if sentence == ["-"] else " ".join(sentence or ()), ""


def _found(kind: list[str] | None, source: Source) -> tuple[str, str]:
    """Return a sentence that was searched for, and what is to be seen on it.

    Raises:
        UsageError: there is no such kind, or the networks are others than those it is searched for.
    """
    from lstm_ascii.reports.explain.example import example
    from lstm_ascii.sources import Source

    if source != Source():
        raise UsageError("--example: is searched for the networks that come with the program; leave the others out")
    return example(" ".join(kind or ()))


def _sections(view: str, brief: bool, all_: bool) -> tuple[str, ...]:
    """Return the sections that are asked for; none for the page to show.

    Raises:
        UsageError: more than one of the options asks for sections, or there is no such section.
    """
    if bool(view) + brief + all_ > 1:
        raise UsageError("--brief, --all and --view: expected one of them")
    return BRIEF if brief else ALL if all_ else options.chosen(SECTIONS, view)


def _standard_input() -> str:
    """Read standard input; a byte order mark is no part of it, and stray bytes are kept to be shown."""
    if sys.stdin is None:
        raise LstmAsciiError("there is no standard input to read a sentence from")
    return sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape")
