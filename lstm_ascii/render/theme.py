"""Named styles. Safe for colour-blind readers (after Okabe & Ito 2008), on dark and light grounds."""

from __future__ import annotations

STYLES = {
    "title": "bold",
    "number": "dim",
    "note": "dim",
    "word": "bold",
    "focus": "bold reverse",
    "unknown": "italic",
    "track": "dim",
    "box": "none",
    "gate.forget": "#d55e00",
    "gate.input": "#009e73",
    "gate.output": "#3d8fd1",
    "gate.candidate": "#b58900",
    "memory": "bold #cc79a7",
    "state": "#3d8fd1",
    "grad.alive": "bold #009e73",
    "grad.fading": "#b58900",
    "grad.vanished": "#d55e00",
    "grad.exploded": "bold #cc79a7",
    "positive": "#3d8fd1",
    "negative": "#d55e00",
}
