"""See inside recurrent networks in a terminal.

>>> from lstm_ascii import explain
>>> explain("The cat was hungry.", cells=("gru",))  # draws itself in a notebook, and with print
<Explanation of 'The cat was hungry .' by GRU>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstm_ascii.library import Compared as Compared
    from lstm_ascii.library import Diagnosis as Diagnosis
    from lstm_ascii.library import Difference as Difference
    from lstm_ascii.library import Explanation as Explanation
    from lstm_ascii.library import Gradients as Gradients
    from lstm_ascii.library import Look as Look
    from lstm_ascii.library import Model as Model
    from lstm_ascii.library import Watch as Watch
    from lstm_ascii.library import compare as compare
    from lstm_ascii.library import diff as diff
    from lstm_ascii.library import doctor as doctor
    from lstm_ascii.library import explain as explain
    from lstm_ascii.library import gradients as gradients
    from lstm_ascii.library import look as look
    from lstm_ascii.library import open_model as open_model
    from lstm_ascii.library import watch as watch
    from lstm_ascii.reports.gradients.levers import Levers as Levers
    from lstm_ascii.sources import Source as Source

__version__ = "0.1.0"
__all__ = [
    "Compared",
    "Diagnosis",
    "Difference",
    "Explanation",
    "Gradients",
    "Levers",
    "Look",
    "Model",
    "Source",
    "Watch",
    "__version__",
    "compare",
    "diff",
    "doctor",
    "explain",
    "gradients",
    "look",
    "open_model",
    "watch",
]


def __getattr__(name: str) -> Any:
    """Load the public names when they are asked for (PEP 562), so that ``--help`` needs no NumPy."""
    if name in __all__:
        from lstm_ascii import library

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name what there is, for completion."""
    return sorted(__all__)
