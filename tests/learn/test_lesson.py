"""The course to hand out: all of it, in one page that needs nothing else."""

from __future__ import annotations

import re
from html import escape, unescape

from lstm_ascii.render.lesson import lesson_html
from tests.learn import by_hand
from tests.rendering import render


def lesson() -> str:
    """Return the page of the whole course."""
    return lesson_html(by_hand.report(), by_hand.Drawers(), lambda picture: f"<pre>{escape(render(picture))}</pre>")


def test_every_part_is_there_and_the_contents_lead_to_it() -> None:
    page = lesson()
    for part in by_hand.report().parts:
        assert f'<a href="#part-{part.number}">' in page
        assert page.count(f'id="part-{part.number}"') == 1
        for experiment in part.experiments:
            assert f"$ {experiment.command}" in unescape(page)


def test_every_question_opens_to_its_answers_and_none_is_open_before() -> None:
    page, parts = lesson(), by_hand.report().parts
    assert page.count("<details>") == sum(len(part.checkpoints) for part in parts)
    for found in re.findall("<details>.*?</details>", page, re.DOTALL):
        question, answers = found.split("</summary>")
        assert "✓" not in question
        assert answers.count("✓") == 1
        assert answers.count("<p class") == question.count("<li>")


def test_it_needs_no_script_and_nothing_from_elsewhere() -> None:
    page = lesson()
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#)|url\(|@import|\son\w+=""", page)
    assert "prefers-color-scheme: dark" in page
