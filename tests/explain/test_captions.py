"""Captions say what the figures say, and nothing more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lstm_ascii.language.unknown import UNKNOWN, UNKNOWN_S
from lstm_ascii.render.explain import decided, gates, highway, next, unit  # noqa: A004
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.explain.words import summary
from lstm_ascii.render.glyphs import to_ascii
from lstm_ascii.render.parts import Plain
from lstm_ascii.reports.explain.decision import Prediction
from lstm_ascii.reports.explain.passes import UnitStep
from lstm_ascii.reports.explain.report import ExplainReport, NetworkPass
from tests.explain import by_hand
from tests.rendering import render

NAMES = by_hand.WORDS


def _lstm() -> NetworkPass:
    return by_hand.report().main


def _with_keeps(*keeps: float) -> NetworkPass:
    network = _lstm()
    assert network.unit is not None
    steps = tuple(UnitStep(1.0, keep, 0.0, 0.5) for keep in keeps)
    return replace(network, unit=replace(network.unit, steps=steps))


def test_a_gate_that_falls_is_not_said_to_stay() -> None:
    network = _with_keeps(0.9, 0.9, 0.95, 0.02, 0.97, 0.9, 0.9, 0.0)
    assert network.unit is not None
    assert unit.held(network, network.unit, NAMES) == "After “cat” its forget gate falls to .02, at “the” (word 4)."


def test_a_gate_that_is_open_throughout_stays_at_one() -> None:
    network = _with_keeps(0.0, 0.9, 0.999, 0.998, 1.0, 0.9, 0.9, 0.05)
    assert network.unit is not None
    text = unit.held(network, network.unit, NAMES)
    assert text == "After “cat” its forget gate stays at 1.0 for 3 words; the unit is cleared at “.” (word 8)."


@pytest.mark.parametrize(("share", "carries"), [(0.8, True), (0.5, True), (0.49, False), (-2.0, False)])
def test_a_unit_carries_only_what_it_does_most_of(share: float, carries: bool) -> None:
    network = _lstm()
    assert network.carrier is not None
    changed = replace(network, carrier=replace(network.carrier, share=share))
    assert unit.carries(changed) is carries
    assert changed.unit is not None
    assert ("no single unit" in unit.closing(changed, changed.unit, NAMES)) is not carries


@pytest.mark.parametrize(
    ("keeps", "adds", "name"),
    [
        (0.9, 0.6, "written"),
        (0.3, 0.6, "replaced"),
        (0.09, 0.05, "cleared"),
        (0.09, 0.2, "changed"),  # not cleared, as something is written in its place
        (0.0954, 0.05, "changed"),  # printed as .10, which is not below 0.1
        (0.8954, 0.05, "held"),  # printed as .90
        (0.95, 0.2, "held +"),
        (0.6, 0.3, "changed"),
    ],
)
def test_a_reading_fits_the_gates_as_they_are_printed(keeps: float, adds: float, name: str) -> None:
    assert unit.reading(UnitStep(0.0, keeps, adds, 0.5)) == name


def test_the_legend_explains_what_stands_in_the_table_and_nothing_else() -> None:
    network = _with_keeps(0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95)
    assert network.unit is not None
    assert unit.legend(network, network.unit) == "held: the forget gate is 0.9 or more."
    assert "update gate z" in unit.legend(replace(network, cell="GRU"), network.unit)


def test_the_memory_that_stays_is_what_was_not_wiped() -> None:
    network = _lstm()
    held = sum(abs(value) for line in network.memory[:-1] for value in line)
    wiped = sum(step.wiped or 0 for step in network.steps[1:])
    share = f"{1 - wiped / held:.0%}"
    small = replace(network, steps=tuple(replace(step, wiped=0.0) for step in network.steps))
    assert "From word to word 100% of the memory stays." in gates.closing(small, NAMES, shares=False)
    assert share.startswith("-")  # the report by hand wipes more than it holds: the formula is not hidden
    assert f"From word to word {share.replace('-', '−')} of" in gates.closing(network, NAMES, shares=False)


def test_all_sections_name_the_same_deciding_word() -> None:
    report = by_hand.report()
    assert report.deciding_word == 2
    assert "“cat” decides" in decided.closing(report.networks, NAMES)
    assert "“cat” decides" in summary(report)


def test_where_no_word_counts_none_is_named() -> None:
    report = by_hand.report(("LSTM",))
    quiet = replace(
        report.main, swaps=tuple(replace(swap, change=0.01, turns=False) for swap in report.main.swaps), carrier=None
    )
    changed: ExplainReport = replace(report, networks=(quiet,))
    assert changed.deciding_word is None
    text = render(explain_page(changed, ("decided", "words")), 80)
    assert "no single word counts" in text
    assert "left" not in text.split("WHO DECIDED")[1].split("Swap")[0]
    assert "full bar 0.0" not in text
    assert "* turns" not in text


def test_the_highway_tells_of_the_deciding_word_and_where_the_error_is_gone() -> None:
    text = highway.closing(by_hand.report().networks, 2, NAMES)
    assert text.startswith("Of the error there is left at “cat”, 3 words back: 2e-3 in the RNN, .87 in the LSTM")
    assert "First below 0.001: in the RNN 4 back." in text
    assert "Nowhere below it in these words: the LSTM and the GRU." in text


def test_the_heading_says_carries_only_of_a_unit_that_does() -> None:
    report = by_hand.report(("LSTM",))
    assert report.main.carrier is not None
    against = replace(report.main, carrier=replace(report.main.carrier, share=-2.0))
    text = " ".join(render(explain_page(replace(report, networks=(against,)), ("unit",)), 120).split())
    assert "unit 1 of the LSTM counts most, of all units, for the number of “cat”" in text
    assert "carries the number of" not in text


def test_the_legend_tells_whose_carousel_stands_where_no_unit_is_named() -> None:
    lstm, gru = by_hand.report(("LSTM", "GRU")).networks
    unnamed = replace(gru, carousel_unit=None)
    assert highway.legend((lstm, gru)).endswith("of the unit named above it (u).")
    assert highway.legend((lstm, unnamed)).endswith("(u), else of the unit that keeps most.")
    assert highway.legend((unnamed,)).endswith("of the unit that keeps most.")


def test_nothing_is_left_blank_between_sentences() -> None:
    for cells in (("RNN",), ("LSTM",), ("GRU",)):
        assert "  " not in summary(by_hand.report(cells))


@pytest.mark.parametrize(
    ("cell", "shows", "said"),
    [
        ("LSTM", 0.9, "At the choice, after “doors”, its output gate lets out 90% of the squashed value."),
        ("LSTM", 0.004, "At the choice, after “doors”, its output gate lets out <1% of the squashed value."),
        ("GRU", 0.9, "At the choice, after “doors”, all of the value is shown: the GRU has no output gate."),
        ("RNN", None, "At the choice, after “doors”, all of the value is shown: the RNN has no output gate."),
    ],
)
def test_it_is_said_how_much_the_output_gate_lets_out_at_the_choice(cell: str, shows: float | None, said: str) -> None:
    network = _with_keeps(*by_hand.KEEPS)
    assert network.unit is not None
    steps = tuple(
        replace(step, shows=shows if number == 5 else 0.5) for number, step in enumerate(network.unit.steps, 1)
    )
    if cell == "RNN":
        steps = tuple(UnitStep(step.value, None, None, None) for step in steps)
    changed = replace(network, cell=cell, unit=replace(network.unit, steps=steps))
    assert changed.unit is not None
    assert unit.closing(changed, changed.unit, NAMES).endswith(said)


def test_the_output_gate_of_the_unit_stands_in_one_table_with_its_other_gates() -> None:
    lines = render(explain_page(by_hand.report(), ("unit",)), 80).splitlines()
    (head,) = (line for line in lines if "# word" in line)
    assert [verb in head for verb in ("keeps", "adds", "shows")] == [True] * 3
    assert head.count("full bar") == 2


def test_classes_of_words_are_explained_where_they_are_expected_and_only_there() -> None:
    report = by_hand.report(("LSTM",))

    def expecting(*words: str) -> str:
        steps = tuple(
            replace(step, pair=None, next_words=tuple(Prediction(word, 0.1) for word in words))
            for step in report.main.steps
        )
        return next.classes(steps)

    assert expecting("cat", "dog") == ""
    assert expecting("cat", UNKNOWN) == "‹unknown› stands for a word that the networks don't know."
    assert expecting(UNKNOWN, UNKNOWN_S).endswith(
        "‹unknown-s› for one that ends in -s, ‹unknown› for one with no such mark."
    )
    assert "<unknown-s> for one" in to_ascii(expecting(to_ascii(UNKNOWN_S)))


@pytest.mark.parametrize(
    ("kind", "said"), [("likeliest", "the two likeliest"), ("likeliest verb", "the likeliest that")]
)
def test_it_is_said_why_no_verb_of_the_sentence_is_asked_for(kind: str, said: str) -> None:
    report = by_hand.report(("LSTM",))
    assert "No verb" not in render(explain_page(report, ("decided",)))
    changed = replace(report, networks=(replace(report.main, choice=replace(report.main.asked, kind=kind)),))
    for page in (explain_page(changed, ("decided",)), Plain(explain_page(changed, ("decided",)))):
        text = " ".join(render(page).split())
        assert (
            "After the first word there is no verb that agrees, as was and were do, and that the networks know" in text
        )
        assert said in text
        assert "✓" not in text
