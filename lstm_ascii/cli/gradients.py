"""``lstm-ascii gradients``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError

if TYPE_CHECKING:
    from lstm_ascii.reports.gradients import GradientsReport, Watch
    from lstm_ascii.reports.levers import Levers

LEVERS = {
    "--steps": "steps",
    "--hidden": "hidden",
    "--spectral-radius": "radius",
    "--init": "init",
    "--activation": "activation",
    "--input-scale": "input_scale",
    "--seed": "seed",
    "--seeds": "seeds",
}
EXAMPLE = (
    "Examples: lstm-ascii gradients --steps 50; lstm-ascii gradients --explode --clip; "
    'lstm-ascii gradients --map; lstm-ascii gradients "The cat that chased the mice was hungry."'
)

Sentence = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SENTENCE]", help="Trained networks along these words, in place of random ones."),
]
Steps = Annotated[int | None, typer.Option("--steps", metavar="N", help="Steps to look back over (50).")]
Hidden = Annotated[int | None, typer.Option("--hidden", metavar="H", help="Units of each network (32).")]
Radius = Annotated[
    float | None,
    typer.Option(
        "--spectral-radius",
        metavar="R",
        help="Scale the recurrent weights of every gate to this spectral radius; by default only the RNN's, to 0.9, "
        "where --init isn't given either.",
    ),
]
Init = Annotated[
    str,
    typer.Option(
        "--init", metavar="NAME", show_default=False, help="Recurrent weights: uniform, orthogonal, identity, xavier."
    ),
]
Activation = Annotated[
    str, typer.Option("--activation", metavar="NAME", show_default=False, help="Of the RNN: tanh or relu.")
]
ForgetBias = Annotated[
    str,
    typer.Option(
        "--forget-bias",
        metavar="X",
        show_default=False,
        help="Of the LSTM: a number, or chrono: set for this many steps; several with commas are as many LSTMs "
        "(1,chrono).",
    ),
]
Scale = Annotated[
    float | None, typer.Option("--input-scale", metavar="S", help="Standard deviation of the inputs (1).")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Of the random numbers (0).")]
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="N networks of each kind in one batch: median and quartiles."),
]
Thresholds = Annotated[
    str,
    typer.Option("--thresholds", metavar="LOW,HIGH", help="Sizes below and above which it has vanished and exploded."),
]
Explode = Annotated[bool, typer.Option("--explode", help="Two RNNs: vanishing against exploding, side by side.")]
Clip = Annotated[bool, typer.Option("--clip", help="Show what clipping the gradient's length does.")]
ClipTo = Annotated[
    float | None, typer.Option("--clip-to", metavar="C", help="Clip to this length (1); implies --clip.")
]
Map = Annotated[
    bool,
    typer.Option(
        "--map",
        help="A map of the horizon: spectral radius by input scale for the RNN, forget bias by recurrent scale for "
        "the LSTM.",
    ),
]
Views = Annotated[
    str,
    typer.Option(
        "--view",
        metavar="NAMES",
        show_default=False,
        help="Sections, with commas: glance, steps, bars, measures, spectrum, clip, words.",
    ),
]


@options.answers
def gradients(
    sentence: Sentence = None,
    steps: Steps = None,
    cell: options.Cells = None,
    hidden: Hidden = None,
    spectral_radius: Radius = None,
    init: Init = "",
    activation: Activation = "",
    forget_bias: ForgetBias = "",
    input_scale: Scale = None,
    seed: Seed = None,
    seeds: Seeds = None,
    thresholds: Thresholds = "0.001,1000",
    explode: Explode = False,
    clip: Clip = False,
    clip_to: ClipTo = None,
    map_: Map = False,
    view: Views = "",
    model: options.Model = "",
    *,
    output: Output,
) -> None:
    """Show how a gradient travels back through an RNN, an LSTM and a GRU: vanishing, exploding or alive."""
    cells, views = options.cells_of(cell), options.listed(view)
    clip_length = (1.0 if clip_to is None else clip_to) if clip or clip_to is not None or "clip" in views else None
    turned = {
        "--steps": steps, "--hidden": hidden, "--spectral-radius": spectral_radius, "--init": init or None,
        "--activation": activation or None, "--forget-bias": forget_bias or None, "--input-scale": input_scale,
        "--seed": seed, "--seeds": seeds, "--explode": explode or None, "--map": map_ or None,
    }  # fmt: skip
    given = {name: value for name, value in turned.items() if value is not None}
    if map_:
        asked = {
            "--explode": explode, "--clip": clip_length is not None, "--view": view, "--seeds": seeds is not None,
            "a sentence": sentence, "--model": model,
        }  # fmt: skip
        _refuse_beside_a_map([name for name, value in asked.items() if value], given)
        _show_map(output, cells, given, thresholds)
        return
    if explode and (forget_bias or cell):
        raise UsageError("--explode: compares two RNNs; it takes no --cell and no --forget-bias")

    from lstm_ascii.render.gradients.page import SECTIONS, GradientsPage

    for name in views:
        if name not in SECTIONS:
            raise UsageError(f"--view: expected {', '.join(SECTIONS)}, got {name}")
    spectrum = "spectrum" in views
    with watching(output) as watch:
        if sentence or model:
            report = _along_words(
                " ".join(sentence or ()), cells, model, given, _pair(thresholds), clip_length, spectrum
            )
        else:
            report = _through_random(given, cells, thresholds, explode, clip_length, spectrum, watch)
    output.show(report, lambda shown, _: GradientsPage(shown, views))


def _through_random(
    given: dict[str, Any],
    cells: tuple[str, ...],
    thresholds: str,
    explode: bool,
    clip: float | None,
    spectrum: bool,
    watch: Watch | None,
) -> GradientsReport:
    """Measure random networks."""
    from lstm_ascii.reports.gradients import gradients_report

    return gradients_report(_levers(given, cells, thresholds), explode, clip, spectrum, watch)


def _refuse_beside_a_map(asked: list[str], given: dict[str, Any]) -> None:
    """Refuse what a map has none of, and what is on its axes."""
    for name in asked:
        raise UsageError(f"--map: leave out {name}; a map has none")
    for name in given:
        if name in ("--spectral-radius", "--input-scale", "--forget-bias"):
            raise UsageError(f"--map: {name} is on an axis of the map; leave it out")


def _levers(given: dict[str, Any], cells: tuple[str, ...], thresholds: str, **defaults: Any) -> Levers:
    """Return the levers that were given; the others stay where they are."""
    from lstm_ascii.cells import CELLS
    from lstm_ascii.reports.levers import Levers

    values = {**defaults, **{LEVERS[option]: value for option, value in given.items() if option in LEVERS}}
    if "--forget-bias" in given:
        values["forget_biases"] = tuple(map(_bias, options.listed(given["--forget-bias"])))
    return Levers(cells=cells or tuple(CELLS), thresholds=_pair(thresholds), **values)


def _bias(text: str) -> float | str:
    """Read a forget bias: a number, or a name."""
    try:
        return float(text)
    except ValueError:
        return text


def _pair(text: str) -> tuple[float, float]:
    """Read two thresholds."""
    try:
        low, high = map(float, text.split(","))
    except ValueError:
        raise UsageError(f"--thresholds: expected two numbers as LOW,HIGH, got {text}") from None
    return low, high


def _along_words(
    sentence: str,
    cells: tuple[str, ...],
    model: str,
    given: dict[str, Any],
    thresholds: tuple[float, float],
    clip: float | None,
    spectrum: bool,
) -> GradientsReport:
    """Measure trained networks along a sentence."""
    from lstm_ascii.reports.gradients import sentence_report
    from lstm_ascii.sources import Source

    if given:
        raise UsageError(f"{', '.join(given)}: of random networks; a sentence and --model are for trained ones")
    if not sentence.strip():
        raise UsageError("--model: along which words? Give a sentence, too")
    return sentence_report(sentence, cells, Source(model), thresholds, clip, spectrum)


def _show_map(output: Output, cells: tuple[str, ...], given: dict[str, Any], thresholds: str) -> None:
    """Measure and draw maps."""
    from lstm_ascii.render.gradients.maps import MapsPage
    from lstm_ascii.reports.gradient_maps import MAP_STEPS, maps_report

    levers = _levers(given, cells or ("rnn", "lstm"), thresholds,
                     **({} if "--steps" in given else {"steps": MAP_STEPS}))  # fmt: skip
    with watching(output) as watch:
        report = maps_report(levers, watch)
    output.show(report, lambda shown, _: MapsPage(shown))
