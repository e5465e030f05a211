"""Which heats are tried, and what is made of their ends."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.reports.recall import plan_race, report_of_outcomes
from lstm_ascii.training.recall import Heat, Racer, RecallPoint
from lstm_ascii.training.recall_race import (
    LEARNT,
    NOT_LEARNT,
    NOT_NEEDED,
    NOT_TRIED,
    RUNNING,
    WAITING,
    Outcome,
    Race,
    _Board,
    run_race,
)

RACERS = (Racer("rnn"), Racer("gru"))
GAPS, SEEDS = (2, 4, 8), (0, 1, 2)


def played(race: Race, learns: set[Heat], order: list[int]) -> tuple[Outcome, ...]:
    """Play a race on paper: at any time three heats run, and which of them ends first is as ``order`` says."""
    running: list[Heat] = []
    board, turns = _Board(race), iter(order * 100)
    while True:
        while len(running) < 3 and (heat := board.next()):
            board.note(heat, RUNNING, ())
            running.append(heat)
        if not running:
            return board.outcomes
        heat = running.pop(next(turns) % len(running))
        board.note(heat, LEARNT if heat in learns else NOT_LEARNT, (RecallPoint(10, 1.0 if heat in learns else 0.1),))


HEATS = [Heat(racer, gap, seed) for racer in RACERS for gap in GAPS for seed in SEEDS]


@given(learns=st.sets(st.sampled_from(HEATS)), orders=st.tuples(*[st.lists(st.integers(0, 9), min_size=1)] * 2),
       every_gap=st.booleans())  # fmt: skip
def test_the_end_of_a_race_does_not_depend_on_which_process_is_faster(
    learns: set[Heat], orders: tuple[list[int], list[int]], every_gap: bool
) -> None:
    race = Race(RACERS, GAPS, SEEDS, every_gap=every_gap)
    one, other = (played(race, learns, order) for order in orders)
    assert one == other
    assert all(outcome.stage in (LEARNT, NOT_LEARNT, NOT_TRIED, NOT_NEEDED) for outcome in one)


def test_the_seeds_of_one_network_run_together_so_that_a_first_finding_comes_early() -> None:
    board, first = _Board(Race(RACERS, GAPS, SEEDS)), []
    while (heat := board.next()) and len(first) < len(SEEDS):
        board.note(heat, RUNNING, ())
        board.note(heat, LEARNT, (RecallPoint(10, 1.0),))
        first.append((heat.racer.cell, heat.gap, heat.seed))
    assert first == [("rnn", min(GAPS), seed) for seed in SEEDS]


@given(learns=st.sets(st.sampled_from(HEATS)), order=st.lists(st.integers(0, 9), min_size=1))
def test_a_seed_that_could_not_change_the_verdict_is_left_out_and_no_other(learns: set[Heat], order: list[int]) -> None:
    race = Race(RACERS, GAPS, SEEDS, every_gap=True)
    stages = {outcome.heat: outcome.stage for outcome in played(race, learns, order)}
    for racer in RACERS:
        for gap in GAPS:
            first, second, third = (Heat(racer, gap, seed) for seed in SEEDS)
            is_lost = first not in learns and second not in learns
            assert (stages[third] == NOT_NEEDED) == is_lost
            assert NOT_NEEDED not in (stages[first], stages[second])


@given(learns=st.sets(st.sampled_from(HEATS)))
def test_a_gap_is_tried_where_most_seeds_have_learnt_all_shorter_ones(learns: set[Heat]) -> None:
    race = Race(RACERS, GAPS, SEEDS)
    stages = {outcome.heat: outcome.stage for outcome in played(race, learns, [0])}
    for racer in RACERS:
        still = True
        for gap in GAPS:
            heats = [Heat(racer, gap, seed) for seed in SEEDS]
            assert all((stages[heat] != NOT_TRIED) == still for heat in heats)
            still = still and sum(heat in learns for heat in heats) >= 2
    assert NOT_TRIED not in {one.stage for one in played(Race(RACERS, GAPS, SEEDS, every_gap=True), learns, [0])}


def test_a_span_ends_before_the_first_gap_that_most_seeds_did_not_learn() -> None:
    race = Race(RACERS, GAPS, SEEDS, every_gap=True)
    learns = {heat for heat in HEATS if heat.racer.cell == "gru" or heat.gap != 4 or heat.seed == 0}
    rnn, gru = report_of_outcomes(race, played(race, learns, [0])).networks
    assert (rnn.span, rnn.complete) == (2, True)
    assert (gru.span, gru.complete) == (8, False)
    assert [(gap.learnt, gap.tried) for gap in rnn.gaps] == [(3, 3), (1, 3), (3, 3)]
    assert rnn.gaps[1].steps is None
    assert rnn.gaps[1].accuracy == pytest.approx(0.1)


def test_processes_end_as_the_same_heats_do_here() -> None:
    race = Race((Racer("rnn"), Racer("lstm", 1.0)), (1, 3), (0,), 60)
    told_so_far: list[int] = []
    found = run_race(race, lambda outcomes: told_so_far.append(sum(one.stage == WAITING for one in outcomes)))
    assert told_so_far
    for outcome in found:
        if outcome.stage != NOT_TRIED:
            assert outcome.points == tuple(outcome.heat.points())


def test_a_process_that_dies_between_two_heats_is_told() -> None:
    def kill(outcomes: Sequence[Outcome]) -> None:
        if outcomes[0].stage == LEARNT:
            for worker in multiprocessing.active_children():
                worker.kill()
                worker.join()

    race = Race((Racer("gru"),), (2, 400), (0,), 100_000)
    with pytest.raises(LstmAsciiError, match="the process of the GRU at gap 400 ended"):
        run_race(race, kill)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gaps": ()}, "^gaps: "), ({"gaps": (0,)}, "^gaps: "), ({"gaps": (5, 3000)}, "^gaps: "),
        ({"gaps": range(1, 30)}, "^gaps: "), ({"seeds": 0}, "^seeds: "), ({"seed": -1}, "^seed: "),
        ({"steps": 9}, "^steps: "), ({"steps": 10**6}, "^steps: "), ({"cells": ("cnn",)}, "^cells: "),
        ({"forget_biases": ("high",)}, "^forget_biases: "), ({"forget_biases": (float("nan"),)}, "^forget_biases: "),
        ({"forget_biases": (1e9,)}, "^forget_biases: "),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_race(**options)  # type: ignore[arg-type]


def test_gaps_are_put_in_order_and_nothing_is_raced_twice() -> None:
    race = plan_race(("lstm", "lstm"), (20, 5, 20), (1.0, 1.0), steps=1234)
    assert (race.gaps, race.racers, race.steps) == ((5, 20), (Racer("lstm", 1.0),), 1230)
