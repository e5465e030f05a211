"""Named styles. A hue means one thing on every page; whatever is no gate, memory, sign or gradient has none.

The hues were searched for: under normal vision and under each kind of colour blindness (Machado, Oliveira & Fernandes
2009) any two are at least 20 apart in CIE Lab, and on a light and on a dark ground each stands out 3 : 1. No meaning
rests on hue alone: gates are labelled, signs have shapes or sides of their own, what is left of a gradient is a length.
"""

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
    "measure": "none",  # bars and curves of shares, times, sizes
    "state": "none",
    "gate.forget": "#d02820",
    "gate.input": "#207858",
    "gate.output": "#2058f8",
    "gate.candidate": "#e07800",
    "memory": "bold #f800a8",
    "positive": "#809858",
    "negative": "#a878f8",
    "grad.alive": "bold #00a0c8",
    "grad.fading": "#00a0c8",
    "grad.vanished": "dim",
    "grad.exploded": "bold",
    "verdict.good": "bold",
    "verdict.fair": "none",
    "verdict.bad": "bold reverse",
}
