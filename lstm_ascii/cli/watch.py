"""``lstm-ascii watch``."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output

if TYPE_CHECKING:
    from lstm_ascii.reports.watch.records import Reader

EXAMPLE = "Example: lstm-ascii watch watch.jsonl, while lstm_ascii.watch(model) writes it"
LOOKS = 0.5  # seconds from one look at the file to the next

File = Annotated[str, typer.Argument(metavar="FILE", help="Of lstm_ascii.watch() or Watch(), or of train --watch.")]
Follow = Annotated[
    bool | None,
    typer.Option(
        "--follow/--no-follow",
        show_default=False,
        help="Go on until the training ends, or Ctrl-C; by default on a terminal. --no-follow draws the page as it is.",
    ),
]


@options.answers
def watch(text: File, follow: Follow = None, *, output: Output) -> None:
    """Draw a training that is watched, live: gates, gradients, and when doctor would speak."""
    from lstm_ascii.render.watch import watch_page
    from lstm_ascii.reports.watch.report import watch_report

    path = Path(text)
    on_screen = sys.stdout is not None and sys.stdout.isatty()
    whole = output.json or output.tsv or output.plain or bool(output.export) or follow is False
    if whole:
        output.show(watch_report(path), lambda report, _: watch_page(report))
    else:
        _read(path, output, bool(follow), on_screen and output.can_move())


def _read(path: Path, output: Output, follows: bool, moves: bool) -> None:
    """Read the file, on a terminal as it grows: a picture there, elsewhere a line a report."""
    from lstm_ascii.reports.watch.records import Reader

    reader = Reader(path)
    try:
        if moves:
            _show(reader, path, output)
        else:
            _print(reader, output, follows)
    finally:
        reader.close()


def _show(reader: Reader, path: Path, output: Output) -> None:
    """Draw the page anew whenever there is a new report; leave the last one on the screen."""
    from lstm_ascii.cli.watching import following
    from lstm_ascii.render.watch import Screen, watch_page
    from lstm_ascii.reports.watch.report import WatchReport, report_of

    def picture(report: WatchReport) -> Screen:
        return Screen(watch_page(report))

    try:
        with following(output, picture, lambda _: None) as show:
            while True:
                if list(reader.read()) or reader.runs == 0:
                    show(report_of(reader, path))
                if reader.ended:
                    break
                time.sleep(LOOKS)
    finally:
        if reader.steps:
            still = replace(output, no_pager=True)  # nobody asked for one: the training ended, or its watcher
            still.show(report_of(reader, path), lambda report, _: watch_page(report))


def _print(reader: Reader, output: Output, follows: bool) -> None:
    """Print a line a report, as they come; each is one line, however long, as other programs want it."""
    from lstm_ascii.cli.writing import writing
    from lstm_ascii.render.glyphs import words_in_ascii
    from lstm_ascii.render.watch import report_line

    if sys.stdout is None:
        return
    only_ascii = output.only_ascii(sys.stdout)
    while True:
        for step in reader.read():
            line = report_line(step)
            with writing():
                sys.stdout.write(f"{words_in_ascii(line) if only_ascii else line}\n")
                sys.stdout.flush()
        if not follows:
            reader.finish()
        if reader.ended or not follows:
            return
        time.sleep(LOOKS)
