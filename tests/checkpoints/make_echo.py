"""Train a small forecaster with PyTorch, for the guide and the tests, and keep it with a series that it reads.

Run ``python -m tests.checkpoints.make_echo`` where PyTorch is installed; it takes some minutes. Of two features, noise
with a pulse now and then, only the pressure matters: a pulse comes back 20 steps later, at 0.8 of its height. The
network reads the steps one by one and forecasts the next pressure, so what it needs is the 20th step before that one.
The file, in ONNX, says itself what is done with the outputs: the last one, and a dense layer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

FILES = Path(__file__).with_name("files")
LAG, ECHO, NOISE = 20, 0.8, 0.04  # steps; of a pulse; standard deviation
GAPS = (24, 40)  # steps between two pulses
READ, SURE = 60, 0.45  # steps of the table; above it is no noise
STEPS, BATCH, LENGTH, UNITS = 5000, 32, 80, 12


def series(random: np.random.Generator, count: int, length: int) -> np.ndarray:
    """Return ``count`` series of pressure and flow, ``(count, length, 2)``."""
    values = random.normal(0, NOISE, (count, length, 2))
    for row in values:
        for feature in range(2):
            place = int(random.integers(0, GAPS[1]))
            while place < length:
                height = random.uniform(0.5, 1.5) * random.choice([-1.0, 1.0])
                row[place, feature] += height
                if feature == 0 and place + LAG < length:
                    row[place + LAG, feature] += ECHO * height
                place += int(random.integers(*GAPS))
    return values


def main() -> None:
    """Train it, and write it with a series."""
    import torch

    class Forecaster(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = torch.nn.LSTM(2, UNITS, batch_first=True)
            self.dense = torch.nn.Linear(UNITS, 1)
            self.each = True

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            outputs, _ = self.lstm(x)
            return self.dense(outputs if self.each else outputs[:, -1])

    torch.manual_seed(0)
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    model = Forecaster()
    with torch.no_grad():
        model.lstm.bias_ih_l0[UNITS : 2 * UNITS] += 1.0
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, STEPS)
    for step in range(STEPS):
        drawn = torch.tensor(series(random, BATCH, LENGTH + 1), dtype=torch.float32)
        said = model(drawn[:, :-1])[..., 0]
        loss = ((said - drawn[:, 1:, 0])[:, LAG:] ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0 or step == STEPS - 1:
            print(step, round(loss.item(), 4), flush=True)
    model.each = False
    model.eval()
    torch.onnx.export(
        model, torch.zeros(1, 60, 2), FILES / "echo.onnx", input_names=["series"], output_names=["pressure"],
        dynamic_axes={"series": {0: "batch", 1: "steps"}, "pressure": {0: "batch"}}, dynamo=False,
    )  # fmt: skip
    write_table(FILES / "echo.csv")


def write_table(path: Path) -> None:
    """Write a day of a series whose only pulse that comes back stands 20 steps before the one that follows."""
    random = np.random.default_rng(1)
    while True:
        (values,) = series(random, 1, READ)
        pulses = np.flatnonzero(np.abs(values[:, 0]) > SURE)
        if pulses.tolist() == [READ - LAG]:
            break
    begin = datetime(2024, 3, 1)
    rows = [f"{begin + k * timedelta(minutes=10):%H:%M},{p:.3f},{f:.3f}" for k, (p, f) in enumerate(values)]
    path.write_text("time,pressure,flow\n" + "\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
