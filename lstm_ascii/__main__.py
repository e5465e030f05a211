"""``python -m lstm_ascii`` and the ``lstm-ascii`` command."""

import os
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    # The matrices are small: more threads only make the start slower and the process larger.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from lstm_ascii.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
