"""The pages that are held against their texts; all names of the package's drawings stand here, and nowhere beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import pytest
from rich.console import Console, ConsoleOptions, RenderResult

import lstm_ascii.render
from lstm_ascii.lessons.course import course
from lstm_ascii.lessons.derivations import DERIVATIONS
from lstm_ascii.lessons.glossary import terms
from lstm_ascii.render import layout
from lstm_ascii.render import section as sections
from lstm_ascii.render.accuracy import SECTIONS as ACCURACY
from lstm_ascii.render.accuracy.page import accuracy_page
from lstm_ascii.render.agreement import SECTIONS as AGREEMENT
from lstm_ascii.render.agreement.page import agreement_page
from lstm_ascii.render.compare import SECTIONS as COMPARE
from lstm_ascii.render.compare.page import compare_page
from lstm_ascii.render.derive import derive_page
from lstm_ascii.render.diagram.page import diagram_page, pictures_page
from lstm_ascii.render.diff import diff_page
from lstm_ascii.render.doctor import doctor_page
from lstm_ascii.render.explain import SECTIONS as EXPLAIN
from lstm_ascii.render.explain.against import against_page
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.generate import generate_page
from lstm_ascii.render.glossary import glossary_page
from lstm_ascii.render.gradcheck import gradcheck_page
from lstm_ascii.render.gradients import SECTIONS as GRADIENTS
from lstm_ascii.render.gradients.maps import maps_page
from lstm_ascii.render.gradients.page import gradients_page
from lstm_ascii.render.guide import GuidePage
from lstm_ascii.render.inspect import inspect_page
from lstm_ascii.render.learn import Draw, excerpt_page, learn_page, list_page
from lstm_ascii.render.look import look_page
from lstm_ascii.render.paint import paint_page
from lstm_ascii.render.parts import Part, Plain, Prose, Table, Tellable, Title, to_tsv
from lstm_ascii.render.profile import SECTIONS as PROFILE
from lstm_ascii.render.profile.page import profile_page
from lstm_ascii.render.recall.page import recall_page
from lstm_ascii.render.step.page import step_page
from lstm_ascii.render.train import train_page
from lstm_ascii.render.verify import verify_page
from lstm_ascii.render.watch import watch_page
from lstm_ascii.reports.accuracy.report import accuracy_report
from lstm_ascii.reports.diagram.pictures import PICTURES, pictures_report
from lstm_ascii.reports.explain.against import against_report
from lstm_ascii.reports.glossary import glossary_report
from lstm_ascii.reports.guide import guide_report
from lstm_ascii.reports.learn.course import list_report
from lstm_ascii.reports.step.position import VIEWS
from tests.accuracy import by_hand as rights
from tests.accuracy.test_accuracy import REVIEWS, SENTIMENT
from tests.agreement import by_hand as agreement
from tests.compare import by_hand as compare
from tests.derive import by_hand as derive
from tests.diagram import by_hand as diagram
from tests.diff import by_hand as diff
from tests.doctor import by_hand as doctor
from tests.explain import by_hand as explain
from tests.explain import cases
from tests.gradcheck import test_gradcheck as gradcheck
from tests.gradients import by_hand as gradients
from tests.inspect import by_hand as inspect
from tests.learn import by_hand as learn
from tests.live import by_hand as look
from tests.paint import by_hand as paint
from tests.profile import by_hand as profile
from tests.recall import by_hand as recall
from tests.rendering import render
from tests.step import by_hand as step
from tests.train import by_hand as train
from tests.verify import test_verify as verify
from tests.watch import by_hand as watch

ENOUGH = 6000  # columns, in which no paragraph of any page is folded
SECTIONS = {
    "accuracy": tuple(ACCURACY),
    "explain": tuple(EXPLAIN),
    "gradients": tuple(GRADIENTS),
    "compare": tuple(COMPARE),
    "agreement": tuple(AGREEMENT),
    "profile": tuple(PROFILE),
}

__all__ = ["ENOUGH", "PAGES", "SECTIONS", "Part", "Prose", "Table", "Title", "drawing", "parts_of", "plain", "tsv"]


def answer_of(command: str) -> sections.Page:
    """Return a page of one sentence, in place of a command's answer in the course."""
    return sections.Page(closing=(sections.Paragraph(f"Here {command} answers."),))


class Stubs(Mapping[tuple[int, int], Draw]):
    """Draws the answer of any command of the course as one sentence."""

    def __getitem__(self, key: tuple[int, int]) -> Draw:
        return lambda report, _: answer_of(report.of)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True)
class Fixed:
    """A page that is nothing but parts."""

    fixed: tuple[Part, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        return iter(())

    def parts(self) -> Iterable[Part]:
        return self.fixed


def _pages() -> Iterator[tuple[str, Tellable]]:
    """Return every page by its name: the command, then what is asked of it."""
    yield from ((f"explain {view}", explain_page(explain.report(), (view,))) for view in EXPLAIN)
    for cell in ("LSTM", "RNN", "GRU"):
        yield f"explain all {cell}", explain_page(explain.report((cell,)), tuple(EXPLAIN))
    yield "explain against", against_page(against_report(cases.parted(), cases.plural()))
    yield "explain paint words", paint_page(paint.painted())
    yield "explain paint gate", paint_page(paint.painted(gate=True, asked=True))
    yield "explain paint characters", paint_page(paint.spelled())
    yield "generate", generate_page(paint.written())
    yield "generate characters", generate_page(paint.written(characters=True))
    yield "explain lower layer", explain_page(explain.lower_layer(), tuple(EXPLAIN))
    yield "explain backward", explain_page(explain.backward(), tuple(EXPLAIN))
    for view in VIEWS:
        yield f"step {view}", step_page(step.report(4, view=view))
    yield "step swapped", step_page(step.report(3, twin=True))
    yield "step asked", step_page(step.report(6, "GRU", twin=True))
    yield from ((f"gradients {view}", gradients_page(gradients.report(), (view,))) for view in GRADIENTS)
    for name, report in (("seeds", gradients.with_seeds()), ("exploding", gradients.exploding()),
                         ("words", gradients.of_words()), ("spectrum", gradients.with_spectrum())):  # fmt: skip
        yield f"gradients of {name}", gradients_page(report, tuple(GRADIENTS))
    yield "gradients maps", maps_page(gradients.maps())
    yield from ((f"compare {view}", compare_page(compare.report(), (view,))) for view in COMPARE)
    yield "compare all", compare_page(compare.report(own=True))
    yield "compare series", compare_page(compare.along_a_series())
    yield "compare sentence", compare_page(compare.judged(compare.along_a_sentence()))
    yield from ((f"agreement {view}", agreement_page(agreement.full(), views=(view,))) for view in AGREEMENT)
    yield "agreement all", agreement_page(agreement.report())
    yield "agreement uneven", agreement_page(agreement.uneven())
    yield "agreement nothing more", agreement_page(agreement.report(), views=("published", "failures", "rows"))
    yield "train", train_page(train.report())
    yield "train text", train_page(train.text_report(overdone=True))
    yield "train characters", train_page(train.character_report())
    yield "derive formulas", derive_page(derive.formulas(*DERIVATIONS))
    yield "derive curve", derive_page(derive.formulas(*DERIVATIONS), views=("curve",))
    yield "derive steps", derive_page(derive.report("forget"), views=("steps",))
    yield from ((f"derive {topic}", derive_page(derive.report(topic))) for topic in ("forget", "cell", "bptt", "rnn"))
    for name in PICTURES:
        yield f"diagram {name}", diagram_page(diagram.report(name))
        yield f"diagram {name} letters", diagram_page(diagram.report(name, live=False))
    yield "diagram list", pictures_page(pictures_report())
    reviews = accuracy_report(str(REVIEWS), SENTIMENT, failures=2)
    yield from ((f"accuracy {view}", accuracy_page(reviews, views=(view,))) for view in ACCURACY)
    for name, made in (("tags", rights.tags()), ("many", rights.many()), ("values", rights.values())):
        yield f"accuracy of {name}", accuracy_page(made)
    yield "doctor text", doctor_page(doctor.report())
    yield "doctor weights", doctor_page(doctor.report(sick=False, text=False))
    yield "doctor line", doctor_page(doctor.report_of_one_line())
    yield "doctor few words", doctor_page(doctor.report_of_few_words())
    yield from ((f"profile {view}", profile_page(profile.report(), (view,))) for view in PROFILE)
    yield "diff", diff_page(diff.report())
    yield "diff equal", diff_page(diff.equal())
    yield "diff no network", diff_page(diff.unread())
    yield "inspect model", inspect_page(inspect.language_model())
    yield "inspect odd", inspect_page(inspect.odd())
    yield "inspect problem", inspect_page(inspect.unreadable())
    yield "inspect undecided", inspect_page(inspect.undecided())
    yield "inspect chosen", inspect_page(inspect.chosen())
    yield "inspect no network", inspect_page(inspect.no_network())
    yield "inspect verified", verify_page(verify.by_hand())
    yield "inspect not verified", verify_page(verify.by_hand(0.5))
    yield "watch", watch_page(watch.made())
    yield "gradcheck", gradcheck_page(gradcheck.by_hand())
    yield "gradcheck wrong", gradcheck_page(gradcheck.by_hand(False))
    yield "look", look_page(look.report())
    yield "look off", look_page(look.wrong())
    yield "look file", look_page(look.of_a_file())
    yield "recall", recall_page(recall.report())
    yield "recall one seed", recall_page(recall.one_seed())
    yield "recall interrupted", recall_page(recall.interrupted())
    for part in range(1, len(course()) + 1):
        yield f"learn {part}", learn_page(learn.report(part), None, Stubs())
    for views in (("text", "questions"), ("notebook", "mistakes", "answers"), ("experiments",)):
        yield f"learn {' and '.join(views)}", excerpt_page(learn.report(7), None, Stubs(), views)
    yield "learn list", list_page(list_report(course()))
    yield "guide list", GuidePage(guide_report(""))
    yield "glossary", glossary_page(glossary_report())
    yield "glossary term", glossary_page(glossary_report(terms()[0].name))


PAGES = dict(_pages())


def parts_of(name: str) -> tuple[Part, ...]:
    """Return the parts of a page."""
    return tuple(PAGES[name].parts())


def drawing(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Draw a page, each of its paragraphs in one line."""
    monkeypatch.setattr(layout, "WIDEST", ENOUGH)
    return render(PAGES[name], ENOUGH)


def plain(parts: Iterable[Part]) -> str:
    """Write parts as ``--plain`` does, each of them in one line."""
    return render(Plain(Fixed(tuple(parts))), ENOUGH)


def tsv(parts: Iterable[Part]) -> str:
    """Write parts as ``--tsv`` does."""
    return to_tsv(parts)


def pages_with_sections() -> dict[str, tuple[str, ...]]:
    """Return the views of every command whose page has a table of sections."""
    found = {}
    for package in iter_modules(lstm_ascii.render.__path__):
        if package.ispkg:
            module = import_module(f"lstm_ascii.render.{package.name}")
            if hasattr(module, "SECTIONS"):
                found[package.name] = tuple(module.SECTIONS)
    return found
