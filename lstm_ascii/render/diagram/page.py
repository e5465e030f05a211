"""The page of ``diagram``: a head, and the drawings of a picture below each other; and the list of the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.errors import UsageError
from lstm_ascii.render.diagram import ann, bptt, carousel, gated, highway, product, rnn, training
from lstm_ascii.render.layout import paragraph, rows_to_show
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Drawing, Head, Page, Section, note
from lstm_ascii.render.wording import Wording
from lstm_ascii.reports.diagram.pictures import PICTURES, Picture, PicturesReport
from lstm_ascii.reports.diagram.report import DiagramReport

EXAMPLE = 'Draw one: lstm-ascii diagram lstm --sentence "The cat was hungry."'
SECTIONS: dict[str, Callable[[DiagramReport, int | None], Iterator[Section]]] = {
    "ann": ann.sections,
    "rnn": rnn.sections,
    "lstm": gated.lstm,
    "gates": product.gates,
    "product": product.sections,
    "gru": gated.gru,
    "gru-lstm": gated.gru_lstm,
    "highway": highway.sections,
    "carousel": carousel.sections,
    "bptt": bptt.sections,
    "training": training.sections,
}


def diagram_page(report: DiagramReport, limit: int | None = None, views: Sequence[str] = ()) -> Page:
    """Return the page of a picture; in pure ASCII its texts and equations may grow.

    Args:
        report: to draw.
        limit: the most words to show in a drawing along the words; ``None`` for all.
        views: the drawings to show, by the first words of their titles, in any letters; all if none is named.

    Raises:
        UsageError: there is no such drawing.
    """
    drawings = tuple(SECTIONS[report.name](report, limit))
    for view in views:
        if not any(_is_named(drawing, view) for drawing in drawings):
            titles = ", ".join(drawing.title.lower() for drawing in drawings)
            raise UsageError(f"diagram {report.name} has {titles}; got {view}", "views")
    shown = tuple(drawing for drawing in drawings if not views or any(_is_named(drawing, view) for view in views))
    names = (*report.words, *(cell.source for cell in report.cells))
    head = None if views and not report.words else _head(report, limit)  # letters alone fit a screen
    return Page(head, shown, close=int(head is None), grows=True, wording=Wording(names) if report.is_series else None)


def _is_named(drawing: Section, view: str) -> bool:
    return drawing.title.lower().startswith(view)


def _head(report: DiagramReport, limit: int | None) -> Head:
    """Return the box at the top."""
    texts = [Text.assemble((f"diagram {report.name}", "title"), f"   {PICTURES[report.name].about}")]
    if report.words:
        texts.append(_sentence(report, limit))
    texts.append(Text(_facts(report), "note"))
    if not report.words:
        texts.append(Text("letters only; --sentence TEXT puts values on the wires", "note"))
    if limit is not None and len(report.words) > limit:
        texts.append(Text(
            f"{len(report.words):,} words: drawings along them have the head and the tail; pipe it (| less) for all",
            "note",
        ))  # fmt: skip
    texts += [Text(f"{cell.cell}: {'; '.join(cell.special)}", "note") for cell in report.cells if cell.special]
    return Head(texts)


def _facts(report: DiagramReport) -> str:
    """Say which networks, and at which word."""
    cells = report.cells
    names, sources = ", ".join(cell.cell for cell in cells), "; ".join(dict.fromkeys(cell.source for cell in cells))
    sizes = {cell.hidden_size for cell in cells}
    units = f"{'/'.join(map(str, sorted(sizes)))} unit{'s' * (sizes != {1})}{' each' if len(cells) > 1 else ''}"
    facts = f"{names} · {units} · {sources}"
    if report.word is None:
        return facts
    return f"{facts} · at word {report.word}: {report.reason}"


def _sentence(report: DiagramReport, limit: int | None) -> Text:
    """Write the words, the one that is drawn marked; of many the head and the tail."""
    words, at = report.words, report.word
    if report.is_series:
        return Text(f"{len(words):,} steps, “{words[0]}” to “{words[-1]}”", "word")
    shown = rows_to_show(len(words), limit, () if at is None else (at - 1,))
    return Text(" ").join(
        Text("…", "note") if row is None else Text(words[row], "focus" if at == row + 1 else "word") for row in shown
    )


def pictures_page(report: PicturesReport) -> Page:
    """Return the list of the pictures."""
    rows = tuple((picture.name, picture.about) for picture in report.pictures)
    table = Table("pictures", ("name", "shows"), rows)
    return Page(closing=(Drawing(partial(_listed, report.pictures), lambda: (table,)), SPACE, note(EXAMPLE)))


def _listed(pictures: tuple[Picture, ...], width: int) -> Iterator[Text]:
    """Write a line a picture, folded where it must be."""
    room = max(len(picture.name) for picture in pictures) + 2
    for picture in pictures:
        yield from paragraph(Text.assemble((picture.name.ljust(room), "title"), picture.about), width, 1, room + 1)
