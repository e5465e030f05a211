"""The course as a handout: one self-contained HTML page with contents, pictures and questions that open.

It has no script and fetches nothing; it follows the reader's choice of light or dark. Pictures are those of the
terminal (:mod:`lstm_ascii.render.documents`), texts are texts of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from rich.console import RenderableType

from lstm_ascii.render.documents import DARK, FONTS, LIGHT
from lstm_ascii.render.learn import ITEM, TYPED, Drawers, picture_alone, written
from lstm_ascii.reports.learn.course import Checkpoint, Experiment, LearnReport, Mistake, PartReport
from lstm_ascii.reports.learn.figures import Figure
from lstm_ascii.reports.learn.figures import Paragraph as Pieces

Fragment = Callable[[RenderableType], str]

STYLE = f"""
:root {{ color-scheme: light dark; --text: {LIGHT[0]}; --ground: {LIGHT[1]}; --quiet: #59636e; --line: #d1d9e0;
  --link: #0550ae; --panel: #f6f8fa; --right: #1a7f37; --wrong: #cf222e; }}
@media (prefers-color-scheme: dark) {{ :root {{ --text: {DARK[0]}; --ground: {DARK[1]}; --quiet: #9aa4b0;
  --line: #3d444d; --link: #7db7ff; --panel: #1f242b; --right: #4cc36a; --wrong: #ff8178; }} }}
body {{ color: var(--text); background: var(--ground); font: 1.05rem/1.55 system-ui, sans-serif; margin: 0 auto;
  max-width: 52rem; padding: 1.5rem; }}
a {{ color: var(--link); }} h2 {{ border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 1rem; }}
code, pre {{ font-family: {FONTS}; font-size: .88rem; }}
figure {{ margin: 1.2rem 0; }} figcaption {{ color: var(--quiet); overflow-wrap: anywhere; }}
figure pre {{ background: var(--panel); border-radius: 6px; padding: .8rem; }}
aside, details {{ background: var(--panel); border-radius: 6px; margin: 1rem 0; padding: .6rem 1rem; }}
summary {{ cursor: pointer; }} summary ol {{ margin: .3rem 0; }} .quiet {{ color: var(--quiet); font-size: .9rem; }}
.right {{ color: var(--right); }} .wrong {{ color: var(--wrong); }} p {{ overflow-wrap: anywhere; }}
@media print {{ details::details-content {{ content-visibility: visible; }} }}
"""


def lesson_html(report: LearnReport, drawers: Drawers, fragment: Fragment) -> str:
    """Return the whole page.

    Args:
        report: the parts.
        drawers: what makes the page of a command's answer, by the number of the part and the command's place in it.
        fragment: makes HTML of a picture.
    """
    title = f"RNN, LSTM and GRU on “{report.sentence}”"
    contents = "".join(
        f'<li value="{part.number}"><a href="#part-{part.number}">{escape(part.title)}</a></li>\n'
        for part in report.parts
    )
    seen: set[str] = set()
    parts = "\n".join("\n".join(_part(part, drawers, fragment, seen)) for part in report.parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        '<p class="quiet">Every picture and every figure was computed for this sentence by the command above it. '
        "A question opens its answers.</p>\n"
        f'<nav aria-label="Contents">\n<ol>\n{contents}</ol>\n</nav>\n<main>\n{parts}\n</main>\n</body>\n</html>\n'
    )


def _entry(part: PartReport) -> str:
    """Write a line of the contents."""
    return f'<li value="{part.number}"><a href="#part-{part.number}">{escape(part.title)}</a></li>\n'


def _part(part: PartReport, drawers: Drawers, fragment: Fragment, seen: set[str]) -> Iterator[str]:
    """Yield one part: its text, pictures, analogies, mistakes, what to try, questions and sources."""
    yield f'<section id="part-{part.number}">\n<h2>{part.number}. {escape(part.title)}</h2>'
    yield from _paragraphs(part.text)
    for place, experiment in enumerate(part.experiments):
        picture = picture_alone(drawers[part.number, place](experiment.report, None), seen)
        yield _figure(experiment, fragment(picture))
        yield from _paragraphs(experiment.said)
    for aside in part.asides:
        yield f"<aside>\n<strong>{escape(aside.title)}</strong>\n{''.join(_paragraphs(aside.text))}\n</aside>"
    if part.mistakes:
        yield "<h3>Easy to get wrong</h3>"
        yield from map(_mistake, part.mistakes)
    if part.tries:
        yield "<h3>Try it yourself</h3>"
        yield from (f"<p><code>{escape(one.command)}</code><br>{_inline(one.text)}</p>" for one in part.tries)
    yield "<h3>Questions</h3>"
    yield from map(_question, part.checkpoints)
    if part.sources:
        yield f'<p class="quiet">Sources: {escape("; ".join(part.sources))}.</p>'
    yield "</section>"


def _paragraphs(texts: Sequence[Pieces]) -> Iterator[str]:
    """Yield paragraphs; items of a list stand in one."""
    items: list[str] = []
    for pieces in texts:
        text = _inline(pieces)
        if text.startswith(ITEM):
            items.append(f"<li>{text.removeprefix(ITEM)}</li>")
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        yield f"<p>{text}</p>"
    if items:
        yield f"<ul>{''.join(items)}</ul>"


def _inline(pieces: Pieces) -> str:
    """Write a paragraph; what is computed and what is to be typed stand out."""
    text = ""
    for piece in pieces:
        if isinstance(piece, Figure):
            text += f"<strong>{escape(written(piece))}</strong>"
            continue
        runs = (escape(run) for run in piece.split(TYPED))
        text += "".join(f"<code>{run}</code>" if place % 2 else run for place, run in enumerate(runs))
    return text


def _figure(experiment: Experiment, drawn: str) -> str:
    return f"<figure>\n<figcaption><code>$ {escape(experiment.command)}</code></figcaption>\n{drawn}\n</figure>"


def _mistake(mistake: Mistake) -> str:
    return (
        f'<p><span class="wrong">✗ Wrong:</span> {_inline(mistake.wrong)}<br>'
        f'<span class="right">✓ Right:</span> {_inline(mistake.right)}</p>'
    )


def _question(checkpoint: Checkpoint) -> str:
    """Write a question with its choices; opened, it says which is right, and why each is right or wrong."""
    choices = "".join(f"<li>{_inline(answer.text)}</li>" for answer in checkpoint.answers)
    reasons = "".join(
        f'<p class="{"right" if answer.right else "wrong"}">{"✓" if answer.right else "✗"} {answer.letter}) '
        f"{_inline(answer.why)}</p>"
        for answer in sorted(checkpoint.answers, key=lambda answer: not answer.right)
    )
    return (
        f"<details>\n<summary>{checkpoint.number}. {_inline(checkpoint.text)}\n"
        f'<ol type="a">{choices}</ol></summary>\n{reasons}\n</details>'
    )
