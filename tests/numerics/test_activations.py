"""The functions of the sums: values, slopes, ends, spellings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lstm_ascii.cells.activations import FORMULAS, ClippedActivation
from lstm_ascii.cells.variants import Activation, ActivationError
from tests.numerics.complex_step import complex_step

KINKS = {"relu": [0.0], "leaky_relu": [0.0], "elu": [0.0], "selu": [0.0], "softsign": [0.0]}
numbers = st.floats(0.05, 3)


def kinks(one: Activation) -> list[float]:
    """Return where a function's slope jumps."""
    if one.name == "hard_sigmoid":
        return [-one.beta / one.alpha, (1 - one.beta) / one.alpha]
    return [one.alpha] if one.name == "thresholded_relu" else KINKS.get(one.name, [])


@pytest.mark.parametrize("name", FORMULAS)
@given(a=st.floats(-30, 30), alpha=numbers, beta=numbers, clip=st.none() | st.floats(0.1, 20))
def test_the_slope_is_the_derivative(name: str, a: float, alpha: float, beta: float, clip: float | None) -> None:
    one = Activation(name, alpha, beta)
    ends = [] if clip is None else [clip, -clip]
    assume(all(abs(a - kink) > 1e-6 for kink in [*kinks(one), *ends]))
    bounded = a if clip is None else min(max(a, -clip), clip)
    assume(all(abs(bounded - kink) > 1e-6 for kink in kinks(one)))
    squash = ClippedActivation(one, clip)
    expected = complex_step(lambda value: squash(value), np.array(a))
    rounding = 1e-15 * (1 + abs(alpha) * (1 + abs(beta)))  # 1 − tanh² is known to so much, where tanh is nearly flat
    np.testing.assert_allclose(squash.slope(np.array([a]))[0], expected, rtol=1e-10, atol=rounding)


@pytest.mark.parametrize(
    ("one", "values"),  # of -2, -0.25, 0, 0.5, 4
    [
        (Activation("sigmoid"), [0.1192029220, 0.4378234991, 0.5, 0.6224593312, 0.9820137900]),
        (Activation("tanh"), [-0.9640275801, -0.2449186624, 0, 0.4621171573, 0.9993292997]),
        (Activation("relu"), [0, 0, 0, 0.5, 4]),
        (Activation.named("HardSigmoid"), [0.1, 0.45, 0.5, 0.6, 1]),
        (Activation.named("hard_sigmoid", 1 / 6, 0.5), [1 / 6, 11 / 24, 0.5, 7 / 12, 1]),
        (Activation.named("Affine", 2.0, -1.0), [-5, -1.5, -1, 0, 7]),
        (Activation.named("LeakyRelu", 0.1), [-0.2, -0.025, 0, 0.5, 4]),
        (Activation.named("ThresholdedRelu", 0.5), [0, 0, 0, 0, 4]),
        (Activation.named("ScaledTanh", 2.0, 0.5), [-1.5231883119, -0.2487060035, 0, 0.4898373248, 1.9280551602]),
        (Activation.named("Elu", 2.0), [-1.7293294335, -0.4423984338, 0, 0.5, 4]),
        (Activation.named("Softsign"), [-2 / 3, -0.2, 0, 1 / 3, 0.8]),
        (Activation.named("Softplus"), [0.1269280110, 0.5759394199, 0.6931471806, 0.9740769842, 4.0181499279]),
        (Activation.named("selu"), [-1.5201664686, -0.3888901975, 0, 0.5253504937, 4.2028039494]),
        (Activation.named("swish"), [-0.2384058440, -0.1094558748, 0, 0.3112296656, 3.9280551602]),
        (Activation.named("gelu"), [-0.0455002639, -0.1003234186, 0, 0.3457312306, 3.9998733150]),
        (Activation.named("linear"), [-2, -0.25, 0, 0.5, 4]),
    ],
)
def test_values_that_we_know(one: Activation, values: list[float]) -> None:
    np.testing.assert_allclose(one(np.array([-2, -0.25, 0, 0.5, 4])), values, rtol=1e-9)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_sums_give_finite_numbers_of_their_own_precision_without_a_warning(name: str, dtype: str) -> None:
    a = np.array([1e4, -1e4, 1e30, -1e30, 0.0], dtype)
    one = Activation(name, 0.3, 0.7)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for value in (one(a), one.slope(a), ClippedActivation(one, 2.0)(a), ClippedActivation(one, 2.0).slope(a)):
            assert np.isfinite(value).all()
            assert value.dtype == dtype
            assert value.shape == a.shape


def test_the_slope_of_gelu_is_the_derivative_by_differences_as_well() -> None:
    """Its complex steps lean on the slope that they are to test."""
    one, a = Activation("gelu"), np.linspace(-5, 5, 41)
    np.testing.assert_allclose(one.slope(a), (one(a + 1e-5) - one(a - 1e-5)) / 2e-5, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("spelling", ["HardSigmoid", "hard_sigmoid", "HARDSIGMOID", "hardsigmoid"])
def test_spellings_of_other_frameworks_are_understood(spelling: str) -> None:
    assert Activation.named(spelling) == Activation("hard_sigmoid", 0.2, 0.5)
    assert Activation.named(spelling, 0.3) == Activation("hard_sigmoid", 0.3, 0.5)


def test_numbers_that_a_function_has_not_are_left_aside() -> None:
    assert Activation.named("Tanh", 0.0, 0.0) == Activation("tanh")
    assert Activation.named("LeakyRelu", 0.1, 0.9) == Activation("leaky_relu", 0.1)


@pytest.mark.parametrize("name", ["mish", "", "tan\x1b[31mh"])
def test_an_unknown_function_is_named_with_those_that_there_are(name: str) -> None:
    for make in (Activation, Activation.named):
        with pytest.raises(ActivationError, match="activation: expected one of sigmoid, tanh, relu") as error:
            make(name)
        assert "\x1b" not in str(error.value)


def test_a_bound_is_met_from_both_sides() -> None:
    bounded = ClippedActivation(Activation("linear"), 1.5)
    np.testing.assert_array_equal(bounded(np.array([-9.0, -1.0, 2.0])), [-1.5, -1.0, 1.5])
    np.testing.assert_array_equal(bounded.slope(np.array([-9.0, -1.0, 2.0])), [0, 1, 0])
