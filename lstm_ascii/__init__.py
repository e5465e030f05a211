"""See inside recurrent networks in a terminal.

>>> from lstm_ascii import explain
>>> explain("The cat was hungry.", cells=("gru",))  # draws itself in a notebook, and with print
<Explanation of 'The cat was hungry .' by GRU>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstm_ascii.library.compare import Compared as Compared
    from lstm_ascii.library.compare import compare as compare
    from lstm_ascii.library.diff import Difference as Difference
    from lstm_ascii.library.diff import diff as diff
    from lstm_ascii.library.doctor import Diagnosis as Diagnosis
    from lstm_ascii.library.doctor import doctor as doctor
    from lstm_ascii.library.explain import Explanation as Explanation
    from lstm_ascii.library.explain import explain as explain
    from lstm_ascii.library.generate import Generated as Generated
    from lstm_ascii.library.generate import generate as generate
    from lstm_ascii.library.gradients import Gradients as Gradients
    from lstm_ascii.library.gradients import gradients as gradients
    from lstm_ascii.library.models import Model as Model
    from lstm_ascii.library.models import open_model as open_model
    from lstm_ascii.library.paint import Painting as Painting
    from lstm_ascii.library.paint import paint as paint
    from lstm_ascii.library.profile import Profile as Profile
    from lstm_ascii.library.profile import profile as profile
    from lstm_ascii.live.look import look as look
    from lstm_ascii.live.results import Look as Look
    from lstm_ascii.live.watch import Watch as Watch
    from lstm_ascii.live.watch import watch as watch
    from lstm_ascii.reports.gradients.levers import Levers as Levers
    from lstm_ascii.sources import Source as Source

__version__ = "0.1.0"
_PUBLIC = {  # names by their modules
    "library.compare": ("Compared", "compare"),
    "library.diff": ("Difference", "diff"),
    "library.doctor": ("Diagnosis", "doctor"),
    "library.explain": ("Explanation", "explain"),
    "library.generate": ("Generated", "generate"),
    "library.gradients": ("Gradients", "gradients"),
    "library.models": ("Model", "open_model"),
    "library.paint": ("Painting", "paint"),
    "library.profile": ("Profile", "profile"),
    "live.look": ("look",),
    "live.results": ("Look",),
    "live.watch": ("Watch", "watch"),
    "reports.gradients.levers": ("Levers",),
    "sources": ("Source",),
}
_MODULES = {name: module for module, names in _PUBLIC.items() for name in names}
__all__ = ["__version__", *_MODULES]


def __getattr__(name: str) -> Any:
    """Load the public names when they are asked for (PEP 562), so that ``--help`` needs no NumPy."""
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name what there is, for completion."""
    return sorted(__all__)
