"""The page of ``agreement``, drawn from a report written by hand."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from lstm_ascii.language.text import visible
from lstm_ascii.render.agreement import SECTIONS
from lstm_ascii.render.agreement.page import agreement_page
from lstm_ascii.render.glyphs import words_in_ascii
from lstm_ascii.render.rights import bounds, exact
from lstm_ascii.reports.agreement.report import AgreementReport
from tests.agreement import by_hand
from tests.rendering import render

NAMES = st.text(min_size=1, max_size=60).map(lambda text: " ".join(visible(text).split())).filter(bool)
COUNTS = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda two: (min(two), max(two)))
DISTANCES = ("0", "1-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30+", "unknown")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(agreement_page(by_hand.report()), width) == snapshot


@pytest.mark.parametrize("width", [20, 80])
def test_the_page_in_pure_ascii_looks_as_it_was_looked_at(width: int, snapshot: SnapshotAssertion) -> None:
    text = render(agreement_page(words_in_ascii(by_hand.report())), width, ascii=True)
    assert text.isascii()
    assert text == snapshot


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("view", SECTIONS)
def test_every_section_looks_as_it_was_looked_at(view: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(agreement_page(by_hand.full(), views=(view,)), width) == snapshot


@pytest.mark.parametrize("view", ["published", "failures", "rows"])
def test_every_section_in_pure_ascii_looks_as_it_was_looked_at(view: str, snapshot: SnapshotAssertion) -> None:
    text = render(agreement_page(words_in_ascii(by_hand.full()), views=(view,)), 40, ascii=True)
    assert text.isascii()
    assert text == snapshot


def test_a_section_that_has_nothing_says_so_where_it_is_asked_for() -> None:
    text = " ".join(render(agreement_page(by_hand.report(), views=("published", "failures", "rows")), 80).split())
    for told in ("Nothing is known of what others measured", "--failures 5 lists the first five", "Every row could be"):
        assert told in text
    assert not re.search("PUBLISHED|FAILURES|LEFT OUT", render(agreement_page(by_hand.report()), 80))


def test_the_share_of_pairs_that_could_be_scored_is_told() -> None:
    text = " ".join(render(agreement_page(by_hand.full(("LSTM",))), 80).split())
    assert "Scored 50 pairs by prefix" in text
    assert "12 pairs by sentence" in text
    assert "60 of 3,064 pairs could be scored (2.0%)" in text  # 62 pairs, and 3,002 rows that can't be read
    assert "3,002 rows left out that can't be read, the first in line 3; --view rows names them" in text
    text = " ".join(render(agreement_page(by_hand.uneven()), 80).split())
    assert "Of 5 pairs could be scored: RNN 4 (80.0%) and LSTM 0 (0.0%)." in text


@pytest.mark.parametrize("width", [20, 27, 40, 61, 80, 120])
def test_a_command_that_is_copied_from_the_page_is_the_command(width: int) -> None:
    commands, inside = list[str](), False
    for line in render(agreement_page(by_hand.full(), views=("failures",)), width).splitlines():
        begins = line.lstrip().startswith("lstm-ascii ")
        inside = begins or (inside and bool(line.strip()))
        if begins:
            commands.append(line)
        elif inside:
            commands[-1] += f"\n{line}"
    for failure, command in zip(by_hand.FAILURES, commands, strict=True):
        told = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", command.replace("lstm-ascii", "printf '%s\\n'", 1)], capture_output=True, check=True
        )
        assert told.stdout.decode().split() == " ".join(shlex.split(failure.command)[1:]).split()


def test_one_network_on_many_pairs_looks_as_it_was_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(agreement_page(by_hand.report(("LSTM",), times=1000)), 80) == snapshot


def test_networks_asked_about_other_pairs_look_as_they_were_looked_at(snapshot: SnapshotAssertion) -> None:
    assert render(agreement_page(by_hand.uneven()), 80) == snapshot


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_every_count_of_the_report_is_on_the_page(width: int) -> None:
    text = " ".join(render(agreement_page(by_hand.report()), width).split())
    for network in by_hand.report().networks:
        assert f"{network.right} of 60" in text
    for name in by_hand.KINDS:
        assert re.search(r"\W+".join(part if width > 20 else part[:9] for part in name.split()[:2]), text)
    assert "blicks" in text
    assert "7 pairs" in text


def test_each_row_of_a_table_has_one_figure_a_network() -> None:
    lines = render(agreement_page(by_hand.report()), 80).splitlines()
    row = next(line for line in lines if line.startswith(" prepositional"))
    assert re.findall(r"(\d+%) (\d+–\d+)", row) == [("65%", "43–82"), ("100%", "83–100"), ("95%", "76–100")]
    assert re.search(r"prepositional +20 ", row)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_pure_ascii_moves_nothing(width: int) -> None:
    drawn, exchanged = (render(agreement_page(by_hand.report()), width, ascii=plain) for plain in (False, True))
    assert [len(line) for line in drawn.splitlines()] == [len(line) for line in exchanged.splitlines()]


def test_a_long_table_says_what_it_leaves_out() -> None:
    text = render(agreement_page(by_hand.report(), limit=3), 80)
    assert "… and 1 more; all of them: | cat" in text
    assert "… and 2 more; all of them: | cat" in text
    assert "\n nested relatives" not in text


def test_a_file_without_kinds_and_distances_is_told_what_it_lacks() -> None:
    none = by_hand.network("GRU", (by_hand.group("no kind", 3, 4),), (by_hand.group("unknown", 3, 4),))
    text = " ".join(render(agreement_page(AgreementReport(1, "a.tsv", 4, (none,))), 80).split())
    assert "The file names no kinds" in text
    assert "The file tells no distances" in text


def test_sentences_are_made_from_the_numbers() -> None:
    text = " ".join(render(agreement_page(by_hand.report()), 80).split())
    assert "Better than guessing: LSTM, GRU. Not to be told from guessing: RNN." in text
    assert "their intervals don't overlap: LSTM above RNN, GRU above RNN." in text
    assert "RNN: hardest is “object relative without that”, 11% (2 of 18)." in text
    assert "RNN: 100% (20 of 20) at 0 words, 11% (2 of 18) at 10–14 words." in text
    assert "The distance of 2 pairs is unknown" in text
    assert "Counting only kinds of at least 5 pairs. RNN" in text
    text = " ".join(render(agreement_page(by_hand.report(times=100)), 80).split())
    assert "Better than guessing: RNN, LSTM, GRU." in text
    assert "at least 5 pairs" not in text


def test_of_many_words_not_in_the_vocabulary_the_first_are_named() -> None:
    words = tuple(f"word{number}" for number in range(8))
    groups = (by_hand.group("simple", 1, 1),)
    few, many = (by_hand.network("RNN", groups, groups, unknown=9, unknown_words=some) for some in (words[:7], words))
    texts = [" ".join(render(agreement_page(AgreementReport(1, "a", 10, (one,))), 80).split()) for one in (few, many)]
    assert "“word6” 1 AGREEMENT" in texts[0]
    assert "“word7”, … 1 AGREEMENT" in texts[1]


def test_a_network_worse_than_guessing_is_said_to_be() -> None:
    wrong = by_hand.network("RNN", (by_hand.group("simple", 1, 40),), (by_hand.group("0", 1, 40),))
    assert "Worse than guessing: RNN." in render(agreement_page(AgreementReport(1, "a.tsv", 40, (wrong,))), 80)


@pytest.mark.parametrize(
    ("share", "written"), [(1.0, "100.0%"), (0.9999, ">99.9%"), (0.995, "99.5%"), (0.0001, "<0.1%"), (0.0, "0.0%")]
)
def test_not_quite_all_is_never_shown_as_all(share: float, written: str) -> None:
    assert exact(share) == written


@pytest.mark.parametrize(
    ("interval", "digits", "written"),
    [
        ((0.0, 1.0), 0, "0–100"),
        ((0.291, 0.999), 0, "29–100"),
        ((0.29, 0.57), 0, "29–57"),
        ((0.2914, 0.5), 1, "29.1–50.0"),
    ],
)
def test_intervals_are_rounded_outwards(interval: tuple[float, float], digits: int, written: str) -> None:
    assert bounds(interval, digits) == written


@given(
    width=st.integers(20, 200),
    cells=st.sampled_from([("RNN",), ("LSTM", "GRU"), ("RNN", "LSTM", "GRU")]),
    kinds=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    data=st.data(),
    file=NAMES,
    ascii=st.booleans(),
)
def test_no_line_is_wider_than_the_terminal(
    width: int,
    cells: tuple[str, ...],
    kinds: list[str],
    data: st.DataObject,
    file: str,
    ascii: bool,  # noqa: A002
) -> None:
    networks = []
    for cell in cells:
        one, other = (tuple(by_hand.group(name, *data.draw(COUNTS)) for name in names) for names in (kinds, DISTANCES))
        networks.append(by_hand.network(cell, one, other, unknown=1, unknown_words=(file,), undefined=2))
    report = AgreementReport(1, file, 7, tuple(networks))
    for line in render(agreement_page(words_in_ascii(report) if ascii else report), width, ascii).splitlines():
        assert cell_len(line) <= width, line
