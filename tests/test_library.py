"""``from lstm_ascii import explain``: a report that draws itself."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from html.parser import HTMLParser
from io import StringIO

import pytest
import rich
from rich.console import Console

import lstm_ascii
from lstm_ascii import Explanation, explain
from lstm_ascii.errors import LstmAsciiError
from tests.cli.program import environment

SENTENCE = "The cat that chased the mice was hungry."


@pytest.fixture(scope="module")
def report() -> Explanation:
    return explain(SENTENCE, cells=("lstm", "gru"), word="cat")


def test_the_report_is_plain_data(report: Explanation) -> None:
    assert report.words[1] == "cat"
    assert report.focus == 2
    assert [network.cell for network in report.networks] == ["LSTM", "GRU"]
    assert all(type(step.state_size) is float for network in report.networks for step in network.steps)
    assert asdict(report)["words"] == report.words


def test_rich_print_draws_it(report: Explanation) -> None:
    stream = StringIO()
    rich.print(report, file=stream)
    assert "ALONG THE WORDS" in stream.getvalue()
    assert "Explanation(" not in stream.getvalue()


def test_it_is_drawn_into_the_width_of_any_console(report: Explanation) -> None:
    console = Console(file=StringIO(), width=50, _environ={})
    console.print(report)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) == 50


def test_a_notebook_draws_it(report: Explanation) -> None:
    page = report._repr_html_()
    texts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = texts.append  # type: ignore[method-assign]
    parser.feed(page)
    assert page.startswith("<pre")
    assert "ALONG THE WORDS" in "".join(texts)
    assert "color:" in page


def test_markup_in_the_sentence_stays_text() -> None:
    page = explain("a<b>[bold]x :warning:", cells=("gru",))._repr_html_()
    assert "a&lt;b&gt;[bold]x" in page
    assert "warning" in page


@pytest.mark.parametrize("wrong", [{"sentence": " "}, {"word": 99}, {"unit": -1}, {"cells": ("elman",)}])
def test_what_cannot_be_is_an_error_of_our_own(wrong: dict[str, object]) -> None:
    with pytest.raises(LstmAsciiError):
        explain(**{"sentence": SENTENCE, **wrong})  # type: ignore[arg-type]


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        lstm_ascii.nonsense  # noqa: B018


def test_the_import_alone_loads_no_numpy() -> None:
    code = (
        "import sys, lstm_ascii; assert 'numpy' not in sys.modules; lstm_ascii.explain; assert 'numpy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=300)  # noqa: S603
