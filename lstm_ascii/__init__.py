"""See inside recurrent networks in a terminal.

>>> from lstm_ascii import explain
>>> explain("The cat was hungry.")  # draws itself in a notebook, and with rich.print
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstm_ascii.library import Explanation as Explanation
    from lstm_ascii.library import Gradients as Gradients
    from lstm_ascii.library import explain as explain
    from lstm_ascii.library import gradients as gradients
    from lstm_ascii.reports.gradients.levers import Levers as Levers

__version__ = "0.1.0"
__all__ = ["Explanation", "Gradients", "Levers", "__version__", "explain", "gradients"]


def __getattr__(name: str) -> Any:
    """Load the public names when they are asked for (PEP 562), so that ``--help`` needs no NumPy."""
    if name in __all__:
        from lstm_ascii import library

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
