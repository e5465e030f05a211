"""Thresholds that are used by more than one analysis, report or page.

Those of a single rule stand where the rule is; ``doctor`` has its own in
:class:`~lstm_ascii.reports.doctor.findings.Limits`, whose defaults are these where there are such.
"""

from __future__ import annotations

# Of a gradient, what is left of it against where it starts.
VANISHED_BELOW = 1e-3
EXPLODED_ABOVE = 1e3
EXPLODING_FOLD = 10.0  # a gradient of the weights so many times as long as the middle of those before it
VANISHED_BELOW_LOG10 = -3.0
GROWN_ABOVE_LOG10 = 0.176  # 1.5-fold: from there on it is said to have grown, and growth is no health
ALMOST_NOTHING_LOG10 = -2.0  # a hundredth: what a right answer is surprising with

# Of a gate: Karpathy, Johnson & Li (2015) call it open above the one and closed below the other.
OPEN = 0.9
CLOSED = 0.1

PARTED = 0.1  # a gate or state of two networks that differs by so much: they do something else there
HOLDS = 0.5  # a label whose probability is as large is taken to hold

WRITTEN = 0.5  # from this input gate on a unit is written

# Of a tanh, by its absolute value.
SATURATED_TANH = 0.9  # it passes on less than a fifth of an error: 1 − 0.9² = 0.19
FLAT_TANH = 0.99  # it passes on less than a fiftieth: 1 − 0.99² = 0.0199
SATURATED_SLOPE = 1 - SATURATED_TANH**2  # the same for activations other than tanh

SMALLEST_SHARE = 0.005  # shares of the memory below this are added up in one figure
NEGLIGIBLE = 0.1  # a swap that moves the log-odds by less decides nothing
CARRIES = 0.5  # a unit that does so much of what the swap does carries it

NEAR_ONE = 0.9  # a gate above it counts as near 1
OFTEN = 0.5  # what holds of more than this share of values holds often
GUESSING = 0.5  # the share of right answers between two words that guessing gives
ENOUGH_STEPS = 1000  # of fewer training steps it is not said that a network can't learn a gap
