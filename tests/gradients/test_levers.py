"""Random networks and their levers: what is drawn is what was asked for."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii import processes
from lstm_ascii.analysis.products import largest_singular_value, spectral_radius
from lstm_ascii.cells.initial import (
    INITS,
    chrono,
    normal,
    recurrent_weight,
    scaled,
    studied_cell,
    uniform,
    uniform_from,
)
from lstm_ascii.errors import FileError, LstmAsciiError, UsageError
from lstm_ascii.reports.gradients import kinds
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.reports.gradients.maps import AXES, maps_report
from lstm_ascii.reports.gradients.report import GradientsReport, gradients_report


def test_a_stretch_of_a_stream_is_that_of_the_whole() -> None:
    whole = uniform(3, "stream", (50,), 2.0)
    np.testing.assert_array_equal(uniform_from(3, "stream", 17, (4, 2), 2.0).ravel(), whole[17:25])


def test_kinds_that_are_measured_side_by_side_give_the_same_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    levers, told = Levers(steps=40, hidden=6, seeds=2), list[tuple[str, float]]()
    alone = gradients_report(levers, clip=1.0)
    monkeypatch.setattr(kinds, "LONG", 80)
    monkeypatch.setattr(processes, "cores", lambda: 2)
    assert gradients_report(levers, clip=1.0, watch=lambda *heard: told.append(heard)) == alone
    longest_first = ("LSTM +1", "LSTM chrono", "GRU", "RNN")
    assert sorted(longest_first) == sorted(network.label for network in alone.networks)
    labels = [f"{label}, piece {number} of 4" for number, label in enumerate(longest_first, 1)]
    assert told == [(labels[0], 0), *((label, number / 4) for number, label in enumerate(labels, 1))]


def test_seeds_in_pieces_give_what_they_give_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    levers = Levers(steps=40, hidden=6, seeds=5, cells=("rnn", "lstm"))
    together = gradients_report(levers)
    assert all(network.spread and network.lower_log10 for network in together.networks)
    monkeypatch.setattr(kinds, "OF_A_PIECE", 80)
    assert close(gradients_report(levers), together)
    monkeypatch.setattr(processes, "cores", lambda: 1)
    kept, measures = str(tmp_path / "kept"), kinds.measure

    def fails_at_the_third(piece: kinds.Piece, spectrum: bool) -> kinds.Measured:
        if piece[1] == 4:
            raise LstmAsciiError("the third")
        return measures(piece, spectrum)

    monkeypatch.setattr(kinds, "measure", fails_at_the_third)
    with pytest.raises(LstmAsciiError, match="the third"):
        gradients_report(levers, resume=kept)
    begun: list[int] = []

    def counted(piece: kinds.Piece, spectrum: bool) -> kinds.Measured:
        begun.append(piece[1])
        return measures(piece, spectrum)

    monkeypatch.setattr(kinds, "measure", counted)
    resumed = gradients_report(levers, resume=kept)
    assert begun == [4, 0, 2, 4, 0, 2, 4]
    monkeypatch.setattr(kinds, "measure", measures)
    assert resumed == gradients_report(levers)
    with pytest.raises(FileError, match="was kept of other networks"):
        gradients_report(replace(levers, seed=1), resume=kept)


def close(one: GradientsReport, other: GradientsReport) -> bool:
    """Tell whether two reports have the same figures, but for the order in which floats were added."""
    one_figures, other_figures = (list(map(float, re.findall(r"-?\d[\d.e+-]*", repr(one)))) for one in (one, other))
    return np.allclose(one_figures, other_figures, rtol=1e-9)


def test_normal_numbers_are_normal() -> None:
    values = normal(1, "numbers", (40_000,))
    assert abs(values.mean()) < 0.02
    assert values.std() == pytest.approx(1, abs=0.02)
    assert (np.abs(values) < 1.96).mean() == pytest.approx(0.95, abs=0.01)


def test_initialisations_are_what_they_are_called() -> None:
    orthogonal = recurrent_weight("orthogonal", 0, "w", 20)
    np.testing.assert_allclose(orthogonal @ orthogonal.T, np.eye(20), atol=1e-14)
    np.testing.assert_array_equal(recurrent_weight("identity", 0, "w", 5), np.eye(5))
    for init, bound in (("uniform", 100**-0.5), ("xavier", 0.03**0.5)):
        weights = np.abs(recurrent_weight(init, 0, "w", 100))
        assert 0.99 * bound < weights.max() <= bound


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("radius", [0.0, 0.3, 1.7])
def test_weights_are_scaled_to_the_spectral_radius_that_is_asked_for(init: str, radius: float) -> None:
    matrix = scaled(recurrent_weight(init, 0, "w", 12), radius)
    assert spectral_radius(matrix) == pytest.approx(radius, abs=1e-12)
    assert largest_singular_value(matrix) >= radius - 1e-12
    cell = studied_cell("gru", 12, 0, init, radius)
    for block in np.split(cell.weight_hh, 3):
        assert spectral_radius(block) == pytest.approx(radius, abs=1e-12)


def test_chrono_sets_the_times_of_the_gates_between_one_and_a_half_times_the_steps() -> None:
    times = np.exp(chrono(0, 2000, 100))
    assert times.min() >= 1
    assert times.max() <= 150
    assert times.mean() == pytest.approx(75.5, rel=0.05)
    gates = next(iter(Levers(steps=100, cells=("lstm",), forget_biases=("chrono",)).kinds()[0].passages())).cell
    i, f = gates.bias_ih[:32], gates.bias_ih[32:64]
    np.testing.assert_array_equal(i, -f)


def test_the_default_networks_are_the_lesson_of_the_forget_bias() -> None:
    kinds = Levers().kinds()
    assert [kind.label for kind in kinds] == ["RNN", "LSTM +1", "LSTM chrono", "GRU"]
    one, other = (next(iter(kind.passages())).cell for kind in kinds[1:3])
    np.testing.assert_array_equal(one.weight_hh, other.weight_hh)  # the biases are all that differs
    np.testing.assert_array_equal(one.weight_ih, other.weight_ih)
    assert spectral_radius(next(iter(kinds[0].passages())).cell.weight_hh) == pytest.approx(0.9)


WRONG = [
    ({"steps": 0}, "steps"), ({"steps": -1}, "steps"), ({"steps": 10**9}, "steps"),
    ({"hidden": 0}, "hidden"), ({"hidden": 100_000}, "hidden"), ({"radius": -0.1}, "radius"),
    ({"radius": math.nan}, "radius"), ({"radius": math.inf}, "radius"),
    ({"input_scale": math.nan}, "input_scale"), ({"input_scale": -1.0}, "input_scale"),
    ({"seed": -1}, "seed"), ({"seeds": 0}, "seeds"), ({"seeds": 1001}, "seeds"),
    ({"seeds": 1000, "hidden": 512}, "seeds"), ({"init": "zeros"}, "init"), ({"activation": "id"}, "activation"),
    ({"cells": ("elman",)}, "cells"), ({"cells": ()}, "cells"), ({"forget_biases": ()}, "forget_biases"),
    ({"forget_biases": (math.nan,)}, "forget_biases"), ({"forget_biases": ("much",)}, "forget_biases"),
    ({"thresholds": (0.0, 10.0)}, "thresholds"), ({"thresholds": (2.0, 3.0)}, "thresholds"),
    ({"thresholds": (1e-3, math.nan)}, "thresholds"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "parameter"), WRONG, ids=str)
def test_levers_that_make_no_sense_are_refused_by_name(values: dict[str, object], parameter: str) -> None:
    with pytest.raises(UsageError, match=f"^{parameter}: ") as error:
        Levers(**values)  # type: ignore[arg-type]
    assert error.value.parameter == parameter


@pytest.mark.parametrize("length", [0.0, -1.0, math.nan, math.inf])
def test_a_length_to_clip_to_is_above_nothing(length: float) -> None:
    with pytest.raises(UsageError, match=r"^clip: "):
        gradients_report(Levers(steps=2, hidden=2), clip=length)


def small(**values: object) -> GradientsReport:
    return gradients_report(Levers(**{"hidden": 6, "steps": 60, **values}))  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_report_and_another_seed_another() -> None:
    assert small(seed=4) == small(seed=4)
    assert small(seed=4) != small(seed=5)


def test_verdict_and_horizon_belong_to_the_curve() -> None:
    for network in [*small().networks, *gradients_report(Levers(), explode=True).networks]:
        sizes = [size if size is not None else -math.inf for size in network.total_log10]
        assert network.horizon == next((n for n, size in enumerate(sizes, 1) if size < -3), None)
        assert network.exploded_at == next((n for n, size in enumerate(sizes, 1) if size > 3), None)
        expected = "vanished" if sizes[-1] < -3 else "exploded" if sizes[-1] > 3 else "alive"
        assert network.verdict == expected


def test_other_thresholds_give_other_verdicts() -> None:
    strict, lax = small(thresholds=(0.5, 2.0)).networks[0], small(thresholds=(1e-200, 1e200)).networks[0]
    assert (strict.verdict, lax.verdict) == ("vanished", "alive")
    assert lax.horizon is None


def test_many_seeds_have_the_medians_and_quartiles_of_single_ones() -> None:
    many = small(seeds=5, seed=2).networks
    alone = [small(seed=seed).networks for seed in range(2, 7)]
    for place, network in enumerate(many):
        sizes = np.array([networks[place].total_log10 for networks in alone])
        for found, share in ((network.lower_log10, 0.25), (network.total_log10, 0.5), (network.upper_log10, 0.75)):
            np.testing.assert_allclose(np.array(found, float), np.quantile(sizes, share, axis=0), atol=1e-10)
        rates = [networks[place].growth_rate for networks in alone]
        assert network.growth_rate == pytest.approx(float(np.median(np.array(rates, float))), abs=1e-10)


def test_the_exploding_network_explodes_and_the_other_vanishes() -> None:
    found = gradients_report(Levers(), explode=True, clip=1.0).networks
    assert [network.verdict for network in found] == ["vanished", "exploded"]
    clipped = found[1].clipped
    assert clipped is not None
    assert clipped.length_log10 is not None
    assert clipped.length_log10 + clipped.factor_log10 == pytest.approx(0)


def test_a_singular_value_below_one_does_vanish() -> None:
    """What the page says suffices: the bound holds at every step."""
    network = small(cells=("rnn",), init="orthogonal", radius=0.8).networks[0]
    bound = math.log10(network.largest_singular_value)
    for step, size in enumerate(network.total_log10, 1):
        assert size is not None
        assert size <= step * bound + 1e-9


def test_progress_rises_from_nothing_to_all() -> None:
    heard: list[tuple[str, float]] = []
    gradients_report(Levers(steps=600, hidden=2), watch=lambda label, share: heard.append((label, share)))
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert list(dict.fromkeys(label for label, _ in heard)) == ["LSTM +1", "LSTM chrono", "GRU", "RNN"]  # longest first


@pytest.fixture(scope="module")
def rnn_map() -> object:
    return maps_report(Levers(steps=40, hidden=4, cells=("rnn",)), processes=1).maps[0]


def test_a_map_has_the_figures_of_single_networks(rnn_map: object) -> None:
    from lstm_ascii.reports.gradients.maps import GradientMap, Strip, measure

    assert isinstance(rnn_map, GradientMap)
    levers, axes = Levers(steps=40, hidden=4, cells=("rnn",)), AXES["rnn"]
    assert (rnn_map.x, rnn_map.y) == (axes.others, axes.weights)
    for row, column in ((0, 0), (5, 20), (15, 29)):
        horizon, total, growth = measure(Strip(levers, "rnn", axes.weights[row], (axes.others[column],)))[:, 0]
        assert rnn_map.horizon[row][column] == (None if np.isnan(horizon) else int(horizon))
        assert rnn_map.total_log10[row][column] == pytest.approx(total, abs=1e-9)
        assert rnn_map.growth_rate[row][column] == pytest.approx(growth, abs=1e-9)


def test_a_map_shows_order_at_small_radii_and_chaos_at_large_ones(rnn_map: object) -> None:
    from lstm_ascii.reports.gradients.maps import GradientMap

    assert isinstance(rnn_map, GradientMap)
    assert all(rate is not None and rate < 0 for rate in rnn_map.growth_rate[0])
    reach = [row[0] or math.inf for row in rnn_map.horizon[:4]]
    assert reach == sorted(reach)


def test_the_forget_bias_of_a_map_is_that_of_a_network() -> None:
    from lstm_ascii.reports.gradients.maps import Strip, measure

    levers = Levers(steps=60, hidden=4, input_scale=0.0)
    horizon, total, growth = measure(Strip(levers, "lstm", 0.0, (-1.0, 2.0)))
    for place, bias in enumerate((-1.0, 2.0)):
        rate = -math.log1p(math.exp(-bias))
        assert growth[place] == pytest.approx(rate)
        assert total[place] == pytest.approx(60 * rate / math.log(10))
    assert horizon[0] == math.ceil(-3 * math.log(10) / -math.log1p(math.exp(1)))
    assert horizon[1] == math.ceil(-3 * math.log(10) / -math.log1p(math.exp(-2)))


def test_maps_that_would_take_too_long_are_refused() -> None:
    for values in ({"steps": 5000}, {"hidden": 400}, {"cells": ("gru",)}):
        with pytest.raises(UsageError) as error:
            maps_report(Levers(**{"cells": ("rnn",), **values}))  # type: ignore[arg-type]
        assert [error.value.parameter] == list(values)
