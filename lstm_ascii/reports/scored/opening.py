"""The options with which a command opens the same network again."""

from __future__ import annotations

from lstm_ascii.sources import Source


def of_source(name: str, source: Source) -> list[str]:
    """Return the options that name a network.

    Args:
        name: of one that comes with the package, as ``--cell`` takes it; empty where it comes from a file.
        source: where it comes from.
    """
    given = {
        "--cell": name,
        "--model": source.model,
        "--vocab": source.vocabulary,
        "--activation": source.activation,
        "--head": source.head,
        "--labels": source.labels,
        "--seed": source.seed,
        "--hidden": source.hidden_size,
        "--forget-bias": source.forget_bias,
    }
    options = [text for name, value in given.items() if value not in ("", None) for text in (name, str(value))]
    return [*options, *(text for role in source.roles for text in ("--map", role))]
