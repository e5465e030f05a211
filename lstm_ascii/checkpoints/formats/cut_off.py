"""A memory-mapped file that another program truncates: an error of one line instead of SIGBUS.

Python's own handlers run after the instruction that failed, which is tried again for ever. So the handler is set by
the C library and calls back at once; it writes its line and leaves. It never returns to what was interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from lstm_ascii.errors import LstmAsciiError

_STDERR = 2
_paths: list[str] = []
_kept: list[Any] = []  # the handler, which C knows only by its address


def says_when_cut_off(path: str) -> None:
    """Have the program end with one line if ``path`` is cut off while it is mapped.

    In a worker process the parent says it, by the signal that the worker ended with.

    Args:
        path: safe to print.
    """
    _paths.append(path)
    if _kept or not hasattr(signal, "SIGBUS") or _in_a_worker():
        return
    try:
        import ctypes

        handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(_leave)
        library = ctypes.CDLL(None)
        library.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
        library.signal.restype = ctypes.c_void_p
        library.signal(signal.SIGBUS, ctypes.cast(handler, ctypes.c_void_p))
    except (ImportError, OSError, AttributeError):  # a Python without ctypes, or another C library
        return
    _kept.append(handler)


def _in_a_worker() -> bool:
    """Tell whether this is a worker process."""
    multiprocessing = sys.modules.get("multiprocessing")
    return multiprocessing is not None and multiprocessing.parent_process() is not None


def _leave(_number: int) -> None:
    """Say what happened, and end the process."""
    names = ", ".join(dict.fromkeys(_paths))
    os.write(_STDERR, f"lstm-ascii: {names}: was cut off while it was read; begin again\n".encode(errors="replace"))
    os._exit(LstmAsciiError.exit_code)
