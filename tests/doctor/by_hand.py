"""A report of ``doctor`` written by hand."""

from __future__ import annotations

from dataclasses import replace

from lstm_ascii.reports.doctor.findings import Finding, Limits
from lstm_ascii.reports.doctor.report import DoctorReport, TextSummary
from lstm_ascii.reports.doctor.units import UnitsMeasured
from lstm_ascii.reports.doctor.weights import LayerMeasures


def report(sick: bool = True, text: bool = True) -> DoctorReport:
    """Return the report of a network of two layers."""
    layers = (
        LayerMeasures("layer 1, forward", "LSTM", 200, 650, (0.02, -0.1, 0.12), 1.234, 2.5),
        LayerMeasures("layer 1, backward", "LSTM", 200, 650, (1.0, 0.9, 1.1), 0.9, 1.5),
        LayerMeasures("layer 2", "RNN", 1300, 650, None, None, None),
    )
    units = (
        UnitsMeasured("layer 1, forward", 0.52, 0.48, 0.5, 0.012, 0.3, 0.0, 3.25, 12, (8, 40)),
        UnitsMeasured("layer 1, backward", 0.75, 0.4, 0.55, 0.25, 0.004, 0.1, 12345.0, None, (8, 40)),
        UnitsMeasured("layer 2", None, None, None, None, None, 0.62, 1.0, 3, (8, 40)),
    )
    listened = TextSummary("corpus.txt", 1234, 1234, 128, 56789, 321, 0, 0.42, units) if text else None
    return DoctorReport(1, "models/big.safetensors", "big.safetensors; tanh assumed", 45_123_456, layers, listened,
                        FINDINGS if sick else (), Limits())  # fmt: skip


FINDINGS = (
    Finding("error", "not-a-number", "weights that are no numbers", "rnn.weight_hh_l0", "3 of 1,690,000 values are NaN "
            "or infinite", "everything that they touch becomes NaN", "go back to an earlier checkpoint",
            "Pascanu et al. 2013", 3),
    Finding("warning", "short-horizon", "the gradient vanishes after a few words", "layer 2",
            "below 0.001 after 3 words, the middle of 8 lines of 40 words; limit 10 words",
            "what stands farther back can't be learnt",
            "a gated cell in place of an RNN", "Bengio et al. 1994"),
    Finding("note", "two-biases", "the forget gate has two biases, and both are set", "layer 1, backward",
            "bias_ih +0.50 and bias_hh +0.50 add up to +1.00; limit +0.5 each", "it counts twice", "set it in one"),
)  # fmt: skip


def report_of_few_words() -> DoctorReport:
    """Return the report of a network whose states are no numbers, on a text of a few words."""
    units = (UnitsMeasured("layer 1", None, None, None, None, None, None, None, None, (0, 0)),)
    layers = (LayerMeasures("layer 1", "LSTM", 12, 16, (-0.001, -0.1, 0.12), None, None),)
    return replace(
        report(), layers=layers, findings=FINDINGS[:1], listened=TextSummary("a cat", 1, 1, 128, 1, 0, 0, 0.05, units)
    )


def report_of_one_line() -> DoctorReport:
    """Return the report of a text that is a single line, too long to be read at once."""
    told = report(sick=False)
    assert told.listened
    return replace(told, listened=replace(told.listened, lines=1, pieces=56204))
