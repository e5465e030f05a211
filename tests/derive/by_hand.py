"""A derivation in numbers, written by hand: its picture depends on no network and no BLAS."""

from __future__ import annotations

from lstm_ascii.analysis.arithmetic import Sum, Term
from lstm_ascii.lessons.derivations import DERIVATIONS
from lstm_ascii.reports.derive import DeriveReport
from lstm_ascii.reports.expansion import Check, Expansion, Forward, Link, Slope

WORDS = ("The", "cat", "was", "hungry", ".")


def report(*topics: str) -> DeriveReport:
    """Return the report of these topics, at “cat”."""
    return DeriveReport(1, tuple(DERIVATIONS[one] for one in topics), WORDS, tuple(_expansion(one) for one in topics))


def formulas(*topics: str) -> DeriveReport:
    """Return the report of these topics without a sentence."""
    return DeriveReport(1, tuple(DERIVATIONS[one] for one in topics), (), ())


def _expansion(topic: str) -> Expansion:
    """Return one topic in numbers that were made up so that they add up."""
    forward, backward, product, chain = _parts(topic)
    cell = "RNN" if topic == "rnn" else "LSTM"
    return Expansion(topic, cell, 32, "trained on something", 2, 7, 2 if topic == "hidden" else 3, "was", "were",
                     forward, backward, product, chain)  # fmt: skip


def _parts(topic: str) -> tuple[Forward | None, Slope | None, tuple, tuple]:
    gate = Sum(
        "a_f[7]",
        (Term((("W[7,3]", 1.5), ("x[3]", 0.8))), Term((("U[7,31]", -0.5), ("h'[31]", 0.9))), Term((("b", 1.25),))),
        61, -0.0004,
    )  # fmt: skip
    value = 0.8807523541
    if topic == "cell":
        made = Sum("C_t", (Term((("f_t", 0.9), ("C_t-1", -1.5))), Term((("i_t", 0.5), ("g_t", 0.25)))))
        back = Sum("∂L/∂C_t", (Term((("∂L/∂C_t+1", 2.0), ("f_t+1", 0.98))), Term((("∂L/∂h_t", 0.5), ("o_t", 0.5)))))
        product = tuple((unit, 0.1 * unit, 1.0 - 0.5 * unit, 0.1 * unit * (1 - 0.5 * unit)) for unit in range(5, 10))
        return Forward(made, "", Check(-1.225, -1.225)), Slope(back, Check(2.21, 2.21)), product, ()
    if topic == "bptt":
        back = Sum("∂L/∂C_t", (Term((("∂L/∂h_t", 0.5), ("o_t", 0.5))),))
        chain = (Link(3, "was", 0.9, 1.0, -1.25), Link(2, "cat", 0.98, 0.9, -1.0), Link(1, "The", 0.01, 0.882, 0.002))
        return None, Slope(back, Check(0.25, 0.26)), (), chain
    if topic == "rnn":
        chain = (Link(3, "was", 0.9, None, 2.5), Link(2, "cat", 0.25, None, 0.5), Link(1, "The", 0.5, None, 0.001))
        back = Sum("∂L/∂a", (Term((("∂L/∂h_t", 2.0), ("(1 − h_t²)", 0.25))),))
        return Forward(gate, "tanh", Check(0.964, 0.964)), Slope(back, Check(0.5, 0.5)), (), chain
    return Forward(gate, "sigmoid", Check(value, value)), None, (), ()
