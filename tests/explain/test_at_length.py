"""What no part of a page tells is not measured for it, and nothing on the page is another figure for that."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_ascii.render.explain import BRIEF, SECTIONS
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.section import Page
from lstm_ascii.reports.explain.asking import About
from lstm_ascii.reports.explain.report import explain_report
from lstm_ascii.sources import Source
from tests.accuracy.test_accuracy import SENTIMENT
from tests.cli.program import inside
from tests.explain.test_series import ECHO, TABLE
from tests.rendering import render

CARRIED = "The cat that chased the mice was hungry."
ASKED: dict[str, tuple[str, tuple[str, ...], Source | None, dict[str, Any]]] = {
    "one unit carries": (CARRIED, (), None, {}),
    "another unit is followed": (CARRIED, (), None, {"unit": 3, "word": "2"}),
    "an RNN": (CARRIED, ("rnn",), None, {}),
    "no unit carries": ("Two old dogs, and the cat: too", (), None, {}),
    "one word": ("hello", ("gru", "rnn"), None, {}),
    "start state": (CARRIED, (), Source(seed=4, hidden_size=6), {}),
    "an answer": ("the film was not good", (), SENTIMENT, {}),
    "a series": ("", (), Source(model=ECHO, input=TABLE, labels="pressure"), {"baseline": "zero"}),
}


def told(page: Page) -> tuple[str, object]:
    """Return all that a page says, as it is drawn and as it is read aloud."""
    return render(page, 100), tuple(page.parts())


@pytest.mark.parametrize("name", ASKED)
def test_the_page_to_show_says_the_same_without_what_it_doesnt_tell(name: str) -> None:
    sentence, cells, source, asked = ASKED[name]
    whole, short = (
        explain_report(sentence, cells, source, About(**asked, at_length=at_length)) for at_length in (True, False)
    )
    for views, legends in (((), False), ((), True), (BRIEF, False)):
        of_short, of_whole = (explain_page(report, views, legends=legends) for report in (short, whole))
        assert told(of_short) == told(of_whole)


def test_every_other_section_and_form_is_measured_at_length(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    whole = explain_report(CARRIED)
    views = [name for name in SECTIONS if name not in ("answer", "series", "map", "paint")]
    result = inside(capsysbinary, "explain", CARRIED, "--view", ",".join(views), "--width", "80")
    assert result.text == render(explain_page(whole, views), 80)
    json = inside(capsysbinary, "explain", CARRIED, "--json").text
    assert '"next_words": []' not in json
    assert '"all_paths": -' in json


def test_the_page_to_show_waits_for_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("analysis.all_paths.all_paths", "reports.explain.passes.predictions", "reports.explain.passes._holds"):
        monkeypatch.setattr(f"lstm_ascii.{name}", None)
    assert explain_report(CARRIED, about=About(at_length=False)).main.memory == ()
