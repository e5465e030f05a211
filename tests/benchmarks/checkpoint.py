"""A large language model from a file: ``python -m tests.benchmarks.checkpoint [--quick]``.

Two layers of 650 units, 50,000 words, float32, with embedding and decoder tied (40 million parameters) or apart (72
million). The counterpart is the script that one would write instead: PyTorch loads the file, and loops over the words
and the gates.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.processes import ROOT, Side, floor, ours
from tests.benchmarks.timing import interleaved, median_ratio

WORDS, HIDDEN, LAYERS = 50_000, 650, 2
SENTENCE = "the cat that w20 w21 w22 w23 w24 w25 w26 w27 w28 w29 w30 w31 the dogs w32 was hungry"
MOST_SECONDS, MOST_OF_FILE, OF_PYTORCH = 1.2, 1.3, 0.6

MAKE = """
import sys
from pathlib import Path
import numpy as np
from lstm_ascii.checkpoints.formats.safetensors import write
folder, words, hidden, layers, tied = Path(sys.argv[1]), *map(int, sys.argv[2:6])
bits = np.random.default_rng(0)
def weights(*shape):
    return (bits.random(shape, np.float32) - 0.5) * np.float32(0.08)
tensors = {"encoder.weight": weights(words, hidden)}
for n in range(layers):
    sizes = {"weight_ih": (4 * hidden, hidden), "weight_hh": (4 * hidden, hidden)}
    sizes |= {"bias_ih": (4 * hidden,), "bias_hh": (4 * hidden,)}
    tensors |= {f"rnn.{name}_l{n}": weights(*size) for name, size in sizes.items()}
if not tied:
    tensors["decoder.weight"] = weights(words, hidden)
tensors["decoder.bias"] = weights(words)
write(folder / "model.safetensors", tensors, {})
known = "the cat cats dog dogs that was were hungry".split()
(folder / "words.txt").write_text("\\n".join([*known, *(f"w{n}" for n in range(len(known), words))]) + "\\n")
"""

BY_HAND = """
import sys
import torch
from safetensors.torch import load_file
folder, sentence = sys.argv[1:]
tensors = load_file(f"{folder}/model.safetensors")
words = {word: n for n, word in enumerate(open(f"{folder}/words.txt").read().split())}
x = tensors["encoder.weight"][[words[word] for word in sentence.split()]]
layers = 1 + max(int(name[-1]) for name in tensors if "_l" in name)
with torch.no_grad():
    for n in range(layers):
        w_ih, w_hh, b_ih, b_hh = (tensors[f"rnn.{p}_l{n}"] for p in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        h = c = torch.zeros(w_hh.shape[1])
        outputs = []
        for x_t in x:
            i, f, g, o = (w_ih @ x_t + b_ih + w_hh @ h + b_hh).chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            outputs.append(h)
            print(f"{f.mean():.3f} {i.mean():.3f} {o.mean():.3f}")
        x = torch.stack(outputs)
    decoder = tensors.get("decoder.weight", tensors["encoder.weight"])
    print((x @ decoder.T + tensors["decoder.bias"]).topk(3).indices)
"""


def figures(quick: bool) -> Iterator[Figure]:
    """Measure both files against start-up, and against the script by hand."""
    for tied in (True,) if quick else (True, False):
        with tempfile.TemporaryDirectory() as folder:
            made = [sys.executable, "-c", MAKE, folder, *map(str, (WORDS, HIDDEN, LAYERS, int(tied)))]
            subprocess.run(made, cwd=ROOT, check=True)  # noqa: S603
            yield from measured(f"{WORDS:,} words, {'tied' if tied else 'apart'}", folder, 2 if quick else 7)


def measured(name: str, folder: str, turns: int) -> Iterator[Figure]:
    """Measure one file: seconds above the start-up on the trained network, megabytes above the floor."""
    file = Path(folder) / "model.safetensors"
    megabytes = file.stat().st_size / 2**20
    model = ("--model", str(file), "--vocab", str(Path(folder) / "words.txt"))
    sides = {
        "ours": ours("explain", SENTENCE, *model, "--contrast", "was:were", piped=True),
        "start-up": ours("explain", SENTENCE, "--cell", "lstm", piped=True),
        "floor": floor(),
    }
    if importlib.util.find_spec("torch") and importlib.util.find_spec("safetensors"):
        sides["torch"] = Side(("-c", BY_HAND, folder, SENTENCE), piped=True)
    seconds = interleaved(sides, turns)
    more = statistics.median(a - b for a, b in zip(seconds["ours"], seconds["start-up"], strict=True))
    told = f"{statistics.median(seconds['ours']):.2f} s, start-up {statistics.median(seconds['start-up']):.2f} s"
    told += f", processor {statistics.median(sides['ours'].processor):.2f} s"
    yield Figure(f"{name}: more than start-up", more, "s", MOST_SECONDS, measured=f"{told}, file {megabytes:.0f} MB")
    above = sides["ours"].peak - sides["floor"].peak
    told = f"{sides['ours'].peak:.0f} MB, floor {sides['floor'].peak:.0f} MB, file {megabytes:.0f} MB"
    yield Figure(f"{name}: memory", above / megabytes, "x", MOST_OF_FILE, measured=told)
    if "torch" in sides:
        told = f"{statistics.median(seconds['torch']):.2f} s, {sides['torch'].peak:.0f} MB by hand"
        yield Figure(
            f"{name}: to PyTorch's time",
            median_ratio(seconds["ours"], seconds["torch"]),
            "x",
            OF_PYTORCH,
            measured=told,
        )


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
