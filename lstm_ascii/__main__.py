"""``python -m lstm_ascii`` and the ``lstm-ascii`` command."""

import gc
import os
import sys
from contextlib import suppress

LIVING = 100_000  # objects; to look for garbage among what was just imported costs more than drawing the page


def main() -> None:
    """Run the command line and leave with its exit code."""
    # The matrices are small: more threads only make the start slower and the process larger.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(LIVING)
    try:
        from lstm_ascii.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while it was still being loaded
        from lstm_ascii.errors import INTERRUPTED

        code = INTERRUPTED
    leave(code)


def leave(code: int) -> None:
    """Leave with an exit code, at once where nothing is left to be tidied up.

    Taking the interpreter apart would cost more time than drawing the page. Where worker processes were
    used, Python tidies up after them.
    """
    if "multiprocessing" in sys.modules:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
