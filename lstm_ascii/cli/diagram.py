"""``lstm-ascii diagram``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError
from lstm_ascii.reports.diagram.pictures import PICTURES, pictures_report

if TYPE_CHECKING:
    from lstm_ascii.reports.diagram.report import DiagramReport
    from lstm_ascii.sources import Source

EXAMPLE = (
    'Examples: lstm-ascii diagram lstm; lstm-ascii diagram highway --sentence "The cat that chased the mice was '
    'hungry."; lstm-ascii diagram carousel --animate'
)
FRAME = 0.08  # seconds

NAMES = tuple(PICTURES)
Name = Annotated[
    str,
    typer.Argument(
        metavar="[NAME]",
        show_default=False,
        help=f"{', '.join(NAMES[:-1])} or {NAMES[-1]}; none lists them.",
        autocompletion=options.any_of(*NAMES),
    ),
]
Sentence = Annotated[
    str,
    typer.Option("--sentence", metavar="TEXT", show_default=False, help="Put a network's values on the wires."),
]
Word = Annotated[str | None, typer.Option("--word", metavar="W", help="The values at this word, by number or text.")]
Unit = Annotated[int | None, typer.Option("--unit", metavar="K", help="The values of one unit, from 0, not means.")]
Animate = Annotated[bool, typer.Option("--animate", help="Let a message ride on the carousel.")]
Forget = Annotated[
    float | None, typer.Option("--forget", metavar="F", help="Forget gate of the carousel's second loop (0.9).")
]
Views = Annotated[
    str,
    typer.Option(
        "--view", metavar="TITLES", show_default=False, help="Some of its drawings, by their titles: inside,outside."
    ),
]
Listed = Annotated[bool, typer.Option("--list", help="List the pictures.")]


@options.answers
def diagram(
    name: Name = "",
    sentence: Sentence = "",
    word: Word = None,
    unit: Unit = None,
    animate: Animate = False,
    forget: Forget = None,
    view: Views = "",
    list_: Listed = False,
    *,
    source: Source,
    output: Output,
) -> None:
    """Draw a network: its cells, its gates, the way of the error; with a sentence, with its own values."""
    if list_ or not name:
        from lstm_ascii.render.diagram.page import pictures_page

        output.show(pictures_report(), lambda shown, _: pictures_page(shown))
        return
    for option, given in (("--animate", animate), ("--forget", forget is not None)):
        if given and name != "carousel":
            raise UsageError(f"{option}: is for diagram carousel")

    from lstm_ascii.render.diagram.page import diagram_page
    from lstm_ascii.reports.diagram.report import FORGET, diagram_report

    with watching(output):
        report = diagram_report(name, sentence, word, source, unit, FORGET if forget is None else forget)
    if animate and not _ride(report, output):
        from lstm_ascii.render.diagram.carousel import frames_page

        output.show(report, lambda shown, _: frames_page(shown))
        return
    views = options.listed(view)
    output.show(report, lambda shown, limit: diagram_page(shown, limit, views))


def _ride(report: DiagramReport, output: Output) -> bool:
    """Let the message ride, if there is a terminal to ride on and the answer is drawn on it; tell whether it did."""
    import sys

    console = output.live_console()
    elsewhere = output.json or output.tsv or output.plain or output.export
    if console is None or elsewhere or sys.stdout is None or not sys.stdout.isatty():
        return False
    import time

    from lstm_ascii.cli.live import Live
    from lstm_ascii.render.diagram.carousel import frames

    with Live(console, output.only_ascii(console.file)) as live:
        for frame in frames(report):
            live.show(frame)
            time.sleep(FRAME)
    return True
