"""What every key does, without any terminal."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lstm_ascii.reports.step.position import BACK, UNITS, Bounds, Position
from lstm_ascii.tui.state import ACTS, KEYS, SPEEDS, State, edited, end_of_word, line_of_keys, tick

FAR = Bounds(8, ("rnn", "lstm", "gru"), "lstm", 32, 4, 4, 2, 2, ("forward", "backward"), "forward", 5)
ALONE = Bounds(1, ("lstm",), "lstm", 1, 0, None, 1, 1, ("forward",), "forward", 1)
START = State(Position("The cat was hungry."))


def pressed(keys: Sequence[str], state: State = START, bounds: Bounds = FAR) -> State:
    """Return the state after some keys."""
    for key in keys:
        state = ACTS[key](state, bounds)
    return state


@pytest.mark.parametrize(
    ("keys", "at"),
    [(["right"], 2), (["right", "left"], 1), (["left"], 1), (["end"], 8), (["end", "right"], 8), (["end", "home"], 1)],
)
def test_the_arrows_go_along_the_words_and_no_farther(keys: list[str], at: int) -> None:
    assert pressed(keys).position.at == at


def test_the_arrows_go_through_the_units_and_begin_anew() -> None:
    assert pressed(["down"]).position.unit == 5
    assert pressed(["up"]).position.unit == 3
    assert pressed(["up"], bounds=ALONE).position.unit == 0


def test_ranked_units_are_gone_through_by_rank() -> None:
    ranked = Bounds(8, ("lstm",), "lstm", 32, 4, 4, 1, 1, ("forward",), "forward", 5, (4, 0, 10))
    assert pressed(["down"], bounds=ranked).position.unit == 0
    assert pressed(["up"], bounds=ranked).position.unit == 10


def test_c_follows_the_carrier_and_says_where_there_is_none() -> None:
    assert pressed(["down", "c"]).position.unit is None
    assert "No single unit" in pressed(["c"], bounds=ALONE).told


def test_tab_takes_the_next_network_with_a_unit_of_its_own() -> None:
    state = pressed(["down", "tab"])
    assert (state.position.network, state.position.unit) == ("gru", None)
    assert "one network" in pressed(["tab"], bounds=ALONE).told


def test_l_goes_through_directions_and_layers() -> None:
    state = pressed(["l"])
    assert (state.position.layer, state.position.direction) == (2, "backward")
    turned = Bounds(8, ("lstm",), "lstm", 32, 4, 4, 2, 2, ("forward", "backward"), "backward", 5)
    state = pressed(["l"], bounds=turned)
    assert (state.position.layer, state.position.direction) == (1, "")
    assert "one layer" in pressed(["l"], bounds=ALONE).told


def test_it_plays_to_the_end_and_stops_there() -> None:
    state = pressed(["space"])
    assert state.is_playing
    seen = []
    while state.is_playing:
        state = tick(state, FAR)
        seen.append(state.position.at)
    assert seen == [2, 3, 4, 5, 6, 7, 8]
    assert tick(state, FAR) == state
    assert pressed(["space"], state).position.at == 1
    assert not pressed(["space", "space"]).is_playing


def test_backwards_it_plays_from_the_choice_to_the_first_word() -> None:
    state = pressed(["b"])
    assert (state.position.view, state.position.at) == (BACK, 5)
    state = pressed(["space"], state)
    seen = [state.position.at]
    while state.is_playing:
        state = tick(state, FAR)
        seen.append(state.position.at)
    assert seen == [5, 4, 3, 2, 1]
    assert pressed(["space"], state).position.at == 5
    assert pressed(["b"], state).position.view == "cell"


def test_the_speed_has_bounds_and_is_told() -> None:
    assert pressed(["plus"] * 20).speed == len(SPEEDS) - 1
    assert pressed(["minus"] * 20).speed == 0
    assert pressed(["plus"]).told == "2 words a second"


def test_s_swaps_the_word_at_hand_and_takes_it_back() -> None:
    assert pressed(["right", "s"]).position.swapped == 2
    assert pressed(["right", "s", "right"]).position.swapped == 2
    assert pressed(["right", "s", "s"]).position.swapped == 0


def test_u_ranks_the_units_and_leaves_that() -> None:
    assert pressed(["u"]).position.view == UNITS
    assert pressed(["u", "u"]).position.view == "cell"


def test_p_paints_the_text_and_leaves_that() -> None:
    assert pressed(["p"]).position.view == "paint"
    assert pressed(["p", "p"]).position.view == "cell"


def test_pages_above_stop_the_play() -> None:
    for key, above in (("question_mark", "help"), ("x", "save")):
        state = pressed(["space", key])
        assert (state.above, state.is_playing) == (above, False)


def test_another_sentence_has_no_word_swapped() -> None:
    state = edited(pressed(["right", "s"]), "Dogs bark.")
    assert state.position == Position("Dogs bark.", at=2)


@pytest.mark.parametrize(
    ("words", "end"), [(["The"], 3), (["the", "cat"], 7), (["The", "‹unknown›"], 9), ([], 0), (["The", "a"], 6)]
)
def test_what_is_typed_goes_to_the_word_at_hand(words: list[str], end: int) -> None:
    assert end_of_word("The cats.", words) == end


def test_every_key_is_told_once_and_the_line_fits_the_smallest_screen() -> None:
    keys = [key for one in KEYS for key in one.keys]
    assert len(keys) == len(set(keys))
    assert set(ACTS) <= {*keys, "equals_sign"}
    assert len(line_of_keys()) < 80


def test_a_position_is_a_command() -> None:
    far = Position("The cat's", 3, 0, "gru", 2, "backward", 2, "back")
    options = "--at 3 --unit 0 --network gru --layer 2 --direction backward --swap 2 --view back"
    assert far.command(["--model", "my net.pt"]) == f'lstm-ascii step "The cat\'s" {options} --model "my net.pt"'
    assert Position("cats").command() == "lstm-ascii step cats --at 1"
    assert Position("-5 cats").command() == 'lstm-ascii step --at 1 -- "-5 cats"'
    assert Position("").command(["--input", "a.csv"]) == "lstm-ascii step --at 1 --input a.csv"
