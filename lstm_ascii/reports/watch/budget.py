"""When to measure a training: often enough, but never for more than a share of its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lstm_ascii.reports.doctor.findings import Limits
from lstm_ascii.reports.watch.measuring import NOT_YET, Layer, described, measured
from lstm_ascii.reports.watch.records import FORMAT, VERSION, Lines

SHARE = 0.05  # of the training's time
MARGIN = 0.8  # of that share is planned with: a report may take longer than the one before
SLOWER = 10  # times as long as all else take radius and horizon of a layer, as long as nobody knows better


class Budget:
    """Keeps the time that watching takes below a share of all time."""

    def __init__(self, share: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin to count.

        Args:
            share: of the time that may be spent.
            clock: seconds.
        """
        self._share, self._clock, self.began = share, clock, clock()
        self.spent = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self.began

    @property
    def used(self) -> float:
        """The share of the time that was spent."""
        return self.spent / max(self.elapsed, 1e-9)

    @property
    def unlimited(self) -> bool:
        """Whether watching may take all the time that it wants."""
        return self._share >= 1

    def allows(self, seconds: float) -> bool:
        """Tell whether so much more may be spent now."""
        return self.unlimited or self.spent + seconds <= MARGIN * self._share * self.elapsed

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time that a block takes."""
        begun = self._clock()
        try:
            yield
        finally:
            self.spent += self._clock() - begun


class Recorder:
    """Writes what is measured of layers to a file, as often as the budget allows.

    Attributes:
        step: of the training, the last that was told.
        every: steps between two reports at least.
        reports: how many were written.
    """

    def __init__(
        self, path: Path, every: int, share: float = SHARE, limits: Limits | None = None, step: int = 0
    ) -> None:
        """Open the file.

        Args:
            path: of it.
            every: steps between two reports at least.
            share: of the time that watching may take.
            limits: that findings go by.
            step: that a training goes on from.

        Raises:
            FileError: it can't be written, or is something else.
        """
        self.budget = Budget(share)
        self.step, self.every, self.reports = step, every, 0
        self._limits = limits or Limits()
        self._lines = Lines(path)
        self._waits = False  # a report that the budget put off
        self._costs = {"quick": 0.0, "slow": 0.0}
        self._slow: dict[str, Mapping[str, Any]] = {}
        self._turn = 0  # of the layers: one of them a report is measured in what takes long
        self._has_head = False

    def is_due(self, step: int) -> bool:
        """Tell whether a report is to be made at a step; what the budget puts off comes as soon as it can."""
        self._waits |= step % self.every == 0
        return self._waits and self.budget.allows(self._costs["quick"])

    def report(self, layers: list[Layer], loss: float | None) -> None:
        """Measure layers, and write a line."""
        self._waits, slowly = False, ""
        began, quick = self.budget.elapsed, self._costs["quick"]
        slow = self._costs["slow"] or SLOWER * quick
        with self.budget.spending():
            if not self._has_head:
                self._lines.write({"format": FORMAT, "version": VERSION, "every": self.every,
                                   "layers": [described(layer) for layer in layers]})  # fmt: skip
                self._has_head = True
            if layers and (self.reports or self.budget.unlimited) and self.budget.allows(quick + slow):
                slowly = layers[self._turn % len(layers)].name
                self._turn += 1
            lines = {}
            for layer in layers:
                known = None if layer.name == slowly else self._slow.get(layer.name, NOT_YET)
                lines[layer.name], self._slow[layer.name] = measured(layer, self._limits, known)
            self._lines.write({"step": self.step, "seconds": round(self.budget.elapsed, 3), "loss": loss,
                               "cost": self.budget.used, "layers": lines})  # fmt: skip
        self.reports += 1
        cost = self.budget.elapsed - began
        self._costs |= {"slow": max(0.0, cost - quick)} if slowly else {"quick": cost}

    def close(self) -> None:
        """Say that the training is over, and close the file."""
        if self._has_head:
            self._lines.write({"ended": True, "step": self.step, "cost": self.budget.used})
        self._lines.close()
