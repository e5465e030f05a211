"""Write ``pytorch_values.npz``: run as ``python -m tests.numerics.make_pytorch_values`` with torch==2.13.0 (CPU).

The file holds the problems as well as PyTorch's values, so it depends on nobody's random streams. Running this again
writes the same values.
"""

from __future__ import annotations

import numpy as np
import torch

from tests.numerics.drawn import KINDS_OF_PYTORCH, STORED, cell_problem, stack_problem
from tests.numerics.pytorch_oracle import cell_values, stack_values


def main() -> None:
    """Draw the problems, ask PyTorch, write the file."""
    torch.set_num_threads(1)
    cases = {}
    for number, kind in enumerate(KINDS_OF_PYTORCH):
        given = cell_problem(kind, 100 * (number + 1))
        cases[kind] = given, cell_values(kind, given)
    given = stack_problem(900)
    cases["stack"] = given, stack_values(given)
    arrays = {f"{case}/given/{name}": value for case, (given, _) in cases.items() for name, value in given.items()}
    arrays |= {f"{case}/found/{name}": value for case, (_, found) in cases.items() for name, value in found.items()}
    np.savez_compressed(STORED, **arrays)  # type: ignore[arg-type]
    print(f"{STORED.name}: {len(arrays)} arrays, {STORED.stat().st_size} bytes, by PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
