"""See inside recurrent networks in a terminal.

>>> from lstm_ascii import explain
>>> explain("The cat was hungry.")  # draws itself in a notebook, and with rich.print
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstm_ascii.library import Explanation as Explanation
    from lstm_ascii.library import explain as explain

__version__ = "0.1.0"
__all__ = ["Explanation", "__version__", "explain"]


def __getattr__(name: str) -> Any:
    """Load the public names when they are asked for (PEP 562), so that ``--help`` needs no NumPy."""
    if name in ("explain", "Explanation"):
        from lstm_ascii import library

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
